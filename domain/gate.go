package domain

import "time"

// GateSeed is what the database knows of a product, for a gate that knows nothing.
type GateSeed struct {
	Product Product
	// Left is how many units may be let in: available, less what is ordered and not decided.
	Left int64
	// LastTicket is the highest ticket that any order carries.
	LastTicket int64
	// Owned is what shoppers have ordered, hold and have bought, where the product has a limit.
	Owned map[UserID]int64
}

// GateEntry asks the gate for a ticket for some units.
type GateEntry struct {
	Order    OrderID
	Product  ProductID
	User     UserID
	Quantity int
}

// GateAnswer is the gate's answer to one entry: a ticket, a refusal or an error. If all three are unset, the gate is not seeded.
type GateAnswer struct {
	Ticket  int64
	Refusal *GateRefusal
	// Err says that the gate could not be asked; its code is Unavailable.
	Err error
}

// Unseeded reports whether the gate knows nothing of the product.
func (a GateAnswer) Unseeded() bool { return a.Ticket == 0 && a.Refusal == nil && a.Err == nil }

// GateRefusal is the reason why the gate issued no ticket for one entry.
type GateRefusal struct {
	Code Code
	// OpensAt is set with NotOpenYet.
	OpensAt time.Time
}

// PendingTicket is a ticket that was issued and whose order is not known to be written yet.
type PendingTicket struct {
	Ticket   int64
	User     UserID
	Quantity int64
}

// GateSnapshot is the state of one gate at one moment.
type GateSnapshot struct {
	Left    int64
	Pending []PendingTicket
	// Limited says that the product has a limit per shopper; then Owned is each shopper's count of units.
	Limited bool
	Owned   map[UserID]int64
	// Rules are those by which the gate admits.
	Rules GateRules
	// Changes counts what has happened at the gate: a snapshot is current for as long as it stays.
	Changes int64
}

// GateRules are what a gate refuses by, beside what is left.
type GateRules struct {
	OpensAt, ClosesAt time.Time
	Limit             int
}

// Equal reports whether two gates refuse by the same rules, as exactly as Redis keeps them.
func (r GateRules) Equal(other GateRules) bool {
	return sameMoment(r.OpensAt, other.OpensAt) && sameMoment(r.ClosesAt, other.ClosesAt) && r.Limit == other.Limit
}

// sameMoment reports whether two times are the same to the millisecond, or neither is set: 1970 is none, too.
func sameMoment(a, b time.Time) bool { return max(0, a.UnixMilli()) == max(0, b.UnixMilli()) }

// GateRules are the rules of a product's gate.
func (p Product) GateRules() GateRules {
	return GateRules{OpensAt: p.OpensAt, ClosesAt: p.ClosesAt, Limit: p.LimitPerShopper}
}

// NeverOpen are the rules of the gate of a product that was deleted.
func NeverOpen() GateRules { return GateRules{ClosesAt: time.UnixMilli(1)} }

// GateCorrection is what a gate should say instead.
type GateCorrection struct {
	Left int64
	// Owned are the counts to set; a count of 0 is forgotten.
	Owned map[UserID]int64
}

// Claims is what the database knows of a product's units at one moment.
type Claims struct {
	// Unclaimed units are neither held nor sold nor wanted by an order that is not decided.
	Unclaimed int64
	// Written are those of the tickets in question that have become orders.
	Written map[int64]bool
}
