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
	// ExtendBy is by how much its shopper may put PayBy off, once.
	ExtendBy time.Duration `json:"-"`
	// NextAt is when a paid order moves on by itself; zero if it does not.
	NextAt time.Time `json:"nextAt,omitzero"`
	// ReturnBy is until when a delivered order may be returned; zero before the delivery.
	ReturnBy time.Time `json:"returnBy,omitzero"`
	// Declines counts the declined payment attempts.
	Declines int `json:"declines"`
	// Version rises by one with every change; it is the sequence number of the order's last event.
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// heldVersion is the version of an order that was just held: received, held.
const heldVersion = 2

// NeverPaid reports that nobody has asked for a payment of the order so far. It may be false although nobody has.
func (o Order) NeverPaid() bool {
	switch o.Status {
	case StatusReceived, StatusRefused:
		return true
	case StatusHeld:
		return o.Version <= heldVersion
	}
	return false
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

// OrderKey names an order by who made it and under which idempotency key.
type OrderKey struct {
	UserID UserID
	Key    string
}

// OpenOrders counts what a shopper has ordered and not paid.
type OpenOrders struct {
	Orders int64
	Units  int64
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
	// FromCart removes what is ordered from the shopper's cart, when its units are held.
	FromCart bool
	// ExtendBy is the least extension that its products allow.
	ExtendBy time.Duration
}

// Row is the order as it is once it is accepted, as far as it is known before its row is read.
func (o NewOrder) Row() Order {
	return Order{
		ID: o.ID, UserID: o.UserID, Status: StatusReceived, Ticket: o.Ticket, Name: o.Name, Items: o.Items,
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
	// Actor and Note say who changed the order and why, if a member of support staff did.
	Actor string `json:"actor,omitempty"`
	Note  string `json:"note,omitempty"`
}

// Release says how an unpaid order ends, and who ended it if a person did.
type Release struct {
	OrderID OrderID
	End     OrderStatus
	Reason  string
	Actor   string
	Note    string
}

// AttentionChange marks an order for a person, or takes the mark off. With an Actor it is kept as an event even if nothing changes.
type AttentionChange struct {
	OrderID   OrderID
	Attention Attention
	Actor     string
	Note      string
}

// MaxDeclines is the number of declined attempts that ends an order.
const MaxDeclines = 3

// Limits of one order, so that one request cannot ask for the whole shop.
const (
	MaxItems       = 20
	MaxQuantity    = 100
	maxFingerprint = 64
)

// Reasons why an order was refused, ended, or is held again.
const (
	ReasonSoldOut         = string(CodeSoldOut)
	ReasonLimitExceeded   = string(CodeLimitExceeded)
	ReasonClosed          = string(CodeClosed)
	ReasonUnpaid          = "NOT_PAID_IN_TIME"
	ReasonCanceled        = "CANCELED_BY_SHOPPER"
	ReasonStopped         = "CANCELED_BY_STAFF"
	ReasonDeclined        = string(CodePaymentDeclined)
	ReasonPaymentFault    = string(CodePaymentUnavailable)
	ReasonTooManyDeclines = "TOO_MANY_DECLINES"
	ReasonExtended        = "TIME_EXTENDED"
	ReasonReturned        = "RETURNED_BY_SHOPPER"
	ReasonRefunded        = "REFUNDED_BY_STAFF"
)

// Reasons lists every reason.
func Reasons() []string {
	return []string{
		ReasonSoldOut,
		ReasonLimitExceeded,
		ReasonClosed,
		ReasonUnpaid,
		ReasonCanceled,
		ReasonStopped,
		ReasonDeclined,
		ReasonPaymentFault,
		ReasonTooManyDeclines,
		ReasonExtended,
		ReasonReturned,
		ReasonRefunded,
	}
}

// Attention says why a person should look at an order. It stands beside the status and is empty for most.
type Attention string

// The reasons for attention.
const (
	AttentionNone           Attention = ""
	AttentionPaymentUnknown Attention = "PAYMENT_UNKNOWN"
	AttentionRefundFailed   Attention = "REFUND_FAILED"
	AttentionReleaseFailed  Attention = "RELEASE_FAILED"
	AttentionStepFailing    Attention = "STEP_FAILING"
	// AttentionDifference says that the shop's books, the gateway's or Temporal's contradict each other.
	AttentionDifference Attention = "DIFFERENCE"
)

// Attentions lists every reason for attention.
func Attentions() []Attention {
	return []Attention{
		AttentionPaymentUnknown, AttentionRefundFailed, AttentionReleaseFailed, AttentionStepFailing, AttentionDifference,
	}
}

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
	var v violations
	if len(items) == 0 || len(items) > MaxItems {
		v.add("/items", "1 to %d items", MaxItems)
	}
	seen := map[ProductID]bool{}
	for i, item := range items {
		if !ValidID(ProductPrefix, string(item.ProductID)) {
			v.add(fmt.Sprintf("/items/%d/productId", i), "not a product id")
		}
		v.number(fmt.Sprintf("/items/%d/quantity", i), int64(item.Quantity), 1, MaxQuantity)
		if seen[item.ProductID] {
			v.add(fmt.Sprintf("/items/%d/productId", i), "the product is named twice; ask for it once, with the whole quantity")
		}
		seen[item.ProductID] = true
	}
	return v.err("the items of the order are not valid")
}

// ValidateOrder checks what a shopper asks for and whom it is sent to.
// Errors: Validation, with a pointer to each fault.
func ValidateOrder(items []OrderItem, receiver Receiver) error {
	var v violations
	v.merge(ValidateItems(items))
	v.merge(receiver.Validate())
	return v.err("the order is not valid")
}

// Validate checks everything about an order before it is written, whoever made it: keys, items, receiver, and that the amounts are
// the sum of the items.
// Errors: Validation.
func (o NewOrder) Validate() error {
	var v violations
	if !ValidID(OrderPrefix, string(o.ID)) || o.UserID == "" || len(o.UserID) > maxIDLength {
		v.add("/id", "an order id, and the id of its shopper")
	}
	if !ValidKey(o.IdempotencyKey) || len(o.Fingerprint) > maxFingerprint || o.Ticket < 0 {
		v.add("/idempotencyKey", "1 to 200 visible characters")
	}
	total := Money{Currency: o.Quote.Total.Currency}
	for i, item := range o.Items {
		v.text(fmt.Sprintf("/items/%d/name", i), item.Name, 1, maxNameLength)
		v.number(fmt.Sprintf("/items/%d/unitPrice", i), item.UnitPrice.Amount, 0, MaxPrice)
		cost, err := item.UnitPrice.Times(int64(item.Quantity))
		if err == nil {
			total, err = total.Add(cost)
		}
		if err != nil {
			v.add(fmt.Sprintf("/items/%d/unitPrice", i), "an amount that can be added up")
		}
	}
	due, err := total.Add(o.Quote.Delivery)
	if err != nil || o.Quote.Total != total || o.Quote.Due != due || o.Quote.Delivery.Amount < 0 {
		v.add("/paymentAmount", "the sum of the items and the delivery fee")
	}
	v.merge(ValidateOrder(o.Items, o.Receiver))
	return v.err("the order is not valid")
}
