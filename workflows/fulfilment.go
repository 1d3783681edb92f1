package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// fulfil takes a paid order one step on: by itself when its time has come, or back.
func (o *order) fulfil(ctx workflow.Context) {
	switch o.view.Status {
	case domain.StatusCanceling:
		o.giveMoneyBack(ctx, domain.RefundReasonCanceled)
	case domain.StatusReturning:
		o.awaitGoods(ctx)
		o.giveMoneyBack(ctx, domain.RefundReasonReturned)
	default:
		o.awaitNextStep(ctx)
	}
}

// awaitNextStep waits until the order is to be taken on, or back. The row decides which comes first.
func (o *order) awaitNextStep(ctx workflow.Context) {
	if o.view.NextAt.IsZero() { // placed by a build that did not know what follows
		o.view.NextAt = workflow.Now(ctx).Add(o.in.Fulfilment.ShipAfter)
	}
	next, _ := o.in.Fulfilment.Next(o.view.Status)
	o.deadline.set(ctx, o.view.NextAt, "The order becomes "+string(next))
	// "Request Cancellation" in the Web UI takes back what is not shipped, also if it came during the payment, which is finished first.
	stopped := func() bool { return o.stopped() && o.view.Status == domain.StatusPlaced }
	o.awaitUnlessLeaving(ctx, func() bool { return o.canceled != nil || o.reversal != nil || o.deadline.passed() || stopped() })
	switch {
	case o.canceled != nil:
		o.cancelPaid(ctx)
	case o.reversal != nil:
		o.reverse(ctx)
	case stopped():
		o.canceled = &CancelRequest{}
		o.cancelPaid(ctx)
	case o.deadline.passed():
		o.advance(ctx)
	}
}

// advance takes the order to what follows by itself.
func (o *order) advance(ctx workflow.Context) {
	next, then := o.in.Fulfilment.Next(o.view.Status)
	in := MoveInput{To: next, NextAfter: then}
	if next == domain.StatusDelivered {
		in.ReturnWithin = o.in.Fulfilment.ReturnWithin
	}
	before := o.view.Status
	o.move(ctx, fmt.Sprintf("Take the order from %s to %s", before, next), in)
	if o.view.Status == before { // the database, whose clock set the time, says that it has not come yet
		if again := workflow.Now(ctx).Add(tooEarly); o.view.NextAt.Before(again) {
			o.view.NextAt = again
		}
	}
}

// move changes the status of a paid order, as far as the row allows it.
func (o *order) move(ctx workflow.Context, summary string, in MoveInput) {
	in.OrderID = o.in.OrderID
	state, err := step(ctx, o, quickStep(summary), OrderActivities.MoveOrder, in)
	if err == nil {
		o.applyRow(ctx, state)
	}
}

// awaitGoods waits while the goods travel back, or until staff say that they have arrived.
func (o *order) awaitGoods(ctx workflow.Context) {
	if o.view.NextAt.IsZero() { // refunded by staff, who wait for nothing
		return
	}
	o.deadline.set(ctx, o.view.NextAt, "The returned goods should be here: refund")
	o.awaitUnlessLeaving(ctx, func() bool { return o.arrived || o.deadline.passed() })
}

// awaitUnlessLeaving waits until the condition holds, or this run has to end.
func (o *order) awaitUnlessLeaving(ctx workflow.Context, condition func() bool) {
	_ = workflow.Await(ctx, func() bool { return condition() || o.mustLeave(ctx) })
}

// giveMoneyBack refunds what is left of the payment, and then puts the units back on sale.
func (o *order) giveMoneyBack(ctx workflow.Context, reason string) {
	if o.mustLeave(ctx) || !o.refundAll(ctx, reason) {
		return
	}
	for failures := 0; o.view.Status.Reversing() && !o.mustLeave(ctx); failures++ {
		in := RestockInput{OrderID: o.in.OrderID, By: o.resolution.By, Note: o.resolution.Note}
		state, err := step(ctx, o, quickStep("Put the units back on sale").raises(domain.AttentionReleaseFailed),
			OrderActivities.RestockOrder, in)
		if err != nil {
			return
		}
		o.applyRow(ctx, state)
		if state.Status.Reversing() {
			_ = o.awaitRetry(ctx, domain.AttentionReleaseFailed,
				"the row says that money of the order is not back yet, so its units are not restocked",
				failures)
		}
	}
	o.clearAttention(ctx)
}
