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
	// sessionLife is how long the gateway can know a payment that it does not approve: ten minutes, and one to be sure.
	sessionLife = 11 * time.Minute
)

// pay answers the shopper's request: intent, money, order. It runs to its end even if staff cancel in the middle: a payment
// must never be left open.
func (o *order) pay(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	defer o.answer()
	if intent := o.recordIntent(ctx, o.attempt.paymentKey); intent != nil {
		o.completePayment(ctx, *intent)
	} else if o.view.Status == domain.StatusHeld && o.view.Payment.Outcome == "" { // too late, says the row: the order is about to end
		o.late, o.attempt = append(o.late, o.attempt), nil
		o.view.PayBy = workflow.Now(ctx)
	}
}

// answerLate ends the wait of those who wanted to pay after the deadline.
func (o *order) answerLate() {
	for _, late := range o.late {
		late.done = true
	}
	o.late = nil
}

// resume goes on with the payment that the row says is open.
func (o *order) resume(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if intent := o.recordIntent(ctx, ""); intent != nil {
		o.completePayment(ctx, *intent)
	} else if o.view.Status == domain.StatusPaying {
		_ = o.awaitRetry(ctx, domain.AttentionStepFailing, "the row says PAYING and has no open payment", 0)
	}
}

// completePayment takes an open payment to its outcome, and the order with it.
func (o *order) completePayment(ctx workflow.Context, intent domain.Intent) {
	payment := intent.Payment
	o.saga.register(o.refund)
	result := o.resolveOutcome(ctx, intent)
	o.view.Payment = result
	if result.Outcome == domain.OutcomePaid {
		o.place(ctx, payment, result)
		return
	}
	_ = o.saga.pop()
	if definite(result) || result.Outcome == domain.OutcomeFault { // a fault that was proven
		o.decline(ctx, payment, result)
	}
}

// answer ends the shopper's wait, if there is one.
func (o *order) answer() {
	if o.attempt != nil {
		o.attempt.done = true
		o.attempt = nil
	}
}

// recordIntent writes the intent down, before the gateway is asked, or finds the open one if there is no key. It returns nothing
// if the row says that there is nothing to pay.
func (o *order) recordIntent(ctx workflow.Context, paymentKey string) *domain.Intent {
	o.view.Payment = domain.PaymentResult{}
	answer, err := step(ctx, o, quickStep("Write the payment intent"), OrderActivities.RecordPaymentIntent,
		IntentInput{OrderID: o.in.OrderID, PaymentKey: paymentKey})
	if err != nil {
		return nil
	}
	o.applyRow(ctx, answer.State)
	if answer.Intent == nil {
		return nil
	}
	payment := answer.Intent.Payment
	o.view.PaymentKey = payment.PaymentKey
	switch payment.Status { // this key had its outcome before
	case domain.PaymentDeclined:
		o.view.Payment = domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: payment.Code, Message: payment.Message}
	case domain.PaymentCanceled:
		o.view.Payment = domain.PaymentResult{Outcome: domain.OutcomeFault, Code: payment.Code, Message: payment.Message}
	}
	if payment.Status != domain.PaymentIntent && payment.Status != domain.PaymentUnknown {
		return nil
	}
	return answer.Intent
}

// resolveOutcome confirms a payment and returns its outcome. An unknown outcome is looked up until it is definite; the units
// stay held meanwhile. The loop ends: the gateway's session expires ten minutes after the shopper's authorization, and a payment
// that is missing after that is declined. If the history grows too long, the outcome stays unknown and the next run resolves it.
func (o *order) resolveOutcome(ctx workflow.Context, intent domain.Intent) domain.PaymentResult {
	p, since := intent.Payment, workflow.Now(ctx)
	result := o.confirmFirst(ctx, intent)
	if result.Outcome == domain.OutcomeFault && intent.New {
		if result = o.prove(ctx, p, result); result.Outcome == domain.OutcomeFault {
			return result
		}
	}
	for tries := 0; !definite(result) && !o.mustLeave(ctx); tries++ {
		if tries == 0 {
			o.recordUnknown(ctx, p, result)
		}
		asked, waited := o.retries, workflow.Now(ctx).Sub(since)
		if waited >= o.in.AttentionAfter {
			o.raiseAttention(ctx, domain.AttentionPaymentUnknown, unknownDetail(p, result, since))
		}
		_ = o.awaitNext(ctx, asked, min(firstLookUp<<min(tries, 12), longestLookUp), "Next look at the payment")
		result = o.lookUp(ctx, p)
		switch {
		case result.Outcome == domain.OutcomeMissing && waited >= sessionLife:
			result.Outcome = domain.OutcomeDeclined
		case result.Outcome == domain.OutcomeMissing || result.Outcome == domain.OutcomeUnconfirmed:
			result = o.confirm(ctx, p) // the same key: if the first request did arrive, this is its answer
		}
	}
	if definite(result) {
		o.clearAttention(ctx)
	}
	return faultToUnknown(result)
}

