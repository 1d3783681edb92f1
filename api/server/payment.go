package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
	"runrun/workflows"
)

type checkoutInput struct {
	ID domain.OrderID `path:"orderId" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
}

type checkoutBody struct {
	OrderID   domain.OrderID     `json:"orderId"`
	OrderName string             `json:"orderName"`
	Status    domain.OrderStatus `json:"status"`
	Amount    int64              `json:"amount" doc:"What to pay, in the currency's minor unit."`
	Currency  string             `json:"currency"`
	PayBy     *time.Time         `json:"payBy,omitempty" doc:"Until when."`
}

type confirmInput struct {
	Body struct {
		OrderID    domain.OrderID `json:"orderId" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
		PaymentKey string         `json:"paymentKey" minLength:"1" maxLength:"200" doc:"From the payment window."`
		Amount     int64          `json:"amount" doc:"From the payment window; it must be the order's."`
	}
}

func (s *Server) paymentRoutes(api huma.API) {
	tags := []string{"payments"}
	handle(api, huma.Operation{OperationID: "getCheckout", Method: http.MethodGet, Path: "/v1/checkout/{orderId}", Tags: tags, Security: secured,
		Summary: "What to pay, and until when", Errors: []int{http.StatusConflict}, Description: "409 ORDER_STATE if there is nothing to pay."}, s.checkout)
	handle(api, huma.Operation{
		OperationID: "confirmPayment", Method: http.MethodPost, Path: "/v1/payments/confirm", Tags: tags, Security: secured,
		Summary: "Pay: confirm what the payment window authorized", Errors: []int{http.StatusPaymentRequired, http.StatusNotFound, http.StatusConflict},
		Description: "200: PLACED. 202: PAYING, the gateway has not answered yet; follow the order. 402 PAYMENT_DECLINED, with up to three attempts. " +
			"409 ORDER_STATE, PAYMENT_IN_PROGRESS. 422 AMOUNT_MISMATCH. 503 PAYMENT_UNAVAILABLE: a fault of ours, nothing was charged, authorize again; 503 UNAVAILABLE: not known yet, the same request may be sent again. Repeated after PLACED: 200.",
	}, s.confirmPayment)
}

