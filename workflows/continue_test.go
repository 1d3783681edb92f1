package workflows_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"runrun/domain"
	"runrun/workflows"
)

// continues runs a workflow until it goes on in a fresh run, and reports whether it did.
func (r run) continues() bool {
	r.t.Helper()
	r.ExecuteWorkflow(workflows.OrderWorkflow, *r.in)
	var next *workflow.ContinueAsNewError
	return errors.As(r.GetWorkflowError(), &next)
}

// When the server says that a history is long, the order goes on in a fresh run, which learns everything from the row.
func TestALongHistoryGoesOnInAFreshRun(t *testing.T) {
	for name, row := range map[string]workflows.OrderState{
		"received": {Status: domain.StatusReceived}, "held": {Status: domain.StatusHeld}, "declined": {Status: domain.StatusHeld, Declines: 2},
	} {
		r := newRun(t)
		r.SetContinueAsNewSuggested(true)
		r.shop.row = row
		r.shop.row.PayBy = r.Now().Add(time.Hour)
		if !r.continues() {
			t.Errorf("%s: it did not go on in a fresh run: %v", name, r.GetWorkflowError())
		}
		next := newRun(t)
		next.shop.row, next.shop.held = r.shop.row, 1
		next.at(time.Minute, func() { next.pay("pay_1") })
		if view := next.end(); view.Status != domain.StatusPlaced {
			t.Errorf("%s: the fresh run ended %s", name, view.Status)
		}
	}
}

// A payment that is open when the history is long stays open for the fresh run; the shopper is answered before the old one ends.
func TestALongHistoryWithAnOpenPayment(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", failsForever)
	var asked *answer
	r.at(time.Minute, func() { asked = r.pay("pay_1") })
	r.at(2*time.Minute, func() { r.SetContinueAsNewSuggested(true) })
	if !r.continues() {
		t.Fatalf("it did not go on in a fresh run: %v", r.GetWorkflowError())
	}
	if !asked.done || r.shop.row.Status != domain.StatusPaying || r.shop.held != 1 {
		t.Errorf("the shopper was answered %+v; the row is %s", asked, r.shop.row.Status)
	}
	next := newRun(t)
	next.shop.row, next.shop.held, next.shop.payments = r.shop.row, 1, r.shop.payments
	if view := next.end(); view.Status != domain.StatusPlaced || len(next.shop.charges) != 1 {
		t.Errorf("the fresh run ended %s with %d charges", view.Status, len(next.shop.charges))
	}
}

// Who waits for a cancellation, or for a payment, is served before the history is left.
func TestALongHistoryServesWhoIsWaiting(t *testing.T) {
	for name, ask := range map[string]func(r run) *answer{
		"cancel": func(r run) *answer { return r.update(workflows.CancelUpdate, "cancel", workflows.CancelRequest{}) },
		"pay":    func(r run) *answer { return r.pay("pay_1") },
	} {
		r := newRun(t)
		var asked *answer
		r.at(time.Minute, func() {
			r.SetContinueAsNewSuggested(true)
			asked = ask(r)
		})
		r.continues()
		if !asked.accepted || !asked.done || asked.err != nil {
			t.Errorf("%s: answered %+v", name, asked)
		}
	}
}

// A fault of ours is no outcome of an unknown payment either when the history is long: it stays open for the fresh run.
func TestALongHistoryAndAFault(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", fails)
	r.shop.left["ConfirmPayment"] = 1
	r.shop.hooks["LookUpPayment"] = func() {
		r.shop.faults = 1_000_000
		r.SetContinueAsNewSuggested(true)
	}
	r.at(time.Minute, func() { r.pay("pay_1") })
	if !r.continues() {
		t.Fatalf("it did not go on in a fresh run: %v", r.GetWorkflowError())
	}
	if r.shop.row.Status != domain.StatusPaying || r.shop.payments["pay_1"].Status != domain.PaymentUnknown || r.shop.held != 1 {
		t.Errorf("the row is %s, the payment %s, %d held; want PAYING, UNKNOWN, 1", r.shop.row.Status,
			r.shop.payments["pay_1"].Status, r.shop.held)
	}
	if r.shop.refused != 0 {
		t.Errorf("the row was asked %d times to take the fault for an outcome", r.shop.refused)
	}
}

// Staff who asked for a retry are answered before the run ends, and a cancellation that came before the reservation was known is
// carried out in this run.
func TestALongHistoryAnswersRetryAndCancel(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", failsForever)
	r.at(time.Minute, func() { r.pay("pay_1") })
	var retried *answer
	r.at(10*time.Minute, func() {
		r.SetContinueAsNewSuggested(true)
		retried = r.update(workflows.RetryUpdate, "r")
	})
	if !r.continues() || !retried.done || retried.view.Attention != domain.AttentionPaymentUnknown {
		t.Errorf("retry: %v, answered %+v", r.GetWorkflowError(), retried)
	}
	early := newRun(t)
	early.SetContinueAsNewSuggested(true)
	early.shop.fail("Reserve", loses)
	var canceled *answer
	early.at(50*time.Millisecond, func() { canceled = early.update(workflows.CancelUpdate, "cancel", workflows.CancelRequest{}) })
	if early.continues() || !canceled.done || canceled.view.Status != domain.StatusCanceled {
		t.Errorf("cancel: answered %+v", canceled)
	}
}
