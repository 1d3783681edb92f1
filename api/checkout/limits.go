package checkout

import (
	"context"
	"time"

	"runrun/api/batch"
	"runrun/api/cache"
	"runrun/domain"
)

// LimitConfig bounds what one shopper may order and hold.
type LimitConfig struct {
	Rate, Burst           int // orders a second, and at once
	OpenOrders, OpenUnits int64
}

// Limits bound what one shopper may order and hold: whoever holds everything without paying closes the shop for ten minutes.
type Limits struct {
	cfg     LimitConfig
	limiter Limiter
	soldOut *cache.SoldOut
	open    *batch.Batcher[domain.UserID, domain.OpenOrders]
}

// NewLimits returns Limits. Open orders are counted for many shoppers in one statement.
func NewLimits(rows Rows, limiter Limiter, soldOut *cache.SoldOut, limits LimitConfig, cfg batch.Config) (*Limits, error) {
	cfg.Name, cfg.SkipCanceled = "holdings", true
	open, err := batch.New(func(ctx context.Context, users []domain.UserID) ([]domain.OpenOrders, error) {
		found, err := rows.OpenOrdersOf(ctx, users)
		counts := make([]domain.OpenOrders, len(users))
		for n, user := range users {
			counts[n] = found[user]
		}
		return counts, err
	}, cfg)
	return &Limits{cfg: limits, limiter: limiter, soldOut: soldOut, open: open}, err
}

// Stop ends counting.
func (l *Limits) Stop() { l.open.Stop() }

// checkRate takes one order from the shopper's rate, and reports what is left to r.OnRate.
// Errors: TooManyRequests.
func (l *Limits) checkRate(ctx context.Context, r *Request) error {
	v := l.limiter.Take(ctx, string(r.User), domain.RateLimit{Name: "orders", Rate: l.cfg.Rate, Burst: l.cfg.Burst, Period: time.Second}, 1)
	r.OnRate(v)
	if !v.Allowed {
		return domain.Errorf(domain.CodeTooManyRequests,
			"these are more orders than one shopper may ask for; nothing was ordered, try again in a moment").
			WithRetryAt(v.RetryAt)
	}
	return nil
}

// checkHoldings bounds what a shopper holds without having paid, of all products. The orders of one shopper come here one after
// another.
// Errors: LimitExceeded, Unavailable.
func (l *Limits) checkHoldings(ctx context.Context, r *Request) error {
	for _, item := range r.Items {
		if l.soldOut.Known(item.ProductID) {
			return nil // it is going to be refused, and costs no statement
		}
	}
	open, err := l.open.Do(ctx, r.User)
	if err != nil {
		return err
	}
	for _, item := range r.Items {
		open.Units += int64(item.Quantity)
	}
	if open.Orders+1 > l.cfg.OpenOrders || open.Units > l.cfg.OpenUnits {
		return domain.Errorf(domain.CodeLimitExceeded,
			"nothing was ordered: with it you would hold more than %d unpaid orders or %d unpaid units; pay or cancel some first",
			l.cfg.OpenOrders, l.cfg.OpenUnits)
	}
	return nil
}
