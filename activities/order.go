package activities

import (
	"context"
	"log/slog"

	"runrun/activities/reserve"
	"runrun/domain"
	"runrun/workflows"
)

// Orders are the activities of the queue orders: they change the shop's database.
type Orders struct {
	store    Store
	combiner *reserve.Combiner
	gate     Gate
	events   Announcer
}

var _ workflows.OrderActivities = (*Orders)(nil)

// NewOrders makes the activities of the queue orders.
func NewOrders(store Store, combiner *reserve.Combiner, gate Gate, events Announcer) *Orders {
	return &Orders{store: store, combiner: combiner, gate: gate, events: events}
}

// SetAttention marks an order for support staff.
func (a *Orders) SetAttention(ctx context.Context, in workflows.AttentionInput) (workflows.OrderState, error) {
	order, err := a.store.SetAttention(ctx, domain.AttentionChange{OrderID: in.OrderID, Attention: in.Attention, Actor: in.By, Note: in.Note})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "SetAttention", err)
	}
	a.announce(ctx, order)
	return stateOf(order), nil
}

// giveBack admits other shoppers to the units of an order that has ended. If it fails, the reconciler corrects the gate.
func (a *Orders) giveBack(ctx context.Context, order domain.Order) {
	if !order.Status.GaveBack() {
		return
	}
	if err := a.gate.GiveBack(ctx, order.ID, order.UserID, order.Items); err != nil {
		slog.DebugContext(ctx, "gate give-back failed; left to the reconciler", "order_id", order.ID, "error", err)
	}
}

// announce tells who waits for the order that it has changed. If it fails, they read the row a little later.
func (a *Orders) announce(ctx context.Context, order domain.Order) {
	if err := a.events.Announce(ctx, order.ID); err != nil {
		slog.DebugContext(ctx, "order change not announced", "order_id", order.ID, "error", err)
	}
}

// stateOf is what the workflow needs to know of a row: little, since every answer is kept in the history.
func stateOf(o domain.Order) workflows.OrderState {
	return workflows.OrderState{
		Status: o.Status, Reason: o.Reason, PayBy: o.PayBy, NextAt: o.NextAt, ReturnBy: o.ReturnBy, Declines: o.Declines, Attention: o.Attention,
	}
}
