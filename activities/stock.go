package activities

import (
	"context"
	"slices"

	"runrun/domain"
	"runrun/workflows"
)

// Reserve takes an order's units off the shelf until it is paid, or refuses it. A refusal is an answer, not an error.
func (a *Orders) Reserve(ctx context.Context, in workflows.ReserveInput) (workflows.OrderState, error) {
	order, err := a.combiner.Reserve(ctx, in)
	state, err := a.changed(ctx, "Reserve", order, err)
	fresh := order.Status == domain.Refused || order.Status == domain.Held && order.Version <= heldVersion
	if err != nil || fresh || order.Status == domain.Paying || order.Status == domain.Received {
		return state, err
	}
	return a.withPayment(ctx, order.ID, state)
}

// withPayment adds what is known of the payment of an order that was decided long before: its workflow was reset, or is a new one.
func (a *Orders) withPayment(ctx context.Context, id domain.OrderID, state workflows.OrderState) (workflows.OrderState, error) {
	payments, err := a.store.Payments(ctx, id)
	if err != nil {
		return state, forHistory(ctx, "Reserve", err)
	}
	for _, p := range payments {
		if p.Status == domain.PaymentDone {
			state.PaymentKey, state.PaidAt = p.PaymentKey, p.ApprovedAt
		}
	}
	refund, err := a.store.OpenRefund(ctx, id)
	if err != nil {
		return state, forHistory(ctx, "Reserve", err)
	}
	if refund != nil {
		state.PaymentKey, state.RefundDue = refund.PaymentKey, true
	}
	return state, nil
}

// heldVersion is the version of an order that was just held: received, held.
const heldVersion = 2

// Release ends an unpaid order and puts its units back on the shelf.
func (a *Orders) Release(ctx context.Context, in workflows.ReleaseInput) (workflows.OrderState, error) {
	order, err := a.store.Release(ctx, domain.Release{OrderID: in.OrderID, End: in.End, Reason: in.Reason, Actor: in.By, Note: in.Note})
	state, err := a.changed(ctx, "Release", order, err)
	if err != nil || in.End != domain.Expired || order.Status != domain.Held {
		return state, err
	}
	payments, err := a.store.Payments(ctx, order.ID)
	state.NotDue = err == nil && !slices.ContainsFunc(payments, func(p domain.Payment) bool { // else its money keeps it
		return p.Status == domain.PaymentIntent || p.Status == domain.PaymentOpen || p.Status == domain.PaymentDone
	})
	return state, forHistory(ctx, "Release", err)
}
