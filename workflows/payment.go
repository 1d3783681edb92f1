package workflows

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// GatewayLimit bounds one call to the gateway; the client has to give up before. A worker that was killed in the middle is
// noticed sooner, by its heartbeat.
const GatewayLimit = 70 * time.Second

const (
	gatewayHeartbeat = 10 * time.Second
	firstLookUp      = time.Second
	longestLookUp    = time.Minute
)

// pay answers the shopper's request: intent, money, order. It runs to its end even if staff cancel in the middle: a payment
// must never be left open.
func (o *order) pay(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	defer o.answer()
	if payment := o.intend(ctx, o.attempt.paymentKey); payment != nil {
		o.carryOut(ctx, *payment)
	}
}

// resume goes on with the payment that the row says is open.
func (o *order) resume(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if payment := o.intend(ctx, ""); payment != nil {
		o.carryOut(ctx, *payment)
	} else if o.view.Status == domain.Paying {
		o.raise(ctx, domain.StepFailing, "the row says PAYING and has no open payment")
		_ = o.awaitRetry(ctx, 0)
	}
}

// carryOut takes an open payment to its outcome, and the order with it.
func (o *order) carryOut(ctx workflow.Context, payment domain.Payment) {
	o.saga.before(o.refund)
	result := o.settle(ctx, payment)
	o.view.Payment = result
	if result.Outcome == domain.OutcomePaid {
		o.place(ctx, payment, result)
		return
	}
	o.saga.drop()
	o.decline(ctx, payment, result)
}

// answer ends the shopper's wait, if there is one.
func (o *order) answer() {
	if o.attempt != nil {
		o.attempt.done = true
		o.attempt = nil
	}
}

// intend writes the intent down, before the gateway is asked, or finds the open one if there is no key. It returns nothing
// if the row says that there is nothing to pay.
func (o *order) intend(ctx workflow.Context, paymentKey string) *domain.Payment {
	answer, err := step(ctx, o, quick("Write the payment intent"), OrderActivities.RecordPaymentIntent,
		IntentInput{OrderID: o.in.OrderID, PaymentKey: paymentKey})
	if err != nil {
		return nil
	}
	o.adopt(ctx, answer.State)
	payment := answer.Payment
	if payment == nil {
		return nil
	}
	o.view.PaymentKey, o.view.Payment = payment.PaymentKey, domain.PaymentResult{}
	if payment.Status == domain.PaymentRefused { // this key was declined before
		o.view.Payment = domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: payment.Code, Message: payment.Message}
	}
	if payment.Status != domain.PaymentIntent && payment.Status != domain.PaymentOpen {
		return nil
	}
	return payment
}

// settle asks for the money until the outcome is definite. What is unknown is looked up, never guessed, and the units stay
// held meanwhile. It ends: the gateway's session expires ten minutes after the shopper's authorization.
func (o *order) settle(ctx workflow.Context, p domain.Payment) domain.PaymentResult {
	since := workflow.Now(ctx)
	result := o.confirm(ctx, p)
	for tries := 0; !definite(result); tries++ {
		if tries == 0 {
			o.noteUnknown(ctx, p, result)
		}
		if workflow.Now(ctx).Sub(since) >= o.in.AttentionAfter {
			o.raise(ctx, domain.PaymentUnknown, fmt.Sprintf("payment %s has no known outcome (%s %s)", p.PaymentKey, result.Code, result.Message))
		}
		_ = o.awaitNext(ctx, min(firstLookUp<<min(tries, 12), longestLookUp), "Next look at the payment")
		if result = o.lookUp(ctx, p); result.Outcome == domain.OutcomeUnconfirmed {
			result = o.confirm(ctx, p) // the same key: if the first request did arrive, this is its answer
		}
		if result.Outcome == domain.OutcomeFault { // says nothing about the request before it
			result.Outcome = domain.OutcomeUnknown
		}
	}
	o.calm(ctx)
	return result
}

func definite(r domain.PaymentResult) bool {
	return r.Outcome == domain.OutcomePaid || r.Outcome == domain.OutcomeDeclined || r.Outcome == domain.OutcomeFault
}

func (o *order) confirm(ctx workflow.Context, p domain.Payment) domain.PaymentResult {
	return ask(ctx, o, fmt.Sprintf("Confirm %s", p.Amount), PaymentActivities.ConfirmPayment,
		ConfirmInput{Payment: p, IdempotencyKey: fmt.Sprintf("%s-confirm-%d", p.OrderID, p.Attempt)})
}

func (o *order) lookUp(ctx workflow.Context, p domain.Payment) domain.PaymentResult {
	return ask(ctx, o, "Look the payment up", PaymentActivities.LookUpPayment, p)
}

// ask calls the gateway about a payment. An activity that failed is an unknown outcome: it may have asked.
func ask[I any](ctx workflow.Context, o *order, summary string, do func(PaymentActivities, context.Context, I) (domain.PaymentResult, error), in I) domain.PaymentResult {
	var result domain.PaymentResult
	ctx = gatewayOptions(ctx, o, nameOf(do), summary)
	if err := workflow.ExecuteActivity(ctx, do, in).Get(ctx, &result); err != nil {
		o.log.Warn("gateway", "activity", nameOf(do), "error", err)
		return domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: "NO_WORKER_ANSWER", Message: "the gateway could not be asked"}
	}
	return result
}

// gatewayOptions are those of every call to the gateway: on its own queue, visible from the start.
func gatewayOptions(ctx workflow.Context, o *order, id, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:             id,
		Summary:                summary,
		TaskQueue:              PaymentsQueue,
		StartToCloseTimeout:    GatewayLimit,
		ScheduleToCloseTimeout: max(GatewayLimit, o.in.AttentionAfter),
		HeartbeatTimeout:       gatewayHeartbeat,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 10 * time.Second},
	})
}

func (o *order) noteUnknown(ctx workflow.Context, p domain.Payment, result domain.PaymentResult) {
	state, err := step(ctx, o, quick("Note that the outcome is unknown"), OrderActivities.MarkPaymentUnknown, o.settled(p, result))
	if err == nil {
		o.adopt(ctx, state)
	}
}

// place turns the money into an order. If the row was ended meanwhile, it wins and the money goes back.
func (o *order) place(ctx workflow.Context, p domain.Payment, result domain.PaymentResult) {
	state, err := step(ctx, o, quick("Place the order"), OrderActivities.Place, o.settled(p, result))
	if err != nil {
		return
	}
	o.adopt(ctx, state)
	if state.Status.Paid() {
		o.saga.complete()
		return
	}
	o.saga.undoNewest(ctx)
}

// decline writes a definite no down. The shopper may try again, but not for ever.
func (o *order) decline(ctx workflow.Context, p domain.Payment, result domain.PaymentResult) {
	state, err := step(ctx, o, quick("Write the decline down"), OrderActivities.Decline, o.settled(p, result))
	if err != nil {
		return
	}
	o.adopt(ctx, state)
	if state.Declines >= domain.MaxDeclines {
		o.end(ctx, domain.PaymentFailed, domain.ReasonTooManyDeclines)
	}
}

func (o *order) settled(p domain.Payment, result domain.PaymentResult) SettleInput {
	return SettleInput{OrderID: o.in.OrderID, PaymentKey: p.PaymentKey, Result: result}
}
