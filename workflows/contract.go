package workflows

import (
	"context"
	"time"

	"runrun/domain"
)

// Names that people and programs outside use. They are kept for ever: recorded histories contain them.
const (
	OrdersQueue   = "orders"
	PaymentsQueue = "payments"
	MailsQueue    = "mails"

	PayUpdate    = "pay"
	CancelUpdate = "cancel"
	ReturnUpdate = "return"
	ExtendUpdate = "extend"
	OrderQuery   = "order"

	// Of support staff.
	RetryUpdate   = "retry"
	RefundUpdate  = "refund"
	ResolveUpdate = "resolve"
	RetrySignal   = "retry" // the same for many orders at once: batch operations send signals, and no updates

	// PaymentSignal says that the gateway may know more of a payment.
	PaymentSignal = "payment"
)

// OrderWorkflowID is the id of an order's workflow: one for each order, ever.
func OrderWorkflowID(id domain.OrderID) string { return "order/" + string(id) }

// PayUpdateID makes two clicks on "pay" with one payment key one act.
func PayUpdateID(paymentKey string) string { return "pay/" + paymentKey }

// OrderInput starts an order's workflow. It carries no personal data, since histories are read by staff.
type OrderInput struct {
	OrderID    domain.OrderID     `json:"orderId"`
	UserID     domain.UserID      `json:"userId"`
	ProductIDs []domain.ProductID `json:"productIds"`
	Name       string             `json:"name"`
	Due        domain.Money       `json:"due"`
	// PayWithin is how long the units are held for payment.
	PayWithin time.Duration `json:"payWithin"`
	// AttentionAfter is how long a step may fail before a person is told.
	AttentionAfter time.Duration `json:"attentionAfter"`
	// Fulfilment says how the order goes on once it is paid. Orders of a build that did not know it end when they are paid.
	Fulfilment domain.Fulfilment `json:"fulfilment,omitzero"`
	// Pages says how the workflow's page is written.
	Pages Pages `json:"pages,omitzero"`
	// ShowSteps runs every step as an activity that staff see from its beginning, at the price of throughput.
	ShowSteps bool `json:"showSteps,omitempty"`
	// ConfirmFast lets the worker that has the order ask the gateway for the money itself, before it hands that over to the queue
	// payments.
	ConfirmFast bool `json:"confirmFast,omitempty"`
}

// RefundWorkflowID is the id of the workflow that refunds a payment which does not pay its order: one at a time for each payment.
func RefundWorkflowID(paymentKey string) string { return "refund/" + paymentKey }

// LatePayment names a payment that may have taken money, and does not pay its order.
type LatePayment struct {
	Order      OrderInput `json:"order"`
	PaymentKey string     `json:"paymentKey"`
	// Status is that of the order when the payment was found.
	Status domain.OrderStatus `json:"status"`
	// Revive places the order after all, if it ended unpaid and its units are still on sale.
	Revive bool `json:"revive,omitempty"`
}

// LateApproval is the outcome of a payment that does not pay its order.
type LateApproval struct {
	OrderID    domain.OrderID       `json:"orderId"`
	PaymentKey string               `json:"paymentKey"`
	Result     domain.PaymentResult `json:"result"`
	// ShipAfter is how long after its placement a revived order is shipped.
	ShipAfter time.Duration `json:"shipAfter,omitempty"`
}

// Pages says what staff read on a workflow's page: the zone of its times, and where there is more.
type Pages struct {
	// Zone is the name of the shop's zone, and ZoneOffset its seconds east of UTC when the order was placed.
	Zone       string `json:"zone,omitempty"`
	ZoneOffset int    `json:"zoneOffset,omitempty"`
	// Admin is the address of the shop's admin API, Guide that of the guide for support staff.
	Admin string `json:"admin,omitempty"`
	Guide string `json:"guide,omitempty"`
}

// OrderView is what the query and the updates answer: the order's state as the workflow has it.
type OrderView struct {
	OrderID   domain.OrderID     `json:"orderId"`
	Status    domain.OrderStatus `json:"status"`
	Reason    string             `json:"reason,omitempty"`
	Attention domain.Attention   `json:"attention,omitempty"`
	PayBy     time.Time          `json:"payBy,omitzero"`
	// NextAt is when a paid order moves on by itself, ReturnBy until when it may be returned.
	NextAt     time.Time `json:"nextAt,omitzero"`
	ReturnBy   time.Time `json:"returnBy,omitzero"`
	PaymentKey string    `json:"paymentKey,omitempty"`
	Declines   int       `json:"declines,omitempty"`
	// AttentionDetail says what the attention is about.
	AttentionDetail string `json:"trouble,omitempty"`
	// Payment is the outcome of the latest attempt to pay.
	Payment domain.PaymentResult `json:"payment,omitzero"`
}

