package activities

import (
	"context"

	"runrun/domain"
	"runrun/workflows"
)

// MoveOrder takes a paid order to its next status, if the row allows it.
func (a *Orders) MoveOrder(ctx context.Context, in workflows.MoveInput) (workflows.OrderState, error) {
	order, err := a.store.Move(ctx, domain.Move{
		OrderID: in.OrderID, To: in.To, Reason: in.Reason, NextAfter: in.NextAfter, ReturnWithin: in.ReturnWithin,
		Staff: in.Staff, Actor: in.By, Note: in.Note,
	})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "MoveOrder", err)
	}
	a.announce(ctx, "MoveOrder", order)
	return stateOf(order), nil
}

// RestockOrder ends an order whose money is back, and admits other shoppers to its units.
func (a *Orders) RestockOrder(ctx context.Context, in workflows.RestockInput) (workflows.OrderState, error) {
	order, err := a.store.Restock(ctx, domain.Restock{OrderID: in.OrderID, Actor: in.By, Note: in.Note})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "RestockOrder", err)
	}
	a.giveBack(ctx, order)
	a.announce(ctx, "RestockOrder", order)
	return stateOf(order), nil
}
