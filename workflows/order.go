package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// OrderWorkflow takes one order from its reservation to its end.
func OrderWorkflow(ctx workflow.Context, in OrderInput) (OrderView, error) {
	o, err := receive(ctx, in)
	if err != nil {
		return OrderView{}, err
	}
	lasting, cancel := workflow.NewDisconnectedContext(ctx) // of a paid order, which nobody stops
	defer cancel()
	o.reserve(ctx)
	if o.refundDue {
		o.finishOpenRefund(lasting)
	}
	for !o.over() {
		switch {
		case o.readyToContinueAsNew(ctx):
			return o.view, workflow.NewContinueAsNewError(ctx, OrderWorkflow, in)
		case o.view.Status.Unpaid():
			o.sell(ctx)
		default:
			o.fulfil(lasting)
		}
	}
	return o.view, o.awaitAnswers(ctx)
}

// over reports whether nothing follows: the order has ended, or it is paid and has no fulfilment, or staff gave it up.
func (o *order) over() bool {
	return o.view.Status.Final() || o.view.Status.Paid() && o.in.Fulfilment == domain.Fulfilment{} || o.givenUp
}

// sell takes an unpaid order one step on.
func (o *order) sell(ctx workflow.Context) {
	if o.view.Status == domain.StatusPaying { // a reset, or a run before this one, left a payment open
		o.resume(ctx)
		return
	}
	if o.view.Declines >= domain.MaxDeclines {
		o.end(ctx, o.endAs(domain.StatusPaymentFailed, domain.ReasonTooManyDeclines))
		return
	}
	switch o.awaitShopper(ctx) {
	case payRequested:
		o.pay(ctx)
	case canceled:
		o.cancel(ctx)
	case extensionRequested:
		o.extend(ctx)
	case workflowCanceled:
		o.end(ctx, o.endAs(domain.StatusCanceled, domain.ReasonStopped))
	case deadlinePassed:
		o.expire(ctx)
	}
}

// order is the state of one workflow.
type order struct {
	in   OrderInput
	view OrderView
	log  log.Logger
	saga saga

	// attempt is the shopper's request to pay that has no answer yet.
	attempt *attempt
	// late are requests to pay that came after the deadline: they are answered with the order's end.
	late []*attempt
	// canceled is the request to cancel, if there is one; reversal the request to take a paid order back.
	canceled *CancelRequest
	reversal *reversal
	// extension is the shopper's request for more time that has no answer yet.
	extension *extension
	// deadline is when the payment is due, or when the paid order moves on by itself.
	deadline deadline
	// stopped reports whether the workflow was canceled from outside.
	stopped func() bool
	// retries counts the retry requests of support staff, and tries the failed tries while attention is raised. failures counts those
	// that raised it, too.
	retries, tries, failures int
	// attentionSince is when attention was raised, and nextTry when what fails is tried again by itself.
	attentionSince, nextTry time.Time
	// retryRequest is the latest retry request, until its By and Note are written into the row.
	retryRequest RetryRequest
	// leaving is set when this run ends: retry requests that still wait are answered with the current view.
	leaving bool
	// rowAttention is the attention that is known to stand in the row, which may lag behind view.Attention while the database fails.
	rowAttention domain.Attention
	// beside says that the workflow is about a payment that does not pay the order.
	beside bool
	// ending says that the order is being ended: nothing new is accepted.
	ending bool
	// refundDue says that the row found at the start has a refund open.
	refundDue bool
	// arrived says that staff have what a shopper returns, resolved that they gave money back by another way, givenUp that they close
	// the workflow of an order that cannot go on.
	arrived, resolved, givenUp bool
	// resolution is who resolved what, until it is written into the row.
	resolution ResolveRequest
}

// receive sets the order up: its state, and its handlers for shoppers and staff.
func receive(ctx workflow.Context, in OrderInput) (*order, error) {
	o := &order{
		in:   in,
		view: OrderView{OrderID: in.OrderID, Status: domain.StatusReceived},
		log:  workflow.GetLogger(ctx),

		stopped: func() bool { return ctx.Err() != nil },
	}
	return o, o.registerHandlers(ctx)
}

// reserve asks for the units. Its compensation stands before it: if the answer is lost, what was taken is given back.
func (o *order) reserve(ctx workflow.Context) {
	o.saga.register(o.release)
	state, err := step(ctx, o, quickStep("Reserve the units"), OrderActivities.Reserve,
		ReserveInput{OrderID: o.in.OrderID, ProductIDs: o.in.ProductIDs, PayWithin: o.in.PayWithin})
	if errors.Is(err, errLeaving) {
		return
	}
	if err != nil { // staff canceled while the reservation was stuck
		o.end(ctx, o.endAs(domain.StatusCanceled, domain.ReasonStopped))
		return
	}
	o.refundDue = state.RefundDue
	o.applyRow(ctx, state)
	o.clearAttention(ctx)
}

// act is what ends the wait for the shopper.
type act int

const (
	payRequested act = iota
	canceled
	extensionRequested
	workflowCanceled
	deadlinePassed
)

