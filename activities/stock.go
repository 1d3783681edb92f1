package activities

import (
	"context"
	"slices"

	"runrun/activities/reserve"
	"runrun/domain"
	"runrun/workflows"
)

// Reserve holds an order's units until it is paid, or refuses it. A refusal is an answer, not an error.
func (a *Orders) Reserve(ctx context.Context, in workflows.ReserveInput) (workflows.OrderState, error) {
	order, err := a.combiner.Reserve(ctx, reserve.Request{OrderID: in.OrderID, ProductIDs: in.ProductIDs, PayWithin: in.PayWithin})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "Reserve", err)
	}
	a.giveBack(ctx, order)
	a.announce(ctx, "Reserve", order)
	state := stateOf(order)
	if order.NeverPaid() || order.Status == domain.StatusPaying {
		return state, nil
	}
	return a.withPayment(ctx, order.ID, state)
}

// withPayment adds what is known of the payment of an order that was decided long before: its workflow was reset, or is a new one.
func (a *Orders) withPayment(ctx context.Context, id domain.OrderID, state workflows.OrderState) (workflows.OrderState, error) {
	payments, err := a.store.Payments(ctx, id)
	if err != nil {
		return state, toApplicationError(ctx, "Reserve", err)
	}
	for _, p := range payments {
		if p.Status == domain.PaymentDone {
			state.PaymentKey, state.PaidAt = p.PaymentKey, p.ApprovedAt
		}
	}
	refunds, err := a.store.Refunds(ctx, id)
	for _, refund := range refunds {
		if refund.Status != domain.RefundDone {
			state.PaymentKey, state.RefundDue = refund.PaymentKey, true
			break
		}
		if state.PaymentKey == "" { // everything is refunded, and the order is still to be restocked
			state.PaymentKey = refund.PaymentKey
		}
	}
	return state, toApplicationError(ctx, "Reserve", err)
}

// Release ends an unpaid order and makes its units available again.
func (a *Orders) Release(ctx context.Context, in workflows.ReleaseInput) (workflows.OrderState, error) {
	order, err := a.store.Release(ctx, domain.Release{OrderID: in.OrderID, End: in.End, Reason: in.Reason, Actor: in.By, Note: in.Note})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "Release", err)
	}
	a.giveBack(ctx, order)
	a.announce(ctx, "Release", order)
	state := stateOf(order)
	if in.End != domain.StatusExpired || order.Status != domain.StatusHeld {
		return state, nil
	}
	payments, err := a.store.Payments(ctx, order.ID)
	// An order that is still HELD was not due, unless an open or approved payment kept it from being released.
	state.NotDue = err == nil && !slices.ContainsFunc(payments, func(p domain.Payment) bool {
		return p.Status == domain.PaymentIntent || p.Status == domain.PaymentUnknown || p.Status == domain.PaymentDone
	})
	return state, toApplicationError(ctx, "Release", err)
}
