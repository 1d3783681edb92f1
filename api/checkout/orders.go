package checkout

import (
	"context"
	"sync"

	"runrun/api/batch"
	"runrun/domain"
)

// Orders reads orders, and waits for them to change. Reads are batched: a thousand shoppers who wait for their decision cost the
// database little more than one of them.
type Orders struct {
	reads    *batch.Batcher[domain.OrderID, *domain.Order]
	changes  Announcements
	silent   func() bool // reports that changes are not announced at this time
	observe  func(domain.Order)
	ctx      context.Context //nolint:containedctx // the life of the process, which every wait ends with
	mu       sync.Mutex
	watching map[domain.OrderID]*watch
}

// NewOrders returns Orders that wait no longer than ctx lives. silent reports that changes are not announced at this time, and
// observe is called with every order that is read.
func NewOrders(
	ctx context.Context,
	rows Rows,
	changes Announcements,
	silent func() bool,
	observe func(domain.Order),
	cfg batch.Config,
) (*Orders, error) {
	cfg.Name, cfg.SkipCanceled = "read", true
	reads, err := batch.New(func(ctx context.Context, ids []domain.OrderID) ([]*domain.Order, error) {
		found, err := rows.OrdersByID(ctx, ids)
		orders := make([]*domain.Order, len(ids))
		for n, id := range ids {
			if o, there := found[id]; there {
				orders[n] = &o
			}
		}
		return orders, err
	}, cfg)
	return &Orders{reads: reads, changes: changes, silent: silent, observe: observe, ctx: ctx, watching: map[domain.OrderID]*watch{}}, err
}

// Stop ends reading.
func (s *Orders) Stop() { s.reads.Stop() }

// Get returns an order as it is now.
// Errors: NotFound, Overloaded, Unavailable.
func (s *Orders) Get(ctx context.Context, id domain.OrderID) (domain.Order, error) {
	order, err := s.reads.Do(ctx, id)
	if err != nil {
		return domain.Order{}, err
	}
	if order == nil {
		return domain.Order{}, domain.Errorf(domain.CodeNotFound, "there is no order %s", id)
	}
	s.observe(*order)
	return *order, nil
}

// Of returns an order of a shopper; another's does not exist for them.
// Errors: NotFound, Overloaded, Unavailable.
func (s *Orders) Of(ctx context.Context, user domain.UserID, id domain.OrderID) (domain.Order, error) {
	order, err := s.Get(ctx, id)
	if err == nil && order.UserID != user {
		err = domain.Errorf(domain.CodeNotFound, "there is no order %s", id)
	}
	return order, err
}
