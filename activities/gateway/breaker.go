package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"runrun/domain"
)

// newFastBreaker counts tries that had no answer in time. It opens before many workflow tasks wait for a slow gateway.
func newFastBreaker(cfg Config) *gobreaker.CircuitBreaker[domain.PaymentResult] {
	return gobreaker.NewCircuitBreaker[domain.PaymentResult](gobreaker.Settings{
		Name: "fast confirm", MaxRequests: 1, Interval: 30 * time.Second, BucketPeriod: 3 * time.Second, Timeout: cfg.BreakerFor,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.TotalFailures >= 3 && n.TotalFailures*4 >= n.Requests },
		IsExcluded:  func(err error) bool { return errors.Is(err, errNothingSent) || errors.Is(err, gobreaker.ErrOpenState) },
	})
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
