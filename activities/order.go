package activities

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

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
	steps    metric.Int64Counter
}

var _ workflows.OrderActivities = (*Orders)(nil)

// NewOrders makes the activities of the queue orders.
func NewOrders(store Store, combiner *reserve.Combiner, gate Gate, events Announcer) *Orders {
	steps, err := otel.Meter("runrun/orders").Int64Counter("runrun_order_steps",
		metric.WithDescription("Steps of orders that were carried out, and the order's status after it; a step that is repeated counts twice."))
	if err != nil {
		otel.Handle(err)
	}
	return &Orders{store: store, combiner: combiner, gate: gate, events: events, steps: steps}
}

// SetAttention marks an order for support staff.
func (a *Orders) SetAttention(ctx context.Context, in workflows.AttentionInput) (workflows.OrderState, error) {
	order, err := a.store.SetAttention(ctx, domain.AttentionChange{OrderID: in.OrderID, Attention: in.Attention, Actor: in.By, Note: in.Note})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "SetAttention", err)
	}
	a.announce(ctx, "SetAttention", order)
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

// announce counts a step, and tells who waits for the order that it has changed. If that fails, they read the row a little later.
func (a *Orders) announce(ctx context.Context, step string, order domain.Order) {
	a.steps.Add(ctx, 1, metric.WithAttributes(attribute.String("step", step), attribute.String("status", string(order.Status))))
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
