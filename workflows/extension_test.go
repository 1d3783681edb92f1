package workflows_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

func (r run) extend() *answer { return r.update(workflows.ExtendUpdate, "extend") }

// The time to pay is extended once, whatever becomes of the step's answer: the order expires later, and can be paid until then.
func TestTheTimeToPayIsExtended(t *testing.T) {
	for broken, h := range map[string]how{"nothing": "", "the step fails": fails, "its answer is lost": loses} {
		for _, pays := range []bool{false, true} {
			r := newRun(t)
			r.shop.extendBy = 2 * time.Minute
			if h != "" {
				r.shop.fail("ExtendHold", h)
			}
			began := r.Now()
			var asked, paid *answer
			r.at(9*time.Minute, func() { asked = r.extend() })
			r.at(9*time.Minute+50*time.Second, func() {
				if view := r.view(); view.Status != domain.StatusHeld || view.PayBy.Sub(began).Round(time.Second) != 12*time.Minute {
					t.Errorf("%s: extended, the order is %s until %s", broken, view.Status, view.PayBy.Sub(began))
				}
			})
			r.at(11*time.Minute, func() {
				if pays {
					paid = r.pay("pay_1")
				}
			})
			view := r.end()
			took := r.Now().Sub(began).Round(time.Second)
			if !asked.done || asked.err != nil || asked.view.Reason != domain.ReasonExtended {
				t.Errorf("%s: answered %+v", broken, asked)
			}
			if pays && (view.Status != domain.StatusPlaced || !paid.done) ||
				!pays && (view.Status != domain.StatusExpired || took < 12*time.Minute) {
				t.Errorf("%s, pays %t: ended %s after %s", broken, pays, view.Status, took)
			}
		}
	}
}

// An order whose products allow no extension, or that had its own, keeps its deadline, and whoever asks is answered.
func TestAnOrderIsNotExtendedForEver(t *testing.T) {
	r := newRun(t)
	r.shop.extendBy = 2 * time.Minute
	began := r.Now()
	var answers []*answer
	for n := range 3 {
		r.at(time.Duration(n+1)*time.Minute, func() { answers = append(answers, r.update(workflows.ExtendUpdate, string(rune('a'+n)))) })
	}
	view := r.end()
	if took := r.Now().Sub(began).Round(time.Second); view.Status != domain.StatusExpired || took != 12*time.Minute {
		t.Errorf("ended %s after %s", view.Status, took)
	}
	for n, a := range answers {
		if !a.done || a.err != nil {
			t.Errorf("request %d: %+v", n, a)
		}
	}
}

// While a payment has no outcome, or the order is being ended, no time is given; who asked before is answered with what became of it, and
// nothing waits for them any more.
func TestAnExtensionBesideSomethingElse(t *testing.T) {
	r := newRun(t)
	r.shop.extendBy = 2 * time.Minute
	var before, during *answer
	r.shop.hooks["Reserve"] = func() { // both come before the workflow hears that the order is held: the payment is first
		r.RegisterDelayedCallback(func() {
			before = r.extend()
			r.pay("pay_1")
			during = r.update(workflows.ExtendUpdate, "second")
		}, 0)
	}
	r.shop.fail("Reserve", loses)
	if view := r.end(); view.Status != domain.StatusPlaced || !before.done || before.err != nil || before.view.Status != domain.StatusPlaced {
		t.Errorf("ended %s; who asked before was answered %+v", view.Status, before)
	}
	if codeOf(during.rejected) != domain.CodeOrderState {
		t.Errorf("during a payment: %+v", during)
	}
	r = newRun(t)
	r.shop.extendBy = 2 * time.Minute
	var canceled, extended *answer
	r.at(time.Minute, func() {
		extended = r.extend()
		canceled = r.update(workflows.CancelUpdate, "cancel", workflows.CancelRequest{Shopper: true})
	})
	if view := r.end(); view.Status != domain.StatusCanceled || !canceled.done || !extended.done {
		t.Errorf("ended %s; extended %+v, canceled %+v", view.Status, extended, canceled)
	}
}

// A request for more time that a payment was faster than is forgotten: it does not keep a paid order from going on in a fresh run.
func TestAnExtensionThatCameTooLateIsForgotten(t *testing.T) {
	r := newRun(t)
	r.in.Fulfilment = life
	r.shop.hooks["Reserve"] = func() {
		r.RegisterDelayedCallback(func() {
			r.extend()
			r.pay("pay_1")
		}, 0)
	}
	r.shop.fail("Reserve", loses)
	r.at(whilePlaced, func() { r.SetContinueAsNewSuggested(true) })
	r.at(whilePlaced+time.Minute, func() { r.SignalWorkflow(workflows.PaymentSignal, nil) })
	if !r.continues() {
		t.Errorf("it did not go on in a fresh run: %v", r.GetWorkflowError())
	}
}
