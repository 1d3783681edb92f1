package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
	"runrun/workflows"
)

type checkoutInput struct {
	ID domain.OrderID `path:"orderId" maxLength:"64"`
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
		OrderID    domain.OrderID `json:"orderId" maxLength:"64"`
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
		return s.unanswered(ctx, order, in.Body.PaymentKey, err)
	}
	return s.outcome(ctx, view)
}

// repeated answers who confirms the same payment again.
func (s *Server) repeated(ctx context.Context, order domain.Order, paymentKey string) (*orderOutput, error) {
	payments, err := s.store.Payments(ctx, order.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range payments {
		if p.PaymentKey == paymentKey && p.Status == domain.PaymentDone {
			return s.answer(ctx, http.StatusOK, order)
		}
	}
	return nil, domain.Errorf(domain.OrderState, "the order is paid already, by another payment")
}

// unanswered answers while a payment is still being worked on: with 202 if this one is, else with what went wrong.
func (s *Server) unanswered(ctx context.Context, order domain.Order, paymentKey string, cause error) (*orderOutput, error) {
	latest, err := s.store.Order(ctx, order.ID)
	if err != nil {
		return nil, cause
	}
	if latest.Status.Paid() {
		return s.repeated(ctx, latest, paymentKey)
	}
	body, err := s.orderBody(ctx, latest)
	if err != nil || latest.Status != domain.Paying || body.Payment == nil || body.Payment.PaymentKey != paymentKey {
		return nil, cause
	}
	return &orderOutput{
		Status: http.StatusAccepted, ETag: etag(latest), Location: "/v1/orders/" + string(order.ID), RetryAfter: "2", Body: body,
	}, nil
}

// outcome answers with what became of an attempt.
func (s *Server) outcome(ctx context.Context, view workflows.OrderView) (*orderOutput, error) {
	switch {
	case view.Status.Paid():
		order, err := s.store.Order(ctx, view.OrderID)
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
