package checkout

import (
	"fmt"

	"runrun/domain"
)

// OrderError is an error about an order, with where the order stands. Its code is that of Err.
type OrderError struct {
	Err   *domain.Error
	Order domain.Order
	// DeclineCode is the gateway's code for a declined payment.
	DeclineCode string
	// AttemptsLeft is how often the order may still be paid, after an attempt that failed.
	AttemptsLeft *int
}

// Error returns the error's text, for logs.
func (e *OrderError) Error() string { return e.Err.Error() }

// Unwrap returns the error without the order.
func (e *OrderError) Unwrap() error { return e.Err }

// stateError returns the error for a request that the order's state does not allow.
func stateError(o domain.Order, what string) error {
	text := fmt.Sprintf("the order is %s and %s", o.Status, what)
	if o.Reason != "" {
		text = fmt.Sprintf("the order is %s (%s) and %s", o.Status, o.Reason, what)
	}
	return &OrderError{Err: domain.Errorf(domain.CodeOrderState, "%s", text), Order: o}
}

// attempt is what is known of one attempt to pay an order.
type attempt struct {
	status        domain.PaymentStatus
	code, message string
}

// attemptOf returns the attempt that a workflow's answer tells of; nil if it tells of none.
func attemptOf(r domain.PaymentResult) *attempt {
	switch r.Outcome {
	case domain.OutcomePaid:
		return &attempt{status: domain.PaymentDone}
	case domain.OutcomeDeclined:
		return &attempt{domain.PaymentDeclined, r.Code, r.Message}
	case domain.OutcomeFault:
		return &attempt{status: domain.PaymentCanceled}
	}
	return nil
}

// outcome returns the result of a payment attempt: nil if the attempt paid the order, errPending if it has no outcome
// yet.
// Errors: OrderState, also if the payment was approved after the order had ended and is refunded; PaymentDeclined,
// PaymentUnavailable.
func outcome(o domain.Order, a *attempt) error {
	switch {
	case o.Status.Paid() && a != nil && a.status == domain.PaymentDone:
		return nil
	case o.Status.Paid():
		return stateError(o, "was paid already, by another payment")
	case a == nil:
		return stateError(o, "cannot be paid")
	case a.status == domain.PaymentDone:
		return stateError(o, "ended before the payment was approved; what was charged is being refunded")
	case a.status == domain.PaymentDeclined:
		return declined(o, a.code, a.message)
	case a.status == domain.PaymentCanceled:
		return notMade(o)
	}
	return errPending
}

// declined returns the error for a declined payment, with what it means for the order and what to do next.
func declined(o domain.Order, code, message string) error {
	next := "nothing was charged and the units are still held; go through the payment window again, perhaps with another card"
	if !o.Status.Unpaid() {
		next = "nothing was charged; the order has ended and its units are given back"
	}
	return &OrderError{
		Err:   domain.Errorf(domain.CodePaymentDeclined, "the payment was declined (%s: %s); %s", code, message, next),
		Order: o, DeclineCode: code, AttemptsLeft: attemptsLeft(o),
	}
}

// notMade returns the error for a payment that failed by a fault of ours, with what it means for the order and what to
// do next.
// Errors: PaymentUnavailable.
func notMade(o domain.Order) error {
	next := "the units are still held; go through the payment window again"
	if !o.Status.Unpaid() {
		next = "the order has ended and its units are given back"
	}
	return &OrderError{
		Err: domain.Errorf(domain.CodePaymentUnavailable,
			"the payment could not be made, by a fault of ours; nothing was charged; %s", next),
		Order:        o,
		AttemptsLeft: attemptsLeft(o),
	}
}

func attemptsLeft(o domain.Order) *int {
	left := 0
	if o.Status.Unpaid() {
		left = max(0, domain.MaxDeclines-o.Declines)
	}
	return &left
}
