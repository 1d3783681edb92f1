package domain

import (
	"errors"
	"fmt"
	"time"
)

// Fulfilment says when a paid order moves on by itself, and how long it may be returned. The zero value
// is for orders that end when they are paid.
type Fulfilment struct {
	// ShipAfter is from PLACED to IN_TRANSIT; until then the shopper may cancel.
	ShipAfter time.Duration `json:"shipAfter"`
	// DeliverAfter is from IN_TRANSIT to DELIVERED.
	DeliverAfter time.Duration `json:"deliverAfter"`
	// CompleteAfter is from DELIVERED to COMPLETED.
	CompleteAfter time.Duration `json:"completeAfter"`
	// ReturnWithin is how long after DELIVERED the shopper may return the order.
	ReturnWithin time.Duration `json:"returnWithin"`
	// ReturnAfter is from RETURNING to the refund: the goods travel back.
	ReturnAfter time.Duration `json:"returnAfter"`
}

// longestStep bounds each duration of a Fulfilment.
const longestStep = 365 * 24 * time.Hour

// Validate reports everything that is wrong, by the names of the settings.
func (f Fulfilment) Validate() error {
	var errs []error
	for _, step := range []struct {
		name string
		d    time.Duration
	}{
		{"ship-after", f.ShipAfter}, {"deliver-after", f.DeliverAfter}, {"complete-after", f.CompleteAfter},
		{"return-within", f.ReturnWithin}, {"return-after", f.ReturnAfter},
	} {
		if step.d < time.Millisecond || step.d > longestStep {
			errs = append(errs, fmt.Errorf("%s: 1ms to %s, not %s", step.name, longestStep, step.d))
		}
	}
	if f.ReturnWithin > f.CompleteAfter {
		errs = append(errs, fmt.Errorf("return-within (%s) must not be longer than complete-after (%s): a completed order is final",
			f.ReturnWithin, f.CompleteAfter))
	}
	return errors.Join(errs...)
}

// Next returns the status that follows by itself on a paid one, and how long after it the one after that follows: none after COMPLETED.
func (f Fulfilment) Next(from OrderStatus) (next OrderStatus, then time.Duration) {
	switch from {
	case StatusPlaced:
		return StatusInTransit, f.DeliverAfter
	case StatusInTransit:
		return StatusDelivered, f.CompleteAfter
	case StatusDelivered:
		return StatusCompleted, 0
	}
	return "", 0
}

// Move takes a paid order to its next status.
type Move struct {
	OrderID OrderID
	To      OrderStatus
	// Reason is kept for the order's events; empty leaves none.
	Reason string
	// NextAfter is when the order moves on by itself, counted from this move.
	NextAfter time.Duration
	// ReturnWithin is how long the order may be returned, counted from this move: the delivery.
	ReturnWithin time.Duration
	// Staff may take an order back at any time, shoppers within the window.
	Staff bool
	// Actor and Note say who moved it and why, if a member of support staff did.
	Actor, Note string
}

// Restock ends an order whose money is back, and puts its units on sale again.
type Restock struct {
	OrderID     OrderID
	Actor, Note string
}
