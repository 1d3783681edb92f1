package domain

import (
	"fmt"
	"time"
)

// Order is a shopper's order as its row says it. It carries no personal data: the receiver is kept apart, encrypted.
type Order struct {
	ID        OrderID     `json:"id"`
	UserID    UserID      `json:"userId"`
	Status    OrderStatus `json:"status"`
	Reason    string      `json:"reason,omitempty"`
	Attention Attention   `json:"attention,omitempty"`
	// Ticket is the place in the queue of the order's first product; 0 if it was drawn without Redis.
	Ticket   int64       `json:"ticket"`
	Name     string      `json:"name"`
	Items    []OrderItem `json:"items"`
	Total    Money       `json:"total"`
	Delivery Money       `json:"delivery"`
	// Due is what the shopper pays: total and delivery.
	Due Money `json:"due"`
	// PayBy is the moment after which the units go back; zero before they are held.
	PayBy time.Time `json:"payBy,omitzero"`
	// Declines counts the declined payment attempts.
	Declines int `json:"declines"`
	// Version rises by one with every change; it is the sequence number of the order's last event.
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// OrderItem is one line of an order, at the price of the moment it was ordered.
type OrderItem struct {
	ProductID ProductID `json:"productId"`
	Name      string    `json:"name"`
	Quantity  int       `json:"quantity"`
	UnitPrice Money     `json:"unitPrice"`
	// Ticket is the place in the product's queue; 0 if it was drawn without Redis.
	Ticket int64 `json:"ticket,omitempty"`
}

// Receiver is whom an order is sent to: personal data, encrypted at rest and never in a workflow or a log.
type Receiver struct {
	Name    string `json:"name"`
	Phone   string `json:"phone"`
	ZipCode string `json:"zipCode"`
	Address string `json:"address"`
}

// OrderKey names an order by who made it and under which idempotency key.
type OrderKey struct {
	UserID UserID
	Key    string
}

// NewOrder is an order that asks to be accepted.
type NewOrder struct {
	ID             OrderID
	UserID         UserID
	IdempotencyKey string
	// Fingerprint is a digest of the request; the same key with another one is refused.
	Fingerprint string
	Ticket      int64
	Name        string
	Items       []OrderItem
	Quote       Quote
	Receiver    Receiver
}

// Row is the order as it is once it is accepted, as far as it is known before its row is read.
func (o NewOrder) Row() Order {
	return Order{
		ID: o.ID, UserID: o.UserID, Status: Received, Ticket: o.Ticket, Name: o.Name, Items: o.Items,
		Total: o.Quote.Total, Delivery: o.Quote.Delivery, Due: o.Quote.Due, Version: 1,
	}
}

// OrderEvent is one change of an order: the audit trail and the event stream.
type OrderEvent struct {
	OrderID   OrderID     `json:"orderId"`
	Seq       int64       `json:"seq"`
	Status    OrderStatus `json:"status"`
	Reason    string      `json:"reason,omitempty"`
	Attention Attention   `json:"attention,omitempty"`
	At        time.Time   `json:"at"`
}

// MaxDeclines is the number of declined attempts that ends an order.
const MaxDeclines = 3

// Limits of one order, so that one request cannot ask for the whole shop.
const (
	MaxItems    = 20
	MaxQuantity = 100
)

// Reasons why an order was refused, ended, or is held again.
const (
	ReasonSoldOut         = string(SoldOut)
	ReasonLimitExceeded   = string(LimitExceeded)
	ReasonClosed          = string(Closed)
	ReasonUnpaid          = "NOT_PAID_IN_TIME"
	ReasonCanceled        = "CANCELED_BY_SHOPPER"
	ReasonStopped         = "CANCELED_BY_STAFF"
	ReasonDeclined        = string(PaymentDeclined)
	ReasonPaymentFault    = string(PaymentUnavailable)
	ReasonTooManyDeclines = "TOO_MANY_DECLINES"
)

// Attention says why a person should look at an order. It stands beside the status and is empty for most.
type Attention string

// The reasons for attention.
const (
	NoAttention    Attention = ""
	PaymentUnknown Attention = "PAYMENT_UNKNOWN"
	RefundFailed   Attention = "REFUND_FAILED"
	ReleaseFailed  Attention = "RELEASE_FAILED"
	StepFailing    Attention = "STEP_FAILING"
)

// OrderName is what the payment window shows: the first product and the number of the others.
func OrderName(items []OrderItem) string {
	if len(items) == 0 {
		return ""
	}
	if len(items) == 1 {
		return items[0].Name
	}
	return fmt.Sprintf("%s 외 %d건", items[0].Name, len(items)-1)
}

// ValidateItems checks what a shopper may ask for: 1–20 products, each once, 1–100 of each.
// Errors: Validation, with a pointer to each fault.
func ValidateItems(items []OrderItem) error {
	var faults []FieldError
	if len(items) == 0 || len(items) > MaxItems {
		faults = append(faults, FieldError{"/items", fmt.Sprintf("1 to %d items", MaxItems)})
	}
	seen := map[ProductID]bool{}
	for i, item := range items {
		if !ValidID(ProductPrefix, string(item.ProductID)) {
			faults = append(faults, FieldError{fmt.Sprintf("/items/%d/productId", i), "not a product id"})
		}
		if item.Quantity < 1 || item.Quantity > MaxQuantity {
			faults = append(faults, FieldError{fmt.Sprintf("/items/%d/quantity", i), fmt.Sprintf("1 to %d", MaxQuantity)})
		}
		if seen[item.ProductID] {
			faults = append(faults, FieldError{fmt.Sprintf("/items/%d/productId", i), "the product is named twice; ask for it once, with the whole quantity"})
		}
		seen[item.ProductID] = true
	}
	if len(faults) > 0 {
		return &Error{Code: Validation, Message: "the items of the order are not valid", Fields: faults}
	}
	return nil
}
