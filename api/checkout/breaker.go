package checkout

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// A breaker counts the last half minute. MaxBreakers bounds the products that have one.
const (
	breakerWindow   = 30 * time.Second
	breakerBucket   = 3 * time.Second
	breakerRequests = 50 // fewer say nothing
	breakerShare    = 10 // percent of system failures that open it
	breakerProbes   = 3
	MaxBreakers     = 10_000
)

// Breakers are circuit breakers, one for each product: system failures open only that product's, and its shoppers are told at once.
// The breaker that has been idle for longest is forgotten.
type Breakers struct {
	openFor time.Duration
	mu      sync.Mutex
	known   *lru.Cache[domain.ProductID, *gobreaker.TwoStepCircuitBreaker[any]]
	stuck   *lru.Cache[domain.OrderID, bool] // orders that were counted as failing
}

// NewBreakers returns Breakers that stay open for openFor; at most keep of them.
func NewBreakers(openFor time.Duration, keep int) (*Breakers, error) {
	known, err := lru.New[domain.ProductID, *gobreaker.TwoStepCircuitBreaker[any]](keep)
	if err != nil {
		return nil, err
	}
	stuck, err := lru.New[domain.OrderID, bool](keep)
	if err != nil {
		return nil, err
	}
	b := &Breakers{openFor: openFor, known: known, stuck: stuck}
	_, err = otel.Meter("runrun/breaker").Int64ObservableGauge("runrun_breaker_open",
		metric.WithDescription("Circuit breakers of products that are not closed: 1 half open, 2 open. A closed one is not listed."),
		metric.WithInt64Callback(b.observe))
	return b, err
}

func (b *Breakers) observe(_ context.Context, o metric.Int64Observer) error {
	for _, product := range b.known.Keys() {
		if breaker, ok := b.known.Peek(product); ok && breaker.State() != gobreaker.StateClosed {
			o.Observe(int64(breaker.State()), metric.WithAttributes(attribute.String("product", string(product))))
		}
	}
	return nil
}

// of returns a product's breaker.
func (b *Breakers) of(product domain.ProductID) *gobreaker.TwoStepCircuitBreaker[any] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if breaker, ok := b.known.Get(product); ok {
		return breaker
	}
	breaker := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name: string(product), MaxRequests: breakerProbes, Interval: breakerWindow, BucketPeriod: breakerBucket, Timeout: b.openFor,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			return n.Requests >= breakerRequests && n.TotalFailures*100 >= n.Requests*breakerShare
		},
		IsSuccessful: func(err error) bool { return !systemFailure(err) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) }, // the shopper hung up
		OnStateChange: func(name string, from, to gobreaker.State) {
			slog.Warn("circuit breaker changed", "product_id", name, "from", from.String(), "to", to.String())
		},
	})
	b.known.Add(product, breaker)
	return breaker
}

// State returns the state of a product's breaker: closed, half-open or open. It makes none.
func (b *Breakers) State(product domain.ProductID) string {
	if breaker, ok := b.known.Peek(product); ok {
		return breaker.State().String()
	}
	return gobreaker.StateClosed.String()
}

// systemFailure reports whether an order failed by a fault of ours. A refusal, a decline, invalid input and a full queue are none.
func systemFailure(err error) bool {
	code := domain.CodeOf(err)
	return code == domain.CodeInternal || code == domain.CodeUnavailable
}

// errOpen returns the error for a request that an open breaker refuses.
// Errors: BreakerOpen.
func errOpen(cause error) error {
	return domain.Wrap(domain.CodeBreakerOpen, cause,
		"orders for this product fail at the moment, by a fault of ours; this request ordered nothing; try again soon")
}

// checkOpen returns an error if the breaker of one of the products is open; a half-open one is not probed.
// Errors: BreakerOpen.
func (b *Breakers) checkOpen(items []domain.OrderItem) error {
	for _, item := range items {
		if breaker, ok := b.known.Peek(item.ProductID); ok && breaker.State() == gobreaker.StateOpen {
			return errOpen(gobreaker.ErrOpenState)
		}
	}
	return nil
}

// fail counts a failure of all products.
func (b *Breakers) fail(items []domain.OrderItem, err error) {
	for _, item := range items {
		if report, refused := b.of(item.ProductID).Allow(); refused == nil {
			report(err)
		}
	}
}

// allow passes an order through the breakers of all its products. done reports to them how it went.
// Errors: BreakerOpen.
func (b *Breakers) allow(items []domain.OrderItem) (done func(error), err error) {
	var dones []func(error)
	done = func(err error) {
		for _, report := range dones {
			report(err)
		}
	}
	for _, item := range items {
		report, err := b.of(item.ProductID).Allow()
		if err != nil {
			done(context.Canceled) // the others were asked for nothing
			return nil, errOpen(err)
		}
		dones = append(dones, report)
	}
	return done, nil
}

// Observe counts an order whose step is failing as a failure of its products, once. It is called with every order that is read.
func (b *Breakers) Observe(o domain.Order) {
	if o.Attention != domain.AttentionStepFailing {
		return
	}
	if counted, _ := b.stuck.ContainsOrAdd(o.ID, true); counted {
		return
	}
	b.fail(o.Items, domain.Errorf(domain.CodeUnavailable, "a step of order %s is failing", o.ID))
}
