package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"runrun/domain"
	"runrun/workflows"
)

// RecordPaymentIntent writes down that a payment will be confirmed, before the gateway is asked.
func (a *Orders) RecordPaymentIntent(ctx context.Context, in workflows.IntentInput) (workflows.IntentAnswer, error) {
	order, intent, err := a.store.RecordIntent(ctx, in.OrderID, in.PaymentKey)
	if err != nil {
		return workflows.IntentAnswer{}, toApplicationError(ctx, "RecordPaymentIntent", err)
	}
	a.announce(ctx, "RecordPaymentIntent", order)
	return workflows.IntentAnswer{State: stateOf(order), Intent: intent}, nil
}

// Place writes an approved payment down and sells the held units.
func (a *Orders) Place(ctx context.Context, in workflows.SettleInput) (workflows.OrderState, error) {
	order, err := a.store.Place(ctx, domain.Placement{
		OrderID: in.OrderID, PaymentKey: in.PaymentKey, Paid: in.Result, ShipAfter: in.ShipAfter,
	})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "Place", err)
	}
	a.announce(ctx, "Place", order)
	return stateOf(order), nil
}

// Decline writes a definite no down and holds the order again.
func (a *Orders) Decline(ctx context.Context, in workflows.SettleInput) (workflows.OrderState, error) {
	order, err := a.store.Decline(ctx, in.OrderID, in.PaymentKey, in.Result)
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "Decline", err)
	}
	a.announce(ctx, "Decline", order)
	return stateOf(order), nil
}

// MarkPaymentUnknown writes down that the outcome of a payment is open.
func (a *Orders) MarkPaymentUnknown(ctx context.Context, in workflows.SettleInput) (workflows.OrderState, error) {
	order, err := a.store.MarkUnknown(ctx, in.OrderID, in.PaymentKey, in.Result)
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "MarkPaymentUnknown", err)
	}
	a.announce(ctx, "MarkPaymentUnknown", order)
	return stateOf(order), nil
}

// Payments are the activities of the queue payments: they speak to the gateway.
type Payments struct {
	gateway Gateway
}

var _ workflows.PaymentActivities = (*Payments)(nil)

// NewPayments makes the activities of the queue payments.
func NewPayments(gateway Gateway) *Payments { return &Payments{gateway} }

// ConfirmPayment asks the gateway for the money.
func (a *Payments) ConfirmPayment(ctx context.Context, in workflows.ConfirmInput) (domain.PaymentResult, error) {
	defer heartbeat(ctx)()
	result, err := a.gateway.Confirm(ctx, in.Payment, in.IdempotencyKey)
	if result.Outcome == domain.OutcomeFault && activity.GetInfo(ctx).Attempt > 1 {
		// An earlier attempt may have charged. A reset activity counts from 1 again, so the workflow also looks the payment up.
		result.Outcome = domain.OutcomeUnknown
	}
	return result, toApplicationError(ctx, "ConfirmPayment", err)
}

// LookUpPayment asks the gateway what became of a payment.
func (a *Payments) LookUpPayment(ctx context.Context, in domain.Payment) (domain.PaymentResult, error) {
	defer heartbeat(ctx)()
	result, err := a.gateway.LookUp(ctx, in)
	return result, toApplicationError(ctx, "LookUpPayment", err)
}

// CancelPayment asks the gateway to give money back.
func (a *Payments) CancelPayment(ctx context.Context, in workflows.CancelInput) (domain.RefundResult, error) {
	defer heartbeat(ctx)()
	if in.Refundable == 0 { // asked by a workflow of the build before this one: all of the payment
		in.Amount, in.Refundable = in.Payment.Amount.Amount, in.Payment.Amount.Amount
	}
	result, err := a.gateway.Cancel(ctx, domain.RefundOrder{
		Payment: in.Payment, Amount: in.Amount, Refundable: in.Refundable, Reason: in.Reason, IdempotencyKey: in.IdempotencyKey,
	})
	return result, toApplicationError(ctx, "CancelPayment", err)
}

// FastPayments are the activities that ask the gateway from the queue orders, within a workflow task.
type FastPayments struct {
	gateway FastGateway
}

var _ workflows.FastPaymentActivities = (*FastPayments)(nil)

// NewFastPayments makes the activities that ask the gateway within a workflow task. Without a gateway each call is an error.
func NewFastPayments(gateway FastGateway) *FastPayments { return &FastPayments{gateway} }

// ConfirmPaymentFast asks the gateway for the money, if it can be asked at once and answers within seconds.
func (a *FastPayments) ConfirmPaymentFast(ctx context.Context, in workflows.ConfirmInput) (domain.PaymentResult, error) {
	if a.gateway == nil {
		return domain.PaymentResult{}, temporal.NewNonRetryableApplicationError(
			"this worker has no key of the gateway", string(domain.CodeUnavailable), nil)
	}
	result, err := a.gateway.TryConfirm(ctx, in.Payment, in.IdempotencyKey)
	if err != nil { // expected while the gateway is slow or down, and nothing is lost: the queue payments is asked next
		return domain.PaymentResult{}, temporal.NewNonRetryableApplicationError("asked on the queue payments", string(domain.CodeOf(err)), err)
	}
	return result, nil
}

// heartbeatInterval is how often a call to the gateway says that its worker is alive; the workflow allows 10 s between two.
const heartbeatInterval = 3 * time.Second

// heartbeat sends heartbeats until the returned function is called: a gateway may take a minute to answer, and a worker that was
// killed meanwhile is noticed after seconds.
func heartbeat(ctx context.Context) (stop func()) {
	ticker, done := time.NewTicker(heartbeatInterval), make(chan struct{})
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
