package activities

import (
	"context"

	"runrun/workflows"
)

// Reserve takes an order's units off the shelf until it is paid, or refuses it. A refusal is an answer, not an error.
func (a *Orders) Reserve(ctx context.Context, in workflows.ReserveInput) (workflows.OrderState, error) {
	order, err := a.combiner.Reserve(ctx, in)
	return a.changed(ctx, "Reserve", order, err)
}

// Release ends an unpaid order and puts its units back on the shelf.
func (a *Orders) Release(ctx context.Context, in workflows.ReleaseInput) (workflows.OrderState, error) {
	order, err := a.store.Release(ctx, in.OrderID, in.End, in.Reason)
	return a.changed(ctx, "Release", order, err)
}
