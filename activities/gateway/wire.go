package gateway

import (
	"time"

	"runrun/domain"
)

// payment is what we read of the gateway's payment object. Unknown fields are ignored, as its reference asks.
type payment struct {
	PaymentKey    string    `json:"paymentKey"`
	OrderID       string    `json:"orderId"`
	Status        string    `json:"status"`
	TotalAmount   int64     `json:"totalAmount"`
	BalanceAmount int64     `json:"balanceAmount"`
	Currency      string    `json:"currency"`
	ApprovedAt    time.Time `json:"approvedAt"`
	Failure       *refusal  `json:"failure"`
	Method        string    `json:"method"`
	Receipt       *struct {
		URL string `json:"url"`
	} `json:"receipt"`
}

// receiptURL is where the gateway shows the receipt; empty if it says none.
func (p payment) receiptURL() string {
	if p.Receipt == nil {
		return ""
	}
	return p.Receipt.URL
}

// ours reports whether the payment is for the order and the amount that we asked for.
func (p payment) ours(want domain.Payment) bool {
	return p.OrderID == string(want.OrderID) && p.TotalAmount == want.Amount.Amount && p.Currency == want.Amount.Currency
}

// canceled reports whether the payment, or a part of it, was given back. Parts that add up to everything stay PARTIAL_CANCELED.
func (p payment) canceled() bool { return p.Status == "CANCELED" || p.Status == "PARTIAL_CANCELED" }

// transaction is what we read of one of the gateway's movements. Amount is negative for money that went back.
type transaction struct {
	Key        string    `json:"transactionKey"`
	PaymentKey string    `json:"paymentKey"`
	OrderID    string    `json:"orderId"`
	Amount     int64     `json:"amount"`
	At         time.Time `json:"transactionAt"`
}

// refusal is the gateway's error body.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type confirmBody struct {
	PaymentKey string `json:"paymentKey"`
	OrderID    string `json:"orderId"`
	Amount     int64  `json:"amount"`
}

type cancelBody struct {
	CancelReason string `json:"cancelReason"`
	// CancelAmount is a part of what is left; nil is all of it.
	CancelAmount *int64 `json:"cancelAmount,omitempty"`
	// RefundableAmount guards against giving back twice: the gateway refuses if less is left.
	RefundableAmount int64 `json:"refundableAmount"`
}
