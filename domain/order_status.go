package domain

import "slices"

// OrderStatus is where an order stands.
type OrderStatus string

// The statuses.
const (
	Received      OrderStatus = "RECEIVED"
	Held          OrderStatus = "HELD"
	Paying        OrderStatus = "PAYING"
	Placed        OrderStatus = "PLACED"
	InTransit     OrderStatus = "IN_TRANSIT"
	Delivered     OrderStatus = "DELIVERED"
	Canceling     OrderStatus = "CANCELING"
	Returning     OrderStatus = "RETURNING"
	Completed     OrderStatus = "COMPLETED"
	Refused       OrderStatus = "REFUSED"
	Expired       OrderStatus = "EXPIRED"
	PaymentFailed OrderStatus = "PAYMENT_FAILED"
	Canceled      OrderStatus = "CANCELED"
	Returned      OrderStatus = "RETURNED"
)

// transitions is the one table of legal steps. A status without a successor is an end.
var transitions = map[OrderStatus][]OrderStatus{
	Received:      {Held, Refused, Canceled, Expired},
	Held:          {Paying, Canceled, Expired, PaymentFailed},
	Paying:        {Held, Placed, Canceled},
	Placed:        {InTransit, Canceling},
	InTransit:     {Delivered},
	Delivered:     {Completed, Returning},
	Canceling:     {Canceled},
	Returning:     {Returned},
	Completed:     nil,
	Refused:       nil,
	Expired:       nil,
	PaymentFailed: nil,
	Canceled:      nil,
	Returned:      nil,
}

// CanBecome says whether an order may go from s to next.
func (s OrderStatus) CanBecome(next OrderStatus) bool { return slices.Contains(transitions[s], next) }

// Final says whether nothing follows s.
func (s OrderStatus) Final() bool { return s.Known() && len(transitions[s]) == 0 }

// Known says whether s is a status at all.
func (s OrderStatus) Known() bool { _, ok := transitions[s]; return ok }

// Unpaid says whether an order in s holds no money of the shopper: its units may be given back.
func (s OrderStatus) Unpaid() bool { return s == Received || s == Held || s == Paying }

// Payable reports whether a payment of an order in s may begin.
func (s OrderStatus) Payable() bool { return s == Held }

// Cancelable reports whether an order in s may be canceled: nothing is paid or being paid.
func (s OrderStatus) Cancelable() bool { return s == Received || s == Held }

// Paid says whether the order's units are sold.
func (s OrderStatus) Paid() bool {
	return slices.Contains([]OrderStatus{Placed, InTransit, Delivered, Completed, Canceling, Returning}, s)
}

// GaveBack says whether an order in s has ended without keeping its units: the next shopper may have them.
func (s OrderStatus) GaveBack() bool {
	return slices.Contains([]OrderStatus{Refused, Expired, Canceled, PaymentFailed, Returned}, s)
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

// OrderStatuses lists every status, sorted.
func OrderStatuses() []OrderStatus {
	all := make([]OrderStatus, 0, len(transitions))
	for s := range transitions {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}