// PayRequest is the input of the update pay.
type PayRequest struct {
	PaymentKey string `json:"paymentKey"`
}

// CancelRequest is the optional input of the update cancel.
type CancelRequest struct {
	// Shopper is set by the API: whoever else cancels is support staff, with a name or without.
	Shopper bool `json:"shopper,omitempty"`
	// By names the member of support staff who cancels.
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

// ReturnRequest is the optional input of the update return.
type ReturnRequest struct {
	// Shopper is set by the API; only shoppers are bound to the time within which an order may be returned.
	Shopper bool   `json:"shopper,omitempty"`
	By      string `json:"by,omitempty"`
	Note    string `json:"note,omitempty"`
}

// RetryRequest is the optional input of the update and the signal retry.
type RetryRequest struct {
	// By names the member of support staff who asks for the next try.
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

// RefundRequest is the input of the update refund. By and Note are required.
type RefundRequest struct {
	By   string `json:"by"`
	Note string `json:"note"`
	// Amount is a part of the payment, in minor units: the order goes on. 0 is the whole order: its units come back, too.
	Amount int64 `json:"amount,omitempty"`
}

// What the update resolve can say.
const (
	ResolveArrived  = "ARRIVED"  // the goods of a return are here: refund now
	ResolveRefunded = "REFUNDED" // the money went back by another way: do not ask the gateway for it any more
	ResolveGiveUp   = "GIVE_UP"  // close this workflow: its row is gone or broken
)

// ResolveRequest is the input of the update resolve. All of it is required.
type ResolveRequest struct {
	By   string `json:"by"`
	Note string `json:"note"`
	As   string `json:"as"`
}

// OrderState is what a step answers: the order's row as it is afterwards.
type OrderState struct {
	Status   domain.OrderStatus `json:"status"`
	Reason   string             `json:"reason,omitempty"`
	PayBy    time.Time          `json:"payBy,omitzero"`
	NextAt   time.Time          `json:"nextAt,omitzero"`
	ReturnBy time.Time          `json:"returnBy,omitzero"`
	Declines int                `json:"declines,omitempty"`
	// Attention is what the row says of it; after a reset the workflow would not know.
	Attention domain.Attention `json:"attention,omitempty"`
	// PaymentKey and PaidAt are those of the payment of a row that was paid before; after a reset the workflow would not know.
	PaymentKey string    `json:"paymentKey,omitempty"`
	PaidAt     time.Time `json:"paidAt,omitzero"`
	// RefundDue is set if a refund of the order's payment is open.
	RefundDue bool `json:"refundDue,omitempty"`
	// NotDue says that the order was not ended, since its deadline has not passed by the database's clock.
	NotDue bool `json:"notDue,omitempty"`
}

// ReserveInput asks for the units of an order.
type ReserveInput struct {
	OrderID    domain.OrderID     `json:"orderId"`
	ProductIDs []domain.ProductID `json:"productIds"`
	PayWithin  time.Duration      `json:"payWithin"`
}

// ExtendInput names the order whose time to pay is extended.
type ExtendInput struct {
	OrderID domain.OrderID `json:"orderId"`
}

// ReleaseInput ends an unpaid order and gives its units back.
type ReleaseInput struct {
	OrderID domain.OrderID     `json:"orderId"`
	End     domain.OrderStatus `json:"end"`
	Reason  string             `json:"reason"`
	// By and Note say who ended it and why, if a person did.
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

// IntentInput writes down that a payment will be confirmed. Without a key it asks for the attempt that is open.
type IntentInput struct {
	OrderID    domain.OrderID `json:"orderId"`
	PaymentKey string         `json:"paymentKey"`
}

// IntentAnswer is the order's row, and the attempt; none if the order cannot be paid now.
type IntentAnswer struct {
	State  OrderState     `json:"state"`
	Intent *domain.Intent `json:"intent,omitempty"`
}

// SettleInput gives a payment attempt its outcome.
type SettleInput struct {
	OrderID    domain.OrderID       `json:"orderId"`
	PaymentKey string               `json:"paymentKey"`
	Result     domain.PaymentResult `json:"result"`
	// ShipAfter is how long after its placement the order is shipped.
	ShipAfter time.Duration `json:"shipAfter,omitempty"`
}

// MoveInput takes a paid order to its next status.
type MoveInput struct {
	OrderID      domain.OrderID     `json:"orderId"`
	To           domain.OrderStatus `json:"to"`
	Reason       string             `json:"reason,omitempty"`
	NextAfter    time.Duration      `json:"nextAfter,omitempty"`
	ReturnWithin time.Duration      `json:"returnWithin,omitempty"`
	Staff        bool               `json:"staff,omitempty"`
	By           string             `json:"by,omitempty"`
	Note         string             `json:"note,omitempty"`
}

// RestockInput ends an order whose money is back.
type RestockInput struct {
	OrderID domain.OrderID `json:"orderId"`
	By      string         `json:"by,omitempty"`
	Note    string         `json:"note,omitempty"`
}

// AttentionInput marks an order for a person, or takes the mark off.
type AttentionInput struct {
	OrderID   domain.OrderID   `json:"orderId"`
	Attention domain.Attention `json:"attention"`
	// By and Note are those of a retry, for the order's events.
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

// RefundInput writes down that a payment will be given back.
type RefundInput struct {
	OrderID    domain.OrderID `json:"orderId"`
	PaymentKey string         `json:"paymentKey"`
	Reason     string         `json:"reason"`
	// Amount is a part of the payment, 0 all that is left of it; Request names the request for a part, so that it is made once.
	Amount  int64  `json:"amount,omitempty"`
	Request string `json:"request,omitempty"`
	// OpenOnly asks for the refund that is open, and makes no new one.
	OpenOnly bool `json:"openOnly,omitempty"`
}

// RefundRecord gives a refund its outcome.
type RefundRecord struct {
	OrderID    domain.OrderID      `json:"orderId"`
	PaymentKey string              `json:"paymentKey"`
	Status     domain.RefundStatus `json:"status"`
	Code       string              `json:"code,omitempty"`
	Seq        int                 `json:"seq,omitempty"`
	// Attempt is the number of the next try.
	Attempt int `json:"attempt,omitempty"`
}

// ConfirmInput asks the gateway for the money. The key depends on the order and the attempt alone, so that a repetition, by
// whomever, is the same request.
type ConfirmInput struct {
	Payment        domain.Payment `json:"payment"`
	IdempotencyKey string         `json:"idempotencyKey"`
}

// CancelInput asks the gateway to give money back.
type CancelInput struct {
	Payment domain.Payment `json:"payment"`
	// Amount is what is given back, and Refundable what is left of the payment before, in minor units.
	Amount         int64  `json:"amount,omitempty"`
	Refundable     int64  `json:"refundable,omitempty"`
	Reason         string `json:"reason"`
	IdempotencyKey string `json:"idempotencyKey"`
}

// OrderActivities change the shop's database. Each may be repeated: it answers with the row as it is. They run on the queue
// orders.
type OrderActivities interface {
	Reserve(ctx context.Context, in ReserveInput) (OrderState, error)
	Release(ctx context.Context, in ReleaseInput) (OrderState, error)
	ExtendHold(ctx context.Context, in ExtendInput) (OrderState, error)
	RecordPaymentIntent(ctx context.Context, in IntentInput) (IntentAnswer, error)
	Place(ctx context.Context, in SettleInput) (OrderState, error)
	Decline(ctx context.Context, in SettleInput) (OrderState, error)
	MarkPaymentUnknown(ctx context.Context, in SettleInput) (OrderState, error)
	SetAttention(ctx context.Context, in AttentionInput) (OrderState, error)
	MoveOrder(ctx context.Context, in MoveInput) (OrderState, error)
	RestockOrder(ctx context.Context, in RestockInput) (OrderState, error)
	RecordRefundIntent(ctx context.Context, in RefundInput) (*domain.Refund, error)
	RecordRefund(ctx context.Context, in RefundRecord) (domain.RefundStatus, error)
	RecordLateApproval(ctx context.Context, in LateApproval) (*domain.Refund, error)
	ReviveOrder(ctx context.Context, in LateApproval) (OrderState, error)
}

// PaymentActivities speak to the gateway. A decline is a result, not an error. They run on the queue payments.
type PaymentActivities interface {
	ConfirmPayment(ctx context.Context, in ConfirmInput) (domain.PaymentResult, error)
	LookUpPayment(ctx context.Context, in domain.Payment) (domain.PaymentResult, error)
	CancelPayment(ctx context.Context, in CancelInput) (domain.RefundResult, error)
}

// FastPaymentActivities speak to the gateway within a workflow task, as local activities. They run on the queue orders. An error says
// that nothing is known; the activities of PaymentActivities then find out.
type FastPaymentActivities interface {
	ConfirmPaymentFast(ctx context.Context, in ConfirmInput) (domain.PaymentResult, error)
}
