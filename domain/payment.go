package domain

import "time"

// PaymentStatus is where one payment attempt stands.
type PaymentStatus string

// The statuses of a payment.
const (
	// PaymentIntent is written before the gateway is asked.
	PaymentIntent PaymentStatus = "INTENT"
	// PaymentDone is approved money.
	PaymentDone PaymentStatus = "DONE"
	// PaymentDeclined was declined by the card company.
	PaymentDeclined PaymentStatus = "DECLINED"
	// PaymentUnknown was requested and has no known outcome yet.
	PaymentUnknown PaymentStatus = "UNKNOWN"
	// PaymentCanceled was never charged by a fault of ours, or was refunded.
	PaymentCanceled PaymentStatus = "CANCELED"
)

// Payment is one attempt to pay an order.
type Payment struct {
	OrderID    OrderID `json:"orderId"`
	PaymentKey string  `json:"paymentKey"`
	// Attempt counts the order's attempts from 1; the gateway's idempotency key is made of it.
	Attempt    int           `json:"attempt"`
	Amount     Money         `json:"amount"`
	Status     PaymentStatus `json:"status"`
	Code       string        `json:"code,omitempty"`
	Message    string        `json:"message,omitempty"`
	ApprovedAt time.Time     `json:"approvedAt,omitzero"`
	// Method and ReceiptURL are the gateway's, for the shopper's receipt.
	Method     string `json:"method,omitempty"`
	ReceiptURL string `json:"receiptUrl,omitempty"`
}

// Placement turns an approved payment into a placed order.
type Placement struct {
	OrderID    OrderID
	PaymentKey string
	Paid       PaymentResult
	// ShipAfter is how long after it the order is shipped.
	ShipAfter time.Duration
}

// Intent is a recorded payment attempt.
type Intent struct {
	Payment Payment `json:"payment"`
	// New means that this call recorded the attempt, so that no request for it can have been sent to the gateway before.
	New bool `json:"new,omitempty"`
}

// Outcome is what is known of a payment after the gateway was asked.
type Outcome string

// The outcomes.
const (
	// OutcomePaid is money approved for this order and amount.
	OutcomePaid Outcome = "PAID"
	// OutcomeDeclined is a definite no; the attempt counts.
	OutcomeDeclined Outcome = "DECLINED"
	// OutcomeFault is a definite no by a fault of ours; the attempt does not count.
	OutcomeFault Outcome = "FAULT"
	// OutcomeUnknown has to be looked up.
	OutcomeUnknown Outcome = "UNKNOWN"
	// OutcomeUnconfirmed is looked up and not confirmed yet: confirm again, with the same key.
	OutcomeUnconfirmed Outcome = "UNCONFIRMED"
	// OutcomeMissing is looked up and not known to the gateway: it may not have heard of it yet. Confirm again, with the same
	// key, unless the time is over in which it could.
	OutcomeMissing Outcome = "MISSING"
)

// PaymentResult is an outcome with what the gateway said.
type PaymentResult struct {
	Outcome    Outcome   `json:"outcome"`
	Code       string    `json:"code,omitempty"`
	Message    string    `json:"message,omitempty"`
	ApprovedAt time.Time `json:"approvedAt,omitzero"`
	// Method and ReceiptURL say how it was paid, and where the gateway shows its receipt.
	Method     string `json:"method,omitempty"`
	ReceiptURL string `json:"receiptUrl,omitempty"`
	// Refunded is how much of the payment was given back, in minor units.
	Refunded int64 `json:"refunded,omitempty"`
}
