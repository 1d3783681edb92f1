package domain

// RefundStatus is where a refund stands.
type RefundStatus string

// The statuses of a refund.
const (
	// RefundIntent is written before the gateway is asked.
	RefundIntent RefundStatus = "INTENT"
	// RefundDone is money that is back.
	RefundDone RefundStatus = "DONE"
	// RefundUnknown was requested and has no known outcome yet.
	RefundUnknown RefundStatus = "UNKNOWN"
	// RefundRefused was refused by the gateway; it is tried again when staff ask, and at growing pauses.
	RefundRefused RefundStatus = "REFUSED"
)

// Refund is money on its way back to the shopper: all that is left of a payment, or a part.
type Refund struct {
	OrderID    OrderID `json:"orderId"`
	PaymentKey string  `json:"paymentKey"`
	// Seq counts the refunds of the payment from 1.
	Seq    int          `json:"seq,omitempty"`
	Amount Money        `json:"amount"`
	Reason string       `json:"reason"`
	Status RefundStatus `json:"status"`
	Code   string       `json:"code,omitempty"`
	// Attempt counts the answers of the gateway that were no refund. It is part of the idempotency key: the gateway repeats an answer
	// under its key for 15 days.
	Attempt int `json:"attempt,omitempty"`
	// Before is what earlier refunds of the payment gave back at the gateway, in minor units.
	Before int64 `json:"before,omitempty"`
	// Paid is the whole payment, in minor units.
	Paid int64 `json:"paid,omitempty"`
}

// RefundReason is what the shopper reads on the card statement; so are the reasons below.
const (
	RefundReason         = "The order could not be completed"
	RefundReasonCanceled = "The order was canceled"
	RefundReasonReturned = "The order was returned"
	RefundReasonStaff    = "Refund by the shop"
)

// RefundResolved is the code of a refund that staff made by another way than the gateway.
const RefundResolved = "RESOLVED_BY_STAFF"

// RefundIntention says what is to be refunded.
type RefundIntention struct {
	OrderID    OrderID
	PaymentKey string
	Reason     string
	// Amount is a part of the payment, in minor units; 0 is all that is left of it.
	Amount int64
	// Request names the request for a part, so that it is made once; empty for all that is left.
	Request string
	// OpenOnly makes no new refund: it asks for the one that is open.
	OpenOnly bool
}

// LateApproval is a payment that took money and does not pay its order.
type LateApproval struct {
	OrderID    OrderID
	PaymentKey string
	Paid       PaymentResult
}

// RefundChange gives a refund its outcome.
type RefundChange struct {
	OrderID    OrderID
	PaymentKey string
	Seq        int
	Status     RefundStatus
	Code       string
	// Attempt is the number of the next try.
	Attempt int
}

// RefundOrder is what the gateway is told to give back.
type RefundOrder struct {
	Payment Payment
	// Amount is what is to be given back, and Refundable what must still be left of the payment, or the gateway refuses: so a refund
	// that was made already is not made again. Both in minor units.
	Amount, Refundable int64
	Reason             string
	IdempotencyKey     string
}

// RefundOutcome is what is known of a refund after the gateway was asked.
type RefundOutcome string

// The outcomes of a refund.
const (
	// Refunded means that the amount was refunded.
	Refunded RefundOutcome = "REFUNDED"
	// RefundDenied means that the gateway refuses the refund permanently.
	RefundDenied RefundOutcome = "DENIED"
	// RefundLater means that the gateway refuses the refund for now; it can be repeated.
	RefundLater RefundOutcome = "LATER"
	// RefundUnproven means that it is unknown whether the money was refunded; the payment must be looked up.
	RefundUnproven RefundOutcome = "UNPROVEN"
)

// RefundResult is an outcome with what the gateway said.
type RefundResult struct {
	Outcome RefundOutcome `json:"outcome"`
	// Answered says that the gateway answered: it will answer the same request, under the same idempotency key, in the same way.
	Answered bool   `json:"answered,omitempty"`
	Code     string `json:"code,omitempty"`
	Message  string `json:"message,omitempty"`
}
