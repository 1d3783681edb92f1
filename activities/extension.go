package activities

import (
	"context"

	"runrun/workflows"
)

// ExtendHold puts off until when the order is to be paid, if the row allows it.
func (a *Orders) ExtendHold(ctx context.Context, in workflows.ExtendInput) (workflows.OrderState, error) {
	order, err := a.store.Extend(ctx, in.OrderID)
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "ExtendHold", err)
	}
	a.announce(ctx, "ExtendHold", order)
	return stateOf(order), nil
}
