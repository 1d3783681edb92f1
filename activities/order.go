package activities

import (
	"context"
	"log/slog"

	"runrun/domain"
	"runrun/workflows"
)

// Orders are the activities of the queue orders: they change the shop's database.
type Orders struct {
	store    Store
	combiner *Combiner
	gate     Gate
	events   Announcer
}

var _ workflows.OrderActivities = (*Orders)(nil)

// NewOrders makes the activities of the queue orders.
func NewOrders(store Store, combiner *Combiner, gate Gate, events Announcer) *Orders {
	return &Orders{store: store, combiner: combiner, gate: gate, events: events}
}

// SetAttention marks an order for support staff.
func (a *Orders) SetAttention(ctx context.Context, in workflows.AttentionInput) (workflows.OrderState, error) {
	order, err := a.store.SetAttention(ctx, domain.AttentionChange{OrderID: in.OrderID, Attention: in.Attention, Actor: in.By, Note: in.Note})
	return a.changed(ctx, "SetAttention", order, err)
}

// changed lets the units of an order that has ended in again, announces its new row and answers with it. Both are help: the
// reconciler mends the gate, and who waits reads the row.
func (a *Orders) changed(ctx context.Context, activity string, order domain.Order, err error) (workflows.OrderState, error) {
	if err != nil {
		return workflows.OrderState{}, forHistory(ctx, activity, err)
	}
	if order.Status.GaveBack() {
		if err := a.gate.GiveBack(ctx, order.ID, order.UserID, order.Items); err != nil {
			slog.DebugContext(ctx, "gate", "order", order.ID, "error", err)
		}
	}
	if err := a.events.Announce(ctx, order.ID); err != nil {
		slog.DebugContext(ctx, "announce", "order", order.ID, "error", err)
	}
	return stateOf(order), nil
}

// stateOf is what the workflow needs to know of a row: little, since every answer is kept in the history.
func stateOf(o domain.Order) workflows.OrderState {
	return workflows.OrderState{Status: o.Status, Reason: o.Reason, PayBy: o.PayBy, Declines: o.Declines, Attention: o.Attention}
}
