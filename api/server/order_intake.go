package server

import (
	"context"

	"runrun/domain"
)

// newIntake writes new orders durably, many in one transaction, and says of each whether it is new. It tells accepted of
// those that are, whether or not their shoppers are still there.
func newIntake(accept func(context.Context, []domain.NewOrder) ([]bool, error), accepted func([]domain.NewOrder), cfg batching) (*batcher[domain.NewOrder, bool], error) {
	cfg.name, cfg.limit = "intake", writeLimitDB
	return newBatcher(func(ctx context.Context, orders []domain.NewOrder) ([]bool, error) {
		news, err := accept(ctx, orders)
		if err != nil {
			return nil, err
		}
		var fresh []domain.NewOrder
		for n, o := range orders {
			if news[n] {
				fresh = append(fresh, o)
			}
		}
		accepted(fresh)
		return news, nil
	}, cfg)
}
