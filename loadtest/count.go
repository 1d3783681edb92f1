package main

import (
	"context"

	"runrun/loadtest/audit"
)

// count waits until every order is settled, and then looks everywhere.
func (r *run) count(ctx context.Context) (*audit.Audit, error) {
	a := &audit.Audit{
		Products:     r.products,
		Units:        r.scenario.units,
		Stocks:       map[string]audit.Stock{},
		Firm:         r.scenario.firm,
		WithoutRedis: r.cfg.WithoutRedis,
	}
	for _, sh := range r.shoppers {
		a.Shoppers = append(a.Shoppers, &sh.Shopper)
	}
	var err error
	if a.Orders, err = r.settle(ctx); err != nil {
		return nil, err
	}
	for _, product := range r.products {
		if a.Stocks[product], err = r.stockOf(ctx, product); err != nil {
			return nil, err
		}
	}
	if a.Ledger, err = r.ledger(ctx); err != nil {
		return nil, err
	}
	a.Workflows, err = r.countWorkflows(ctx, a.Orders)
	return a, err
}
