package domain

import "time"

// GateSeed is what the database knows of a product, for a gate that knows nothing.
type GateSeed struct {
	Product Product
	// Left is how many units may be let in: available, less what is ordered and not decided.
	Left int64
	// LastTicket is the highest ticket that any order carries.
	LastTicket int64
	// Owned is what shoppers hold and have bought, where the product has a limit.
	Owned map[UserID]int64
}

// GateRefusal is why the gate lets nobody in.
type GateRefusal struct {
	Code Code
	// OpensAt is set with NotOpenYet.
	OpensAt time.Time
}

// GateLook is what a gate believes at one moment.
type GateLook struct {
	Left int64
	// Pending is how many units are let in and not known to be ordered yet, and Tickets are those by which they are.
	Pending int64
	Tickets []int64
	// Changes counts what has happened at the gate: a look is good for as long as it stays.
	Changes int64
}
