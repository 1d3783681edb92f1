package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"golang.org/x/sync/semaphore"

	"runrun/domain"
)

// Client speaks to the gateway. It is safe for concurrent use.
type Client struct {
	cfg     Config
	http    *http.Client
	slots   *semaphore.Weighted // a call each
	breaker *gobreaker.CircuitBreaker[answer]
	fast    *gobreaker.CircuitBreaker[domain.PaymentResult]
	calls   metric.Int64Counter
}

// New makes a client.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.SecretKey == "" {
		return nil, errors.New("pg-secret-key: must not be empty")
	}
	meter := otel.Meter("runrun/gateway")
	calls, err := meter.Int64Counter("runrun_gateway_calls",
		metric.WithDescription("Calls to the payment gateway, by call and what is known afterwards (a FAULT is ours, an UNKNOWN the gateway's)."))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: int(cfg.AtOnce), IdleConnTimeout: 90 * time.Second,
	}
	c := &Client{
		cfg: cfg, http: &http.Client{Timeout: cfg.Limit, Transport: otelhttp.NewTransport(transport)}, slots: semaphore.NewWeighted(cfg.AtOnce),
		breaker: newBreaker(cfg), fast: newFastBreaker(cfg), calls: calls,
	}
	for call, outcomes := range callOutcomes {
		for _, outcome := range outcomes {
			calls.Add(context.Background(), 0, byOutcome(call, outcome)) // so that the first one is an increase
		}
	}
	_, err = meter.Int64ObservableGauge("runrun_gateway_breaker_open",
		metric.WithDescription("The gateway's circuit breaker: 0 closed, 1 half open, 2 open."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(c.breaker.State()))
			return nil
		}))
	return c, err
}

// Confirm asks for the money of an authorized payment. The same idempotency key may be sent again; another key may not,
// before the outcome of this one is known.
// Errors: BreakerOpen and Overloaded, and nothing was sent.
func (c *Client) Confirm(ctx context.Context, want domain.Payment, idempotencyKey string) (domain.PaymentResult, error) {
	return c.confirm(ctx, want, idempotencyKey, true)
}

func (c *Client) confirm(ctx context.Context, want domain.Payment, idempotencyKey string, wait bool) (domain.PaymentResult, error) {
	body := confirmBody{PaymentKey: want.PaymentKey, OrderID: string(want.OrderID), Amount: want.Amount.Amount}
	got, err := c.call(ctx, request{
		method: http.MethodPost, path: "/v1/payments/confirm", idempotencyKey: idempotencyKey, body: body, wait: wait,
		unknown: func(a answer) bool {
			if a.refusal != nil {
				return confirmOutcome(a.refusal.Code) == domain.OutcomeUnknown
			}
			return confirmed(a.payment, want).Outcome == domain.OutcomeUnknown
		},
	})
	if err != nil {
		return domain.PaymentResult{}, err
	}
	result := confirmed(got.payment, want)
	if got.refusal != nil {
		result = domain.PaymentResult{Outcome: confirmOutcome(got.refusal.Code), Code: got.refusal.Code, Message: got.refusal.Message}
	}
	c.count(ctx, "confirm", string(result.Outcome))
	return result, nil
}

// LookUp asks what became of a payment, by its own key: an order may have several.
// Errors: BreakerOpen and Overloaded, and nothing was sent.
func (c *Client) LookUp(ctx context.Context, want domain.Payment) (domain.PaymentResult, error) {
	got, err := c.call(ctx, request{
		method: http.MethodGet, path: "/v1/payments/" + url.PathEscape(want.PaymentKey), wait: true,
		unknown: func(a answer) bool { return a.refusal != nil && !missing(a.refusal.Code) },
	})
	if err != nil {
		return domain.PaymentResult{}, err
	}
	result := found(got.payment, want)
	if got.refusal != nil {
		result = domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: got.refusal.Code, Message: got.refusal.Message}
		if missing(got.refusal.Code) {
			result.Outcome = domain.OutcomeMissing
		}
	}
	c.count(ctx, "lookup", string(result.Outcome))
	return result, nil
}

// Cancel gives a payment back, all of it or a part.
// Errors: BreakerOpen and Overloaded, and nothing was sent.
func (c *Client) Cancel(ctx context.Context, in domain.RefundOrder) (domain.RefundResult, error) {
	body := cancelBody{CancelReason: in.Reason, RefundableAmount: in.Refundable}
	if in.Amount != in.Refundable {
		body.CancelAmount = &in.Amount
	}
	got, err := c.call(ctx, request{
		method: http.MethodPost, path: "/v1/payments/" + url.PathEscape(in.Payment.PaymentKey) + "/cancel", idempotencyKey: in.IdempotencyKey,
		body: body, wait: true,
		unknown: func(a answer) bool { return a.refusal != nil && cancelOutcome(a.refusal.Code) == domain.RefundUnproven },
	})
	if err != nil {
		return domain.RefundResult{}, err
	}
	result := domain.RefundResult{Outcome: domain.Refunded, Answered: true}
	switch {
	case got.refusal != nil:
		result = domain.RefundResult{
			Outcome: cancelOutcome(got.refusal.Code), Code: got.refusal.Code, Message: got.refusal.Message,
			Answered: got.refusal.Code != codeNoAnswer && got.refusal.Code != codeProcessing,
		}
	case !got.payment.canceled() || got.payment.OrderID != string(in.Payment.OrderID) || got.payment.BalanceAmount > in.Refundable-in.Amount:
		result = domain.RefundResult{Outcome: domain.RefundUnproven, Code: got.payment.Status, Answered: true}
	}
	c.count(ctx, "cancel", string(result.Outcome))
	return result, nil
}

// Transactions lists what moved between two times, oldest first, from the one after the given key; at most limit.
// Errors: BreakerOpen and Overloaded, and nothing was sent; Unavailable.
func (c *Client) Transactions(ctx context.Context, from, until time.Time, after string, limit int) ([]domain.Transaction, error) {
	query := url.Values{
		"startDate": {from.In(seoul).Format(localTime)}, "endDate": {until.In(seoul).Format(localTime)}, "limit": {strconv.Itoa(limit)},
	}
	if after != "" {
		query.Set("startingAfter", after)
	}
	got, err := c.call(ctx, request{
		method: http.MethodGet, path: "/v1/transactions?" + query.Encode(), wait: true, list: true,
		unknown: func(a answer) bool { return a.refusal != nil },
	})
	if err != nil {
		return nil, err
	}
	if got.refusal != nil {
		c.count(ctx, "transactions", notListed)
		return nil, domain.Errorf(domain.CodeUnavailable, "the gateway does not list its transactions: %s %s",
			got.refusal.Code, got.refusal.Message)
	}
	moved := make([]domain.Transaction, len(got.transactions))
	for i, t := range got.transactions {
		moved[i] = domain.Transaction{Key: t.Key, OrderID: domain.OrderID(t.OrderID), PaymentKey: t.PaymentKey, Amount: t.Amount, At: t.At}
	}
	c.count(ctx, "transactions", listed)
	return moved, nil
}

// The gateway's times come and go without a zone, and are Seoul's.
const localTime = "2006-01-02T15:04:05"

var seoul = time.FixedZone("KST", 9*60*60)
