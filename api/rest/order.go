package rest

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/auth"
	"runrun/api/checkout"
	"runrun/domain"
)

// OrderBody is an order as its shopper sees it. Types that others embed are exported: the description would leave
// out their fields.
type OrderBody struct {
	ID            domain.OrderID     `json:"id"`
	Status        domain.OrderStatus `json:"status" enum:"RECEIVED,HELD,PAYING,PLACED,IN_TRANSIT,DELIVERED,CANCELING,RETURNING,COMPLETED,REFUSED,EXPIRED,PAYMENT_FAILED,CANCELED,RETURNED"`
	Reason        string             `json:"reason,omitempty" doc:"Why it was refused, ended, or is held again."`
	Attention     domain.Attention   `json:"attention,omitempty" doc:"Set while support staff look after it."`
	Ticket        int64              `json:"ticket,omitempty" doc:"Place in the queue of its first product."`
	Name          string             `json:"name"`
	Items         []itemBody         `json:"items" nullable:"false"`
	TotalAmount   int64              `json:"totalAmount" doc:"In the currency's minor unit, as all amounts."`
	DeliveryFee   int64              `json:"deliveryFee"`
	PaymentAmount int64              `json:"paymentAmount" doc:"totalAmount + deliveryFee."`
	Currency      string             `json:"currency"`
	Position      int                `json:"position,omitempty" doc:"While RECEIVED and waiting for its turn: its place among those who wait here."`
	EstimatedWait float64            `json:"estimatedWait,omitempty" doc:"With position: about how many seconds until its turn."`
	PayBy         *time.Time         `json:"payBy,omitempty" doc:"After this moment the units go back."`
	NextAt        *time.Time         `json:"nextAt,omitempty" doc:"When a paid order moves on by itself: until it is shipped it may be canceled."`
	ReturnBy      *time.Time         `json:"returnBy,omitempty" doc:"Until when a delivered order may be returned."`
	Payment       *paymentBody       `json:"payment,omitempty" doc:"The latest attempt to pay."`
	Receiver      *ReceiverBody      `json:"receiver,omitempty" doc:"Whom it is sent to; of one order that is decided, for its owner alone."`
	Actions       []actionBody       `json:"actions" nullable:"false" doc:"What its shopper may do now."`
	CreatedAt     time.Time          `json:"createdAt"`
	UpdatedAt     time.Time          `json:"updatedAt"`
}

type itemBody struct {
	ProductID domain.ProductID `json:"productId"`
	Name      string           `json:"name"`
	Quantity  int              `json:"quantity"`
	UnitPrice int64            `json:"unitPrice"`
	Amount    int64            `json:"lineAmount" doc:"unitPrice × quantity."`
}

type actionBody struct {
	Action domain.OrderActionName `json:"action" enum:"pay,extend,cancel,return"`
	Until  *time.Time             `json:"until,omitempty" doc:"When it ends; absent while the order is being decided."`
}

type paymentBody struct {
	PaymentKey string               `json:"paymentKey"`
	Attempt    int                  `json:"attempt"`
	Status     domain.PaymentStatus `json:"status" enum:"INTENT,DONE,DECLINED,UNKNOWN,CANCELED"`
	Code       string               `json:"code,omitempty" doc:"The gateway's word for why it was declined."`
	Message    string               `json:"message,omitempty"`
	ApprovedAt *time.Time           `json:"approvedAt,omitempty"`
	Method     string               `json:"method,omitempty" doc:"How it was paid, in the gateway's words." example:"카드"`
	ReceiptURL string               `json:"receiptUrl,omitempty" doc:"Where the gateway shows the receipt."`
}

type orderListInput struct {
	PageInput
	Status domain.OrderStatus `query:"status" enum:"RECEIVED,HELD,PAYING,PLACED,IN_TRANSIT,DELIVERED,CANCELING,RETURNING,COMPLETED,REFUSED,EXPIRED,PAYMENT_FAILED,CANCELED,RETURNED"`
}

type orderInput struct {
	ID domain.OrderID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
}

type waitInput struct {
	ID          domain.OrderID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Wait        string         `query:"wait" maxLength:"10" doc:"Answer when the order changes, at the latest after this long (20s; at most 25s)."`
	IfNoneMatch string         `header:"If-None-Match" doc:"With wait: the version that the caller has."`
}

type orderOutput struct {
	Status     int
	Applied    string `header:"Preference-Applied" doc:"The preference that was followed."`
	Cache      string `header:"Cache-Control"`
	ETag       string `header:"ETag" doc:"The order's version."`
	Location   string `header:"Location"`
	RetryAfter string `header:"Retry-After"`
	Replayed   string `header:"Idempotent-Replayed" doc:"true if the key had been used: this is the order of then, as it is now."`
	Body       *OrderBody
}

// orders are the routes of orders.
type orders struct {
	orderView
	streamer
	addresses AddressRows
	checkout  *checkout.Checkout
	tokens    *auth.Tokens
	streams   *streams
}