// awaitShopper waits until the shopper pays or cancels, staff cancel, or the time is up. The deadline is the row's, set by
// the database's clock, so it is the same after a reset.
func (o *order) awaitShopper(ctx workflow.Context) act {
	o.deadline.set(ctx, o.view.PayBy, "Payment is due")
	_ = workflow.Await(ctx, func() bool { return o.attempt != nil || o.canceled != nil || o.extension != nil || o.deadline.passed() })
	switch {
	case o.attempt != nil: // also at the last moment: the row decides whether it is still in time
		return payRequested
	case ctx.Err() != nil: // which ends the timer as well
		return workflowCanceled
	case o.canceled != nil:
		return canceled
	case o.extension != nil:
		return extensionRequested
	}
	return deadlinePassed
}

// tooEarly is the pause after the database's clock has said that an order is not due yet.
const tooEarly = time.Second

// expire ends the order because it was not paid in time. The database, whose clock set the deadline, may say that it has not
// passed yet; then the shopper has a moment more.
func (o *order) expire(ctx workflow.Context) {
	o.end(ctx, o.endAs(domain.StatusExpired, domain.ReasonUnpaid))
	if o.view.Status == domain.StatusHeld {
		o.ending = false
		o.saga.register(o.release)
		if again := workflow.Now(ctx).Add(tooEarly); o.view.PayBy.Before(again) {
			o.view.PayBy = again
		}
	}
}

// endAs is how an order ends.
func (o *order) endAs(status domain.OrderStatus, reason string) ReleaseInput {
	return ReleaseInput{OrderID: o.in.OrderID, End: status, Reason: reason}
}

// end compensates everything that was done, and leaves the order as end says.
func (o *order) end(ctx workflow.Context, end ReleaseInput) {
	o.ending = true
	o.saga.compensate(ctx, end)
}

// release is the compensation of reserve: it gives the units back, or leaves the tombstone that a late Reserve finds. A row
// that will not be released is for a person to look at.
func (o *order) release(ctx workflow.Context, end ReleaseInput) {
	for failures := 0; !o.mustLeave(ctx); failures++ {
		state, err := step(ctx, o, quickStep("Give the units back").raises(domain.AttentionReleaseFailed), OrderActivities.Release, end)
		if err != nil {
			return
		}
		o.applyRow(ctx, state)
		if state.Status == domain.StatusPaying { // money is in flight: first its outcome
			o.resume(ctx)
		}
		if !o.view.Status.Unpaid() {
			o.clearAttention(ctx)
			return
		}
		if state.NotDue {
			return // see expire
		}
		if o.view.Status != domain.StatusHeld || state.Status == domain.StatusHeld {
			_ = o.awaitRetry(ctx, domain.AttentionReleaseFailed, "the order holds units and cannot be released", failures)
		}
	}
}

// applyRow takes the state over from the row, whatever the workflow assumed.
func (o *order) applyRow(ctx workflow.Context, state OrderState) {
	changed := o.view.Status != state.Status
	if state.PaymentKey != "" { // of a row that was paid before this run
		o.view.PaymentKey, o.view.Payment.ApprovedAt = state.PaymentKey, state.PaidAt
	}
	o.rowAttention = state.Attention
	o.view.Status, o.view.Reason, o.view.PayBy, o.view.Declines = state.Status, state.Reason, state.PayBy, state.Declines
	o.view.NextAt, o.view.ReturnBy = state.NextAt, state.ReturnBy
	if changed && state.Status != domain.StatusPaying { // PAYING lasts a moment; if it lasts longer, attention shows it
		o.updateVisibility(ctx)
	}
}

// updateVisibility makes the state visible to support staff.
func (o *order) updateVisibility(ctx workflow.Context) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, o.attributes()...); err != nil {
		o.log.Error("search attribute update failed", "order_id", o.in.OrderID, "error", err)
	}
	o.updatePage(ctx)
}

// readyToContinueAsNew reports whether the workflow must continue as new now. If so, it has answered all pending updates before it
// returns. Only the input is carried over; the next run reads everything else from the row, through Reserve.
func (o *order) readyToContinueAsNew(ctx workflow.Context) bool {
	return o.continueAsNewSuggested(ctx) && o.attempt == nil && o.awaitAnswers(ctx) == nil
}

// continueAsNewSuggested reports whether the server suggests to continue as new and nothing is pending that only this run can answer: a
// cancellation, a late payment, an extension.
func (o *order) continueAsNewSuggested(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && o.canceled == nil && o.extension == nil && len(o.late) == 0
}

// errLeaving says that a step was not finished, since this run ends: the next run, if there is one, goes on from the row.
var errLeaving = errors.New("this run ends")

// mustLeave reports whether what fails is left to the next run, or was given up by staff.
func (o *order) mustLeave(ctx workflow.Context) bool {
	return o.givenUp || o.continueAsNewSuggested(ctx)
}

// awaitAnswers lets every caller have its answer before the workflow is gone.
func (o *order) awaitAnswers(ctx workflow.Context) error {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	o.leaving = true
	o.canceled, o.reversal = nil, nil
	o.answer()
	o.answerLate()
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}