func (s *Server) checkout(ctx context.Context, in *checkoutInput) (*output[checkoutBody], error) {
	o, err := s.mine(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !o.Status.Unpaid() {
		return nil, orderState(ctx, o, "is not to be paid")
	}
	return &output[checkoutBody]{Body: checkoutBody{
		OrderID: o.ID, OrderName: o.Name, Status: o.Status, Amount: o.Due.Amount, Currency: o.Due.Currency, PayBy: optional(o.PayBy),
	}}, nil
}

// confirmPayment lets the order's workflow confirm a payment. Owner and amount are checked here, against the row.
func (s *Server) confirmPayment(ctx context.Context, in *confirmInput) (*orderOutput, error) {
	order, err := s.mine(ctx, in.Body.OrderID)
	if err != nil {
		return nil, err
	}
	if in.Body.Amount != order.Due.Amount {
		return nil, domain.Errorf(domain.AmountMismatch, "the order costs %s", order.Due)
	}
	if !domain.ValidKey(in.Body.PaymentKey) {
		return nil, &domain.Error{Code: domain.Validation, Message: "the payment key is not valid",
			Fields: []domain.FieldError{{Pointer: "/paymentKey", Detail: "1–200 visible ASCII characters"}}}
	}
	if order.Status.Paid() {
		return s.repeated(ctx, order, in.Body.PaymentKey)
	}
	if order.Status != domain.Held && order.Status != domain.Paying {
		return nil, orderState(ctx, order, "cannot be paid")
	}
	view, err := s.update(ctx, order, workflows.PayUpdate, workflows.PayUpdateID(in.Body.PaymentKey), workflows.PayRequest{PaymentKey: in.Body.PaymentKey})
	if err != nil {
		slog.DebugContext(ctx, "pay update failed", "order_id", order.ID, "error", err)
		return s.unanswered(ctx, order, in.Body.PaymentKey, err)
	}
	return s.outcome(ctx, view)
}

// orderState says where an order stands that does not allow what was asked.
func orderState(ctx context.Context, o domain.Order, what string) *problem {
	text := fmt.Sprintf("the order is %s and %s", o.Status, what)
	if o.Reason != "" {
		text = fmt.Sprintf("the order is %s (%s) and %s", o.Status, o.Reason, what)
	}
	p := problemOf(ctx, domain.Errorf(domain.OrderState, "%s", text))
	p.OrderStatus, p.OrderReason = o.Status, o.Reason
	return p
}

// repeated answers who confirms the same payment again.
func (s *Server) repeated(ctx context.Context, order domain.Order, paymentKey string) (*orderOutput, error) {
	mine, err := s.attempt(ctx, order.ID, paymentKey)
	if err != nil {
		return nil, err
	}
	if mine != nil && mine.Status == domain.PaymentDone {
		return s.answer(ctx, http.StatusOK, order)
	}
	return nil, orderState(ctx, order, "was paid already, by another payment")
}

// unanswered answers when the workflow did not, from the order's row: with what became of the attempt, with 202 if it is
// still being worked on, with where the order stands if it cannot be paid any more, or with why the workflow did not answer.
func (s *Server) unanswered(ctx context.Context, order domain.Order, paymentKey string, cause error) (*orderOutput, error) {
	mine, err := s.attempt(ctx, order.ID, paymentKey)
	if err != nil {
		return nil, cause
	}
	wait := answerLimit
	if mine == nil {
		wait = 0
	}
	if order, err = s.order(ctx, order.ID); err == nil {
		order, err = s.await(ctx, order, wait, func(o domain.Order) bool { return o.Status != domain.Paying })
	}
	if err != nil {
		return nil, cause
	}
	if mine, err = s.attempt(ctx, order.ID, paymentKey); err != nil {
		return nil, cause
	}
	switch {
	case mine == nil && order.Status.Unpaid():
		return nil, cause
	case mine == nil:
		return nil, orderState(ctx, order, "cannot be paid")
	case mine.Status == domain.PaymentDone && order.Status.Paid():
		return s.answer(ctx, http.StatusOK, order)
	case mine.Status == domain.PaymentDone:
		return nil, orderState(ctx, order, "ended before the payment was approved; what was charged is being refunded")
	case mine.Status == domain.PaymentRefused:
		return nil, declined(ctx, order, mine.Code, mine.Message)
	case mine.Status == domain.PaymentCanceled:
		return nil, notMade(ctx, order)
	}
	out, err := s.answer(ctx, http.StatusAccepted, order)
	if err != nil {
		return nil, err
	}
	out.Location, out.RetryAfter = "/v1/orders/"+string(order.ID), strconv.Itoa(retryAfterSeconds)
	return out, nil
}

// attempt reads what is written of a payment key; nil if nothing is.
func (s *Server) attempt(ctx context.Context, id domain.OrderID, paymentKey string) (*domain.Payment, error) {
	payments, err := s.store.Payments(ctx, id)
	for n := range payments {
		if payments[n].PaymentKey == paymentKey {
			return &payments[n], err
		}
	}
	return nil, err
}

// outcome answers with what became of an attempt.
func (s *Server) outcome(ctx context.Context, view workflows.OrderView) (*orderOutput, error) {
	if view.Status.Paid() {
		order, err := s.order(ctx, view.OrderID)
		if err != nil {
			return nil, err
		}
		return s.answer(ctx, http.StatusOK, order)
	}
	order := domain.Order{ID: view.OrderID, Status: view.Status, Reason: view.Reason, Declines: view.Declines}
	switch view.Payment.Outcome {
	case domain.OutcomeDeclined:
		return nil, declined(ctx, order, view.Payment.Code, view.Payment.Message)
	case domain.OutcomeFault:
		return nil, notMade(ctx, order)
	}
	return nil, orderState(ctx, order, "cannot be paid")
}

// declined tells a shopper that the card company refused, what that means for the order, and what to do.
func declined(ctx context.Context, o domain.Order, code, message string) *problem {
	next := "nothing was charged; go through the payment window again, with another card perhaps"
	if !o.Status.Unpaid() {
		next = "nothing was charged; the order has ended and its units are given back"
	}
	p := problemOf(ctx, domain.Errorf(domain.PaymentDeclined, "the payment was declined (%s: %s); %s", code, message, next))
	p.DeclineCode = code
	return p.of(o)
}

// notMade tells a shopper that the payment failed by a fault of ours.
func notMade(ctx context.Context, o domain.Order) *problem {
	return problemOf(ctx, domain.Errorf(domain.PaymentUnavailable,
		"the payment could not be made, by a fault of ours; nothing was charged. Go through the payment window again")).of(o)
}

// of adds where the order stands, and how often it may still be paid.
func (p *problem) of(o domain.Order) *problem {
	left := 0
	if o.Status.Unpaid() {
		left = max(0, domain.MaxDeclines-o.Declines)
	}
	p.OrderStatus, p.OrderReason, p.AttemptsLeft = o.Status, o.Reason, &left
	return p
}