func (o orders) routes(api huma.API) {
	tags := []string{"orders"}
	handle(api, huma.Operation{
		OperationID:   "placeOrder",
		Method:        http.MethodPost,
		Path:          "/v1/orders",
		Tags:          tags,
		DefaultStatus: http.StatusCreated,
		Summary:       "Order, first come, first served",
		Errors:        []int{http.StatusConflict, http.StatusTooManyRequests},
		Description: "201: the units are held until payBy. 202: accepted, not decided yet; see Location. 409 SOLD_OUT, " +
			"LIMIT_EXCEEDED, NOT_OPEN_YET, CLOSED. 503 BREAKER_OPEN, OVERLOADED, UNAVAILABLE. " +
			"400 IDEMPOTENCY_KEY_MISSING, 422 VALIDATION, UNKNOWN_PRODUCT, IDEMPOTENCY_KEY_REUSED. The same key with the same " +
			"body is the same order.",
	}, o.place)
	handle(api, huma.Operation{
		OperationID: "listOrders",
		Method:      http.MethodGet,
		Path:        "/v1/orders",
		Tags:        tags,
		Summary:     "List my orders, newest first",
		Description: "In pages; Link and nextCursor lead to the next.",
	}, o.list)
	handle(api, huma.Operation{
		OperationID: "getOrder",
		Method:      http.MethodGet,
		Path:        "/v1/orders/{id}",
		Tags:        tags,
		Summary:     "Show an order; with wait, when it changes",
		Description: "An order of another caller does not exist for this one. 304 if If-None-Match still holds.",
		Errors:      []int{http.StatusTooManyRequests},
	}, o.get)
	handle(api, huma.Operation{
		OperationID: "cancelOrder",
		Method:      http.MethodPost,
		Path:        "/v1/orders/{id}/cancel",
		Tags:        tags,
		Summary:     "Cancel an order",
		Errors:      []int{http.StatusConflict},
		Description: "While it is RECEIVED or HELD, its units are given back: 200. While it is PLACED, its payment is refunded first: 200 " +
			"CANCELED, or 202 CANCELING while the money is on its way. 409 ORDER_STATE otherwise. 503 if the order did " +
			"not answer in time: send the same request again.",
	}, o.cancel)
	handle(api, huma.Operation{
		OperationID:   "returnOrder",
		Method:        http.MethodPost,
		Path:          "/v1/orders/{id}/return",
		Tags:          tags,
		DefaultStatus: http.StatusAccepted,
		Summary:       "Return a delivered order",
		Errors:        []int{http.StatusConflict},
		Description: "Until its returnBy. 202 RETURNING: the payment is refunded when the goods have arrived; 200 RETURNED. 409 ORDER_STATE " +
			"otherwise. 503 if the order did not answer in time: send the same request again.",
	}, o.takeBack)
	handle(api, huma.Operation{
		OperationID: "extendOrder",
		Method:      http.MethodPost,
		Path:        "/v1/orders/{id}/extend",
		Tags:        tags,
		Summary:     "Get more time to pay",
		Errors:      []int{http.StatusConflict},
		Description: "Once, while it is HELD and its actions name extend: payBy moves by as much as all of its products allow (holdExtension). " +
			"Sent again, it is the same extension, as long as nothing else has happened. " +
			"409 ORDER_STATE otherwise. 503 if the order did not answer in time: send the same request " +
			"again.",
	}, o.extend)
	o.eventRoutes(api)
}