// prove returns fault if nothing was charged, and else the result that the gateway reports. A fault alone is no proof: another
// worker, with a valid secret key, may have confirmed the payment before it was killed. The fault stands only if two look-ups
// show the payment as unconfirmed, and the same confirm request, sent between them, fails with a fault again.
func (o *order) prove(ctx workflow.Context, p domain.Payment, fault domain.PaymentResult) domain.PaymentResult {
	if seen := o.lookUp(ctx, p); seen.Outcome != domain.OutcomeUnconfirmed {
		return seen
	}
	if again := o.confirm(ctx, p); again.Outcome != domain.OutcomeFault {
		return again
	}
	if seen := o.lookUp(ctx, p); seen.Outcome != domain.OutcomeUnconfirmed {
		return seen
	}
	return fault
}

// unknownDetail says what is waited for, until when, and what ends it.
func unknownDetail(p domain.Payment, result domain.PaymentResult, since time.Time) string {
	return fmt.Sprintf("payment %s has no known outcome (%s %s): the shopper may have been charged. The units stay held. The "+
		"workflow looks the payment up until the gateway reports an outcome. The payment session expires ten minutes after the "+
		"shopper's authorization, so the payment is paid or declined by %s if the gateway answers by then",
		p.PaymentKey, result.Code, result.Message, since.Add(sessionLife).UTC().Format(time.RFC3339))
}

// faultToUnknown turns a fault of ours into an unknown outcome: it says nothing about a request before it.
func faultToUnknown(r domain.PaymentResult) domain.PaymentResult {
	if r.Outcome == domain.OutcomeFault {
		r.Outcome = domain.OutcomeUnknown
	}
	return r
}

func definite(r domain.PaymentResult) bool {
	return r.Outcome == domain.OutcomePaid || r.Outcome == domain.OutcomeDeclined
}

// confirmFirst confirms a payment for the first time: fast, as one local activity, unless somebody may have asked before. If that
// has no definite outcome, whatever the reason, the payment is confirmed as a normal activity, under the same idempotency key: if
// the first request did arrive, this is its answer.
func (o *order) confirmFirst(ctx workflow.Context, intent domain.Intent) domain.PaymentResult {
	p := intent.Payment
	if o.in.ConfirmFast && !o.in.ShowSteps && intent.New {
		once := quickStep(confirmSummary(p))
		once.tries = 1
		result, err := fast[domain.PaymentResult](ctx, once, activityName(FastPaymentActivities.ConfirmPaymentFast), confirmInput(p))
		if err == nil && definite(result) {
			return result
		}
	}
	return o.confirm(ctx, p)
}

func (o *order) confirm(ctx workflow.Context, p domain.Payment) domain.PaymentResult {
	return callGateway(ctx, o, confirmSummary(p), PaymentActivities.ConfirmPayment, confirmInput(p))
}

func confirmSummary(p domain.Payment) string { return fmt.Sprintf("Confirm %s", p.Amount) }

func confirmInput(p domain.Payment) ConfirmInput {
	return ConfirmInput{Payment: p, IdempotencyKey: fmt.Sprintf("%s-confirm-%d", p.OrderID, p.Attempt)}
}

func (o *order) lookUp(ctx workflow.Context, p domain.Payment) domain.PaymentResult {
	return callGateway(ctx, o, "Look the payment up", PaymentActivities.LookUpPayment, p)
}

// callGateway calls the gateway about a payment. An activity that failed is an unknown outcome: it may have asked.
func callGateway[I any](
	ctx workflow.Context,
	o *order,
	summary string,
	do func(PaymentActivities, context.Context, I) (domain.PaymentResult, error),
	in I,
) domain.PaymentResult {
	var result domain.PaymentResult
	ctx = gatewayOptions(ctx, o, activityName(do), summary)
	if err := workflow.ExecuteActivity(ctx, do, in).Get(ctx, &result); err != nil {
		o.log.Warn("gateway activity failed", "order_id", o.in.OrderID, "activity", activityName(do), "error", err)
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

func (o *order) recordUnknown(ctx workflow.Context, p domain.Payment, result domain.PaymentResult) {
	state, err := step(ctx, o, quickStep("Note that the outcome is unknown"), OrderActivities.MarkPaymentUnknown, o.settled(p, result))
	if err == nil {
		o.applyRow(ctx, state)
	}
}

// place turns the money into an order. If the row was ended meanwhile, it wins and the money goes back.
func (o *order) place(ctx workflow.Context, p domain.Payment, result domain.PaymentResult) {
	in := o.settled(p, result)
	in.ShipAfter = o.in.Fulfilment.ShipAfter
	state, err := step(ctx, o, quickStep("Place the order"), OrderActivities.Place, in)
	if err != nil {
		return
	}
	o.applyRow(ctx, state)
	if state.Status.Paid() {
		o.saga.complete()
		return
	}
	o.saga.compensateNewest(ctx, ReleaseInput{})
}

// decline writes a definite no down. The shopper may try again, but not for ever.
func (o *order) decline(ctx workflow.Context, p domain.Payment, result domain.PaymentResult) {
	state, err := step(ctx, o, quickStep("Write the decline down"), OrderActivities.Decline, o.settled(p, result))
	if err != nil {
		return
	}
	o.applyRow(ctx, state)
	if state.Declines >= domain.MaxDeclines {
		o.end(ctx, o.endAs(domain.StatusPaymentFailed, domain.ReasonTooManyDeclines))
	}
}

func (o *order) settled(p domain.Payment, result domain.PaymentResult) SettleInput {
	return SettleInput{OrderID: o.in.OrderID, PaymentKey: p.PaymentKey, Result: result}
}
