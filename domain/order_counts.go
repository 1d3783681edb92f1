package domain

import "time"

// OrderCount is how many orders stand in a status from which they move on.
type OrderCount struct {
	Status OrderStatus
	Count  int64
	// Oldest is when the order was made that stands there the longest; zero if there is none.
	Oldest time.Time
}

// MaxCounted bounds how many orders of a status, or with an attention, are counted: what is shown to operators as this many is that
// many or more.
const MaxCounted = 100_000