func (o orders) list(ctx context.Context, in *orderListInput) (*pageOutput[OrderBody], error) {
	rows, err := o.rows.OrdersOf(ctx, callerOf(ctx).ID, in.Status, domain.OrderID(in.Cursor), in.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, in.Limit, func(o domain.Order) string { return string(o.ID) })
	bodies := make([]OrderBody, 0, len(rows))
	for _, row := range rows {
		body, err := o.body(ctx, row)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	query := url.Values{}
	if in.Status != "" {
		query.Set("status", string(in.Status))
	}
	return pageWith("/v1/orders", query, in.Limit, bodies, next), nil
}

// maxWait bounds a long poll.
const maxWait = 25 * time.Second

func (o orders) get(ctx context.Context, in *waitInput) (*orderOutput, error) {
	wait, err := parseWait(in.Wait)
	if err != nil {
		return nil, err
	}
	order, err := o.checkout.Of(ctx, callerOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	if wait > 0 && !order.Status.Final() && (in.IfNoneMatch == "" || matches(in.IfNoneMatch, etag(order))) {
		leave, err := o.streams.enter(string(callerOf(ctx).ID))
		if err != nil {
			return nil, err
		}
		defer leave()
		if order, err = o.checkout.Changed(ctx, order, wait); err != nil {
			return nil, err
		}
	}
	if matches(in.IfNoneMatch, etag(order)) {
		return &orderOutput{Status: http.StatusNotModified, ETag: etag(order), Cache: revalidate}, nil
	}
	out, err := o.answer(ctx, http.StatusOK, order)
	if err != nil || order.Status == domain.StatusReceived { // who waits in a rush asks often, and knows the receiver
		return out, err
	}
	receiver, err := o.rows.Receiver(ctx, order.ID)
	if receiver != (domain.Receiver{}) { // an erased account has none
		body := receiverBodyOf(receiver)
		out.Body.Receiver = &body
	}
	return out, err
}

func parseWait(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if seconds, errNumber := strconv.Atoi(text); errNumber == nil {
		wait, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || wait < 0 {
		return 0, &domain.Error{
			Code:    domain.CodeValidation,
			Message: "wait is not a time",
			Fields:  []domain.FieldError{{In: "query", Name: "wait", Detail: "a time such as 20s"}},
		}
	}
	return min(wait, maxWait), nil
}

// etag is an order's version. It is weak: the place in the queue and the wait are shown, too, and answers may be compressed.
func etag(o domain.Order) string { return `W/"` + strconv.FormatInt(o.Version, 10) + `"` }

func (o orders) cancel(ctx context.Context, in *orderInput) (*orderOutput, error) {
	order, pending, err := o.checkout.Cancel(ctx, callerOf(ctx).ID, in.ID)
	return o.reversed(ctx, order, pending, err)
}

func (o orders) takeBack(ctx context.Context, in *orderInput) (*orderOutput, error) {
	order, pending, err := o.checkout.Return(ctx, callerOf(ctx).ID, in.ID)
	return o.reversed(ctx, order, pending, err)
}

func (o orders) extend(ctx context.Context, in *orderInput) (*orderOutput, error) {
	order, err := o.checkout.Extend(ctx, callerOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return o.answer(ctx, http.StatusOK, order)
}

// reversed shows an order that was taken back: 202 while its money is on its way.
func (o orders) reversed(ctx context.Context, order domain.Order, pending bool, err error) (*orderOutput, error) {
	if err != nil {
		return nil, err
	}
	if !pending {
		return o.answer(ctx, http.StatusOK, order)
	}
	return o.accepted(ctx, order)
}

// orderView shows orders.
type orderView struct {
	rows  OrderRows
	queue Queue
}

// answer shows an order, with its version.
func (v orderView) answer(ctx context.Context, status int, o domain.Order) (*orderOutput, error) {
	body, err := v.body(ctx, o)
	return &orderOutput{Status: status, ETag: etag(o), Cache: revalidate, Body: &body}, err
}

// accepted shows an order that is not done with what was asked, and where to follow it.
func (v orderView) accepted(ctx context.Context, o domain.Order) (*orderOutput, error) {
	out, err := v.answer(ctx, http.StatusAccepted, o)
	if err != nil {
		return nil, err
	}
	out.Location, out.RetryAfter = "/v1/orders/"+string(o.ID), strconv.Itoa(retryAfterSeconds)
	return out, nil
}

func (v orderView) body(ctx context.Context, o domain.Order) (OrderBody, error) {
	body := OrderBody{
		ID: o.ID, Status: o.Status, Reason: o.Reason, Attention: o.Attention, Ticket: o.Ticket, Name: o.Name, TotalAmount: o.Total.Amount,
		DeliveryFee: o.Delivery.Amount, PaymentAmount: o.Due.Amount, Currency: o.Due.Currency, PayBy: optional(o.PayBy),
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt,
	}
	if o.Status.Open() {
		body.NextAt = optional(o.NextAt)
	}
	if o.Status.Returnable() {
		body.ReturnBy = optional(o.ReturnBy)
	}
	for _, item := range o.Items {
		body.Items = append(body.Items,
			itemBody{ProductID: item.ProductID, Name: item.Name, Quantity: item.Quantity, UnitPrice: item.UnitPrice.Amount,
				Amount: item.UnitPrice.Amount * int64(item.Quantity)})
	}
	body.Actions = []actionBody{}
	for _, action := range o.Actions() {
		body.Actions = append(body.Actions, actionBody{Action: action.Name, Until: optional(action.Until)})
	}
	if o.Status == domain.StatusReceived {
		if position, wait, waits := v.queue.Position(&o); waits {
			body.Position, body.EstimatedWait = position, wait.Seconds()
		}
	}
	if o.NeverPaid() {
		return body, nil
	}
	payments, err := v.rows.Payments(ctx, o.ID)
	if len(payments) > 0 {
		latest := paymentBodyOf(payments[len(payments)-1])
		body.Payment = &latest
	}
	return body, err
}

func paymentBodyOf(p domain.Payment) paymentBody {
	return paymentBody{
		PaymentKey: p.PaymentKey, Attempt: p.Attempt, Status: p.Status, Code: p.Code, Message: p.Message, ApprovedAt: optional(p.ApprovedAt),
		Method: p.Method, ReceiptURL: p.ReceiptURL,
	}
}
