package domain

import "slices"

// OrderStatus is where an order stands.
type OrderStatus string

// The statuses.
const (
	StatusReceived      OrderStatus = "RECEIVED"
	StatusHeld          OrderStatus = "HELD"
	StatusPaying        OrderStatus = "PAYING"
	StatusPlaced        OrderStatus = "PLACED"
	StatusInTransit     OrderStatus = "IN_TRANSIT"
	StatusDelivered     OrderStatus = "DELIVERED"
	StatusCanceling     OrderStatus = "CANCELING"
	StatusReturning     OrderStatus = "RETURNING"
	StatusCompleted     OrderStatus = "COMPLETED"
	StatusRefused       OrderStatus = "REFUSED"
	StatusExpired       OrderStatus = "EXPIRED"
	StatusPaymentFailed OrderStatus = "PAYMENT_FAILED"
	StatusCanceled      OrderStatus = "CANCELED"
	StatusReturned      OrderStatus = "RETURNED"
)

// transitions is the one table of legal steps. A status without a successor is an end.
var transitions = map[OrderStatus][]OrderStatus{
	StatusReceived:      {StatusHeld, StatusRefused, StatusCanceled, StatusExpired},
	StatusHeld:          {StatusPaying, StatusCanceled, StatusExpired, StatusPaymentFailed},
	StatusPaying:        {StatusHeld, StatusPlaced, StatusCanceled},
	StatusPlaced:        {StatusInTransit, StatusCanceling},
	StatusInTransit:     {StatusDelivered, StatusReturning},
	StatusDelivered:     {StatusCompleted, StatusReturning},
	StatusCanceling:     {StatusCanceled},
	StatusReturning:     {StatusReturned},
	StatusCompleted:     nil,
	StatusRefused:       nil,
	StatusExpired:       nil,
	StatusPaymentFailed: nil,
	StatusCanceled:      nil,
	StatusReturned:      nil,
}

// CanBecome reports whether an order may go from s to next.
func (s OrderStatus) CanBecome(next OrderStatus) bool { return slices.Contains(transitions[s], next) }

// Final reports whether nothing follows s.
func (s OrderStatus) Final() bool { return s.Known() && len(transitions[s]) == 0 }

// Known reports whether s is a status at all.
func (s OrderStatus) Known() bool { _, ok := transitions[s]; return ok }

// Unpaid reports whether an order in s is neither paid nor ended. While it is PAYING the shopper may have been charged already:
// its units must not be released before the payment has an outcome.
func (s OrderStatus) Unpaid() bool {
	return s == StatusReceived || s == StatusHeld || s == StatusPaying
}

// Payable reports whether a payment of an order in s may begin.
func (s OrderStatus) Payable() bool { return s == StatusHeld }

// Cancelable reports whether an order in s may be canceled: it is not being paid, and not shipped.
func (s OrderStatus) Cancelable() bool {
	return s == StatusReceived || s == StatusHeld || s == StatusPlaced
}

// Returnable reports whether an order in s may be returned by its shopper.
func (s OrderStatus) Returnable() bool { return s == StatusDelivered }

// Reversing reports whether the money of an order in s is on its way back, and its units after it.
func (s OrderStatus) Reversing() bool { return s == StatusCanceling || s == StatusReturning }

// Revivable reports whether an order that ended in s may be placed after all, if its payment turns out to be approved: it was not its
// shopper who ended it. The table of transitions does not have this step, since for everybody else the order is over.
func (s OrderStatus) Revivable() bool { return s == StatusExpired || s == StatusPaymentFailed }

// Open reports whether an order in s still moves on: it holds units or money, or will.
func (s OrderStatus) Open() bool { return s.Known() && !s.Final() }

// Paid reports whether the order's units are sold.
func (s OrderStatus) Paid() bool {
	return slices.Contains([]OrderStatus{StatusPlaced, StatusInTransit, StatusDelivered, StatusCompleted, StatusCanceling, StatusReturning}, s)
}

// GaveBack reports whether an order in s has ended without keeping its units: the next shopper may have them.
func (s OrderStatus) GaveBack() bool {
	return slices.Contains([]OrderStatus{StatusRefused, StatusExpired, StatusCanceled, StatusPaymentFailed, StatusReturned}, s)
}

// Before lists the statuses from which s can be reached, sorted.
func (s OrderStatus) Before() []OrderStatus {
	var before []OrderStatus
	for from, to := range transitions {
		if slices.Contains(to, s) {
			before = append(before, from)
		}
	}
	slices.Sort(before)
	return before
}

// OpenStatuses lists the statuses of orders that still move on, sorted.
func OpenStatuses() []OrderStatus {
	return slices.DeleteFunc(OrderStatuses(), OrderStatus.Final)
}

// OrderStatuses lists every status, sorted.
func OrderStatuses() []OrderStatus {
	all := make([]OrderStatus, 0, len(transitions))
	for s := range transitions {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}
