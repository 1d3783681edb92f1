package gateway

import (
	"context"
	"errors"

	"github.com/sony/gobreaker/v2"

	"runrun/domain"
)

// errNothingSent says that a try was not made.
var errNothingSent = errors.New("nothing sent")

// TryConfirm is Confirm for a caller that cannot wait long. It sends nothing while a breaker is open, that of all calls or that of
// slow tries, or if as many calls as allowed are under way.
// Errors: BreakerOpen and Overloaded, and nothing was sent; Unavailable, and the outcome is not known.
func (c *Client) TryConfirm(ctx context.Context, want domain.Payment, idempotencyKey string) (domain.PaymentResult, error) {
	result, err := c.fast.Execute(func() (domain.PaymentResult, error) {
		if c.breaker.State() != gobreaker.StateClosed { // what it lets through while it is half open is left to calls that can wait
			return domain.PaymentResult{}, domain.Wrap(domain.CodeBreakerOpen, errNothingSent, "the gateway's circuit breaker is open")
		}
		result, err := c.confirm(ctx, want, idempotencyKey, false)
		if err == nil && ctx.Err() != nil {
			err = domain.Wrap(domain.CodeUnavailable, ctx.Err(), "the gateway did not answer in time")
		}
		return result, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = domain.Wrap(domain.CodeBreakerOpen, err, "the gateway is too slow for tries")
	}
	return result, err
}
