package server

import (
	"context"
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
	handle(api, huma.Operation{OperationID: "checkout", Method: http.MethodGet, Path: "/v1/checkout/{orderId}", Tags: tags, Security: secured,
		Summary: "What to pay, and until when", Description: "409 ORDER_STATE if there is nothing to pay."}, s.checkout)
	handle(api, huma.Operation{
		OperationID: "confirm-payment", Method: http.MethodPost, Path: "/v1/payments/confirm", Tags: tags, Security: secured,
		Summary: "Pay: confirm what the payment window authorized",
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
		return nil, domain.Errorf(domain.OrderState, "the order is %s", o.Status)
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
		return nil, domain.Errorf(domain.OrderState, "the order is %s and cannot be paid", order.Status)
	}
	view, err := s.update(ctx, order, workflows.PayUpdate, workflows.PayUpdateID(in.Body.PaymentKey), workflows.PayRequest{PaymentKey: in.Body.PaymentKey})
	if err != nil {
		slog.DebugContext(ctx, "pay", "order", order.ID, "error", err)
		return s.unanswered(ctx, order, in.Body.PaymentKey, err)
	}
	return s.outcome(ctx, view)
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
	return nil, domain.Errorf(domain.OrderState, "the order is paid already, by another payment")
}

// unanswered answers when the workflow did not, from the order's row: with what became of the attempt, with 202 if it is
// still being worked on, or with why the workflow did not answer.
func (s *Server) unanswered(ctx context.Context, order domain.Order, paymentKey string, cause error) (*orderOutput, error) {
	mine, err := s.attempt(ctx, order.ID, paymentKey)
	if err != nil || mine == nil {
		return nil, cause
	}
	if order, err = s.order(ctx, order.ID); err == nil {
		order, err = s.await(ctx, order, answerLimit, func(o domain.Order) bool { return o.Status != domain.Paying })
	}
	if err != nil {
		return nil, cause
	}
	if mine, err = s.attempt(ctx, order.ID, paymentKey); err != nil || mine == nil {
		return nil, cause
	}
	switch mine.Status {
	case domain.PaymentDone:
		return s.answer(ctx, http.StatusOK, order)
	case domain.PaymentRefused:
		return nil, domain.Errorf(domain.PaymentDeclined, "%s: %s", mine.Code, mine.Message)
	case domain.PaymentCanceled:
		return nil, domain.Errorf(domain.PaymentUnavailable, "the payment could not be made; nothing was charged. Go through the payment window again")
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
	switch {
	case view.Status.Paid():
		order, err := s.order(ctx, view.OrderID)
		if err != nil {
			return nil, err
		}
		return s.answer(ctx, http.StatusOK, order)
	case view.Payment.Outcome == domain.OutcomeDeclined:
		return nil, domain.Errorf(domain.PaymentDeclined, "%s: %s", view.Payment.Code, view.Payment.Message)
	case view.Payment.Outcome == domain.OutcomeFault:
		return nil, domain.Errorf(domain.PaymentUnavailable, "the payment could not be made, by a fault of ours; nothing was charged. Go through the payment window again")
	}
	return nil, domain.Errorf(domain.OrderState, "the order is %s", view.Status)
}
