package server

import (
	"context"

	"runrun/domain"
)

// newReplays looks up idempotency keys, many in one statement: a rush of shoppers who are going to be refused costs the
// database hardly more than one of them.
func newReplays(find func(context.Context, []domain.OrderKey) (map[domain.OrderKey]domain.OrderID, error), cfg batching) (*batcher[domain.OrderKey, domain.OrderID], error) {
	cfg.name, cfg.dropsGone = "replay", true
	return newBatcher(func(ctx context.Context, keys []domain.OrderKey) ([]domain.OrderID, error) {
		found, err := find(ctx, keys)
		ids := make([]domain.OrderID, len(keys))
		for n, key := range keys {
			ids[n] = found[key]
		}
		return ids, err
	}, cfg)
}

// madeBefore reads the order that the caller made under the key.
// Errors: NotFound if there is none, IdempotencyReused if the body is another; Overloaded, Unavailable.
func (s *Server) madeBefore(ctx context.Context, key string, asked func() string) (domain.Order, error) {
	id, err := s.replays.ask(ctx, domain.OrderKey{UserID: callerOf(ctx).ID, Key: key})
	if err != nil {
		return domain.Order{}, err
	}
	if id == "" {
		return domain.Order{}, domain.Errorf(domain.NotFound, "there is no order under this idempotency key")
	}
	order, of, err := s.store.OrderByKey(ctx, callerOf(ctx).ID, key)
	if err == nil && of != asked() {
		err = domain.Errorf(domain.IdempotencyReused, "this Idempotency-Key belongs to another request; use a new one for a new order")
	}
	return order, err
}
