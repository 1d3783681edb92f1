package server

import (
	"context"

	"runrun/domain"
)

// newReads reads orders, many in one statement: a thousand shoppers who wait for their decision look at their rows again and
// again, and together that costs the database little more than one of them.
func newReads(find func(context.Context, []domain.OrderID) (map[domain.OrderID]domain.Order, error), cfg batching) (*batcher[domain.OrderID, *domain.Order], error) {
	cfg.name, cfg.dropsGone = "read", true
	return newBatcher(func(ctx context.Context, ids []domain.OrderID) ([]*domain.Order, error) {
		found, err := find(ctx, ids)
		orders := make([]*domain.Order, len(ids))
		for n, id := range ids {
			if o, there := found[id]; there {
				orders[n] = &o
			}
		}
		return orders, err
	}, cfg)
}

// order reads an order as it is now.
// Errors: NotFound, Overloaded, Unavailable.
func (s *Server) order(ctx context.Context, id domain.OrderID) (domain.Order, error) {
	order, err := s.reads.ask(ctx, id)
	if err != nil {
		return domain.Order{}, err
	}
	if order == nil {
		return domain.Order{}, domain.Errorf(domain.NotFound, "there is no order %s", id)
	}
	s.breakers.see(*order)
	return *order, nil
}
