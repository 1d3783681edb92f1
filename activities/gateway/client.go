package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// DevelopmentSecretKey is that of the mock. It is public, and refused outside development.
const DevelopmentSecretKey = "test_sk_runrun" //nolint:gosec // the mock's, and refused elsewhere

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// maxConnections bounds the connections to the gateway; a call beyond it waits, within its limit.
const maxConnections = 256

// Config says where the gateway is.
type Config struct {
	URL       string `name:"pg-url" env:"PG_URL" default:"http://127.0.0.1:8090" help:"Payment gateway (the real one: https://api.tosspayments.com)."`
	SecretKey string `name:"pg-secret-key" env:"PG_SECRET_KEY" default:"test_sk_runrun" help:"The merchant's secret key."`
	// Limit bounds one call. The gateway may take 60 s; the activity's limit must be longer than this one.
	Limit time.Duration `name:"pg-limit" env:"PG_LIMIT" default:"65s" help:"How long one call may take (the gateway may use 60s)."`
	// BreakerAfter and BreakerFor say when to leave a sick gateway alone.
	BreakerAfter uint32        `name:"pg-breaker-after" env:"PG_BREAKER_AFTER" default:"20" help:"Calls in half a minute from which the breaker may open, if half of them failed."`
	BreakerFor   time.Duration `name:"pg-breaker-for" env:"PG_BREAKER_FOR" default:"10s" help:"How long the open breaker sends nothing."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		errs = append(errs, fmt.Errorf("pg-url: want http(s)://host, not %q", c.URL))
	}
	if c.SecretKey == "" {
		errs = append(errs, errors.New("pg-secret-key: must not be empty"))
	}
	if c.Limit <= 0 || c.BreakerFor <= 0 || c.BreakerAfter == 0 {
		errs = append(errs, errors.New("pg-limit, pg-breaker-for, pg-breaker-after: must be positive"))
	}
	return errors.Join(errs...)
}

// Client speaks to the gateway. It is safe for concurrent use.
type Client struct {
	cfg     Config
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[answer]
	calls   metric.Int64Counter
}

// answer is what came back: a payment, or a refusal.
type answer struct {
	payment payment
	refusal *refusal
}

// New makes a client.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	meter := otel.Meter("runrun/gateway")
	calls, err := meter.Int64Counter("runrun_gateway_calls",
		metric.WithDescription("Calls to the payment gateway, by call and what is known afterwards (a FAULT is ours, an UNKNOWN the gateway's)."))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: maxConnections, MaxIdleConnsPerHost: maxConnections, IdleConnTimeout: 90 * time.Second,
	}
	c := &Client{cfg: cfg, http: &http.Client{Timeout: cfg.Limit, Transport: transport}, calls: calls, breaker: newBreaker(cfg)}
	_, err = meter.Int64ObservableGauge("runrun_gateway_breaker_open",
		metric.WithDescription("The gateway's circuit breaker: 0 closed, 1 half open, 2 open."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(c.breaker.State()))
			return nil
		}))
	return c, err
}

// newBreaker counts what says that the gateway is sick, transport failures and unknown outcomes, and never a decline.
func newBreaker(cfg Config) *gobreaker.CircuitBreaker[answer] {
	return gobreaker.NewCircuitBreaker[answer](gobreaker.Settings{
		Name: "gateway", MaxRequests: 3, Interval: 30 * time.Second, BucketPeriod: 3 * time.Second, Timeout: cfg.BreakerFor,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			return n.Requests >= cfg.BreakerAfter && n.TotalFailures*2 >= n.Requests
		},
		IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
	})
}

// Confirm asks for the money of an authorized payment. The same idempotency key may be sent again; another key may not,
// before the outcome of this one is known.
// Errors: BreakerOpen, and nothing was sent.
func (c *Client) Confirm(ctx context.Context, want domain.Payment, idempotencyKey string) (domain.PaymentResult, error) {
	body := confirmBody{PaymentKey: want.PaymentKey, OrderID: string(want.OrderID), Amount: want.Amount.Amount}
	got, err := c.call(ctx, http.MethodPost, "/v1/payments/confirm", idempotencyKey, body, func(a answer) bool {
		if a.refusal != nil {
			return confirmOutcome(a.refusal.Code) == domain.OutcomeUnknown
		}
		return confirmed(a.payment, want).Outcome == domain.OutcomeUnknown
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
// Errors: BreakerOpen, and nothing was sent.
func (c *Client) LookUp(ctx context.Context, want domain.Payment) (domain.PaymentResult, error) {
	got, err := c.call(ctx, http.MethodGet, "/v1/payments/"+url.PathEscape(want.PaymentKey), "", nil, func(a answer) bool {
		return a.refusal != nil && !missing(a.refusal.Code)
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

// Cancel gives the whole payment back.
// Errors: BreakerOpen, and nothing was sent.
func (c *Client) Cancel(ctx context.Context, want domain.Payment, reason, idempotencyKey string) (domain.RefundResult, error) {
	body := cancelBody{CancelReason: reason, RefundableAmount: want.Amount.Amount}
	path := "/v1/payments/" + url.PathEscape(want.PaymentKey) + "/cancel"
	got, err := c.call(ctx, http.MethodPost, path, idempotencyKey, body, func(a answer) bool {
		return a.refusal != nil && cancelOutcome(a.refusal.Code) == domain.RefundUnproven
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
	case got.payment.Status != "CANCELED" || got.payment.OrderID != string(want.OrderID):
		result = domain.RefundResult{Outcome: domain.RefundUnproven, Code: got.payment.Status, Answered: true}
	}
	c.count(ctx, "cancel", string(result.Outcome))
	return result, nil
}

// errUnknown tells the breaker that the gateway does not know either.
var errUnknown = errors.New("unknown outcome")

// call sends one request through the breaker. An answer that did not come is a refusal with a code of our own.
func (c *Client) call(ctx context.Context, method, path, key string, body any, unknown func(answer) bool) (answer, error) {
	var got answer
	_, err := c.breaker.Execute(func() (answer, error) {
		var err error
		if got, err = c.send(ctx, method, path, key, body); err != nil {
			got = answer{refusal: &refusal{Code: codeNoAnswer, Message: "the gateway did not answer"}}
			if ctx.Err() != nil {
				return got, context.Canceled // the caller went away: no sign of a sick gateway
			}
			return got, err
		}
		if unknown(got) {
			return got, errUnknown
		}
		return got, nil
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return answer{}, domain.Wrap(domain.CodeBreakerOpen, err, "the payment gateway's circuit breaker is open; nothing was sent")
	}
	return got, nil
}

func (c *Client) send(ctx context.Context, method, path, key string, body any) (answer, error) {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		payload = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.cfg.URL+path, payload)
	if err != nil {
		return answer{}, err
	}
	r.GetBody = nil // else net/http repeats a request with an Idempotency-Key by itself when a connection breaks
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.cfg.SecretKey+":")))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "en-US")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return read(resp)
}

// read decides between a payment and a refusal. The status is used for nothing else.
func read(resp *http.Response) (answer, error) {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	var got answer
	if resp.StatusCode == http.StatusOK {
		if json.Unmarshal(text, &got.payment) != nil || got.payment.PaymentKey == "" {
			got.refusal = &refusal{Code: codeUnreadable, Message: "the gateway's answer is not a payment"}
		}
		return got, nil
	}
	got.refusal = &refusal{}
	if json.Unmarshal(text, got.refusal) != nil || got.refusal.Code == "" {
		got.refusal = &refusal{Code: codeUnreadable, Message: "the gateway's answer is not an error of its kind"}
	}
	return got, nil
}

func (c *Client) count(ctx context.Context, call, outcome string) {
	c.calls.Add(ctx, 1, metric.WithAttributes(attribute.String("call", call), attribute.String("outcome", outcome)))
}
