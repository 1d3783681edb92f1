package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/checkout"
	"runrun/domain"
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

// payments are the routes of paying.
type payments struct {
	orderView
	checkout *checkout.Checkout
}

func (p payments) routes(api huma.API) {
	tags := []string{"payments"}
	handle(api, huma.Operation{
		OperationID: "getCheckout",
		Method:      http.MethodGet,
		Path:        "/v1/checkout/{orderId}",
		Tags:        tags,
		Summary:     "What to pay, and until when",
		Errors:      []int{http.StatusConflict},
		Description: "409 ORDER_STATE if there is nothing to pay.",
	}, p.show)
	handle(api, huma.Operation{
		OperationID: "confirmPayment",
		Method:      http.MethodPost,
		Path:        "/v1/payments/confirm",
		Tags:        tags,
		Summary:     "Pay: confirm what the payment window authorized",
		Errors:      []int{http.StatusPaymentRequired, http.StatusNotFound, http.StatusConflict},
		Description: "200: PLACED. 202: PAYING, the gateway has not answered yet; follow the order. 402 PAYMENT_DECLINED, " +
			"with up to three attempts. " +
			"409 ORDER_STATE, PAYMENT_IN_PROGRESS. 422 AMOUNT_MISMATCH. 503 PAYMENT_UNAVAILABLE: a fault of ours, nothing was " +
			"charged, authorize again; 503 UNAVAILABLE: not known yet, the same request may be sent again. Repeated after " +
			"PLACED: 200.",
	}, p.confirm)
}

// show answers with what is to be paid.
func (p payments) show(ctx context.Context, in *checkoutInput) (*output[checkoutBody], error) {
	o, err := p.checkout.Payable(ctx, callerOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[checkoutBody]{Body: checkoutBody{
		OrderID: o.ID, OrderName: o.Name, Status: o.Status, Amount: o.Due.Amount, Currency: o.Due.Currency, PayBy: optional(o.PayBy),
	}}, nil
}

// confirm confirms a payment: 200 paid, 202 no outcome yet.
func (p payments) confirm(ctx context.Context, in *confirmInput) (*orderOutput, error) {
	order, pending, err := p.checkout.Pay(ctx, checkout.Payment{
		User: callerOf(ctx).ID, Order: in.Body.OrderID, PaymentKey: in.Body.PaymentKey, Amount: in.Body.Amount,
	})
	if err != nil {
		return nil, err
	}
	if !pending {
		return p.answer(ctx, http.StatusOK, order)
	}
	return p.accepted(ctx, order)
}
