package domain

import (
	"fmt"
	"time"
)

// ReservationStatus is where an order's claim on units stands.
type ReservationStatus string

// The statuses of a reservation.
const (
	ReservationHeld     ReservationStatus = "HELD"
	ReservationSold     ReservationStatus = "SOLD"
	ReservationReleased ReservationStatus = "RELEASED"
	ReservationReturned ReservationStatus = "RETURNED"
)

// Reservation is an order's claim on units of one product.
type Reservation struct {
	OrderID   OrderID
	ProductID ProductID
	UserID    UserID
	Quantity  int
	Status    ReservationStatus
}

// ReserveBatch asks for the units of several orders in one transaction.
type ReserveBatch struct {
	Orders []OrderID
	// Products are all that these orders want.
	Products []ProductID
	// Fences holds the fencing token of each product's lock; NoFence where the lock could not be had.
	Fences map[ProductID]int64
	// PayWithin is how long the winners have to pay.
	PayWithin time.Duration
}

// NoFence stands for "written without a lock": the writer takes the row's fence and one.
const NoFence int64 = -1

// ReserveAnswer is what became of one order of a batch: its row after the transaction.
type ReserveAnswer struct {
	Order Order
	// Changed says whether this transaction decided it; a repeated question finds it decided already.
	Changed bool
}

// StaleFenceError says that a lock's holder was overtaken: the stock row has seen a higher fencing token. Its code is Fenced.
type StaleFenceError struct {
	ProductID ProductID
	// RowFence is the token the row has seen.
	RowFence int64
}

// Error describes the overtaking, for logs.
func (e *StaleFenceError) Error() string {
	return fmt.Sprintf("the lock of %s was overtaken: the row has seen fence %d", e.ProductID, e.RowFence)
}

// Unwrap makes CodeOf answer Fenced.
func (e *StaleFenceError) Unwrap() error { return &Error{Code: CodeFenced} }
