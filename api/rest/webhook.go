package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/checkout"
	"runrun/domain"
)

// webhookInput is what we read of the gateway's webhook. It is unsigned, so it only says where to look.
type webhookInput struct {
	Body struct {
		_    struct{} `additionalProperties:"true"`
		Type string   `json:"eventType" maxLength:"100" doc:"Anything but PAYMENT_STATUS_CHANGED is ignored."`
		Data struct {
			_          struct{}       `additionalProperties:"true"`
			OrderID    domain.OrderID `json:"orderId" maxLength:"64"`
			PaymentKey string         `json:"paymentKey" maxLength:"200"`
			Status     string         `json:"status" maxLength:"100"`
		} `json:"data"`
	}
}

type receiptBody struct {
	Received bool `json:"received" doc:"Always true; it says nothing about the payment."`
}

// webhooks are the routes that the payment gateway calls.
type webhooks struct {
	Webhooks
	rate int // a second, of one address
}

func (w webhooks) routes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "receivePaymentWebhook", Method: http.MethodPost, Path: "/v1/webhooks/payments", Tags: []string{"payments"},
		Summary: "Tell the shop that a payment changed", Errors: []int{http.StatusTooManyRequests},
		Description: "For the payment gateway: PAYMENT_STATUS_CHANGED. Nothing in it is believed: the payment is read again at the gateway. " +
			"Copies and disorder are harmless. 200 at once, whatever it is about.",
	}, w.receive)
}

func (w webhooks) receive(ctx context.Context, in *webhookInput) (*output[receiptBody], error) {
	limit := domain.RateLimit{Name: "webhooks", Rate: w.rate, Burst: 10 * w.rate, Period: time.Second}
	if v := w.Limiter.Take(ctx, addressOf(ctx), limit, 1); !v.Allowed {
		return nil, domain.Errorf(domain.CodeTooManyRequests, "these are more webhooks than one address may send").WithRetryAt(v.RetryAt)
	}
	data := in.Body.Data
	if in.Body.Type == "PAYMENT_STATUS_CHANGED" && domain.ValidID(domain.OrderPrefix, string(data.OrderID)) &&
		domain.ValidKey(data.PaymentKey) {
		paid := data.Status == "DONE" || data.Status == "PARTIAL_CANCELED"
		w.Notices.Add(ctx, checkout.Notice{Order: data.OrderID, PaymentKey: data.PaymentKey, Paid: paid})
	}
	return &output[receiptBody]{Body: receiptBody{Received: true}}, nil
}
