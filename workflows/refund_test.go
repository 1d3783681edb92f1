package workflows_test

import (
	"slices"
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// refunded is a run in which the row is ended while the gateway is asked, so that the money has to go back.
func refunded(t *testing.T) run {
	t.Helper()
	r := newRun(t)
	r.shop.hooks["ConfirmPayment"] = func() {
		r.shop.mu.Lock()
		defer r.shop.mu.Unlock()
		r.shop.row.Status, r.shop.row.Reason, r.shop.held = domain.StatusCanceled, domain.ReasonStopped, 0
	}
	r.at(time.Minute, func() { r.pay("pay_1") })
	return r
}

// The gateway repeats under a key what it answered first, for 15 days. One transient refusal must not stop the refund for as long:
// the next try looks up, and goes under a new key.
func TestOneTransientRefusalDoesNotStopARefund(t *testing.T) {
	for code, outcome := range map[string]domain.RefundOutcome{
		"FORBIDDEN_CONSECUTIVE_REQUEST": domain.RefundLater, "PROVIDER_ERROR": domain.RefundUnproven,
		"FAILED_REFUND_PROCESS": domain.RefundUnproven, "COMMON_ERROR": domain.RefundUnproven, "REFUND_REJECTED": domain.RefundDenied,
	} {
		t.Run(code, func(t *testing.T) {
			r := refunded(t)
			r.shop.cancels = []domain.RefundResult{{Outcome: outcome, Code: code, Answered: true}}
			began := r.Now()
			if view := r.end(); view.Status != domain.StatusCanceled || !slices.Equal(r.shop.refunds, []string{"pay_1"}) ||
				len(r.shop.answered) != 2 {
				t.Errorf("ended %s with refunds %v under %d keys; want one, under the second key", view.Status, r.shop.refunds, len(r.shop.answered))
			}
			if took := r.Now().Sub(began); took > 10*time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A request without an answer is the only one that is repeated under its own key: it may have been carried out.
func TestACancelWithoutAnAnswerKeepsItsKey(t *testing.T) {
	r := refunded(t)
	r.shop.fail("CancelPayment", loses)
	r.shop.blind = 1 // the look-up after it does not show the refund yet
	if view := r.end(); view.Status != domain.StatusCanceled || len(r.shop.refunds) != 1 || len(r.shop.answered) != 1 {
		t.Errorf("ended %s with refunds %v under %d keys, want one key", view.Status, r.shop.refunds, len(r.shop.answered))
	}
}

// NOT_CANCELABLE_AMOUNT is what the gateway says when the money is back already: looked up, nobody is alarmed.
func TestMoneyThatIsBackAlready(t *testing.T) {
	r := refunded(t)
	r.shop.cancels = []domain.RefundResult{{Outcome: domain.RefundUnproven, Code: "NOT_CANCELABLE_AMOUNT", Answered: true}}
	r.shop.hooks["CancelPayment"] = func() { r.shop.refunds = []string{"pay_1"} }
	if view := r.end(); view.Status != domain.StatusCanceled || len(r.shop.answered) != 1 || len(r.shop.attention) != 0 {
		t.Errorf("ended %s after %d cancels, with attention %v", view.Status, len(r.shop.answered), r.shop.attention)
	}
}

// The workflow was lost between the end of the order and its refund: a fresh one finds the refund open, and makes it.
func TestAFreshWorkflowMakesTheOpenRefund(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusCanceled, PaymentKey: "pay_1", RefundDue: true}
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID:    "ord_saga",
		PaymentKey: "pay_1",
		Attempt:    1,
		Amount:     domain.Won(1000),
		Status:     domain.PaymentDone,
	}
	r.shop.refund = &domain.Refund{OrderID: "ord_saga", PaymentKey: "pay_1", Amount: domain.Won(1000), Status: domain.RefundIntent}
	if view := r.end(); view.Status != domain.StatusCanceled || !slices.Equal(r.shop.refunds, []string{"pay_1"}) ||
		r.shop.refund.Status != domain.RefundDone {
		t.Errorf("ended %s with refunds %v, recorded %s", view.Status, r.shop.refunds, r.shop.refund.Status)
	}
}

// Staff cancel while an open refund is denied: the refund goes on all the same, and its end is written.
func TestACancellationDoesNotEndAnOpenRefund(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusCanceled, PaymentKey: "pay_1", RefundDue: true}
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID:    "ord_saga",
		PaymentKey: "pay_1",
		Attempt:    1,
		Amount:     domain.Won(1000),
		Status:     domain.PaymentDone,
	}
	r.shop.refund = &domain.Refund{OrderID: "ord_saga", PaymentKey: "pay_1", Amount: domain.Won(1000), Status: domain.RefundIntent}
	r.shop.cancels = []domain.RefundResult{denied, denied}
	r.at(time.Minute, r.CancelWorkflow)
	if view := r.end(); view.Status != domain.StatusCanceled || len(r.shop.refunds) != 1 || r.shop.refund.Status != domain.RefundDone {
		t.Errorf("ended %s with refunds %v, recorded %s", view.Status, r.shop.refunds, r.shop.refund.Status)
	}
}
