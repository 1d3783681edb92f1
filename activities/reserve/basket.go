package reserve

import (
	"context"
	"fmt"
	"slices"

	"runrun/domain"
)

// basket decides an order of several products by itself, all or nothing, under the locks of all of them, taken in one order.
func (c *Combiner) basket(ctx context.Context, products []domain.ProductID, w *waiting) (domain.Order, error) {
	products = slices.Sorted(slices.Values(products))
	held := leases{}
	defer func() {
		for _, lease := range held {
			lease.Release(context.WithoutCancel(ctx))
		}
	}()
	locking, cancel := context.WithTimeout(ctx, c.cfg.LockWait)
	defer cancel()
	for _, product := range products {
		lease, err := c.locks.Acquire(locking, product, 0)
		if err != nil {
			return domain.Order{}, fmt.Errorf("basket: %w", err)
		}
		held[product] = lease
	}
	limited, cancelLimit := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.BatchLimit)
	defer cancelLimit()
	held = c.decide(limited, held, []*waiting{w})
	d := <-w.answer
	return d.order, d.err
}
