package workflows_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// Staff's retry is answered after the next try, with what became of it: the attention that is left, or none.
func TestRetryIsAnsweredAfterTheNextTry(t *testing.T) {
	r := newRun(t)
	r.shop.fail("Reserve", failsForever)
	var vain, good *answer
	r.at(10*time.Minute, func() {
		vain = r.update(workflows.RetryUpdate, "r1", workflows.RetryRequest{By: "Yuna", Note: "once more"})
		if vain.done {
			t.Error("it was answered before it was tried")
		}
	})
	r.at(20*time.Minute, func() {
		if !vain.done || vain.view.Attention != domain.AttentionStepFailing || vain.view.AttentionDetail == "" {
			t.Errorf("a try in vain was answered %+v", vain)
		}
		r.shop.repair()
		good = r.update(workflows.RetryUpdate, "r2")
	})
	r.at(21*time.Minute, func() {
		if good == nil || !good.done || good.view.Attention != domain.AttentionNone || good.view.Status != domain.StatusHeld {
			t.Errorf("a good try was answered %+v", good)
		}
		r.pay("pay_1")
	})
	if view := r.end(); view.Status != domain.StatusPlaced {
		t.Errorf("ended %s", view.Status)
	}
	if len(r.shop.actors) == 0 || r.shop.actors[0] != "Yuna: once more" {
		t.Errorf("who asked for the retry: %v", r.shop.actors)
	}
}

// Batch operations send signals, and no updates: a signal retries as well. One that comes when nothing fails changes nothing.
func TestRetryBySignal(t *testing.T) {
	r := newRun(t)
	r.at(time.Second, func() { r.SignalWorkflow(workflows.RetrySignal, workflows.RetryRequest{}) })
	r.shop.fail("RecordPaymentIntent", failsForever)
	var paid *answer
	r.at(time.Minute, func() { paid = r.pay("pay_1") })
	r.at(4*time.Minute, func() {
		r.shop.repair()
		r.SignalWorkflow(workflows.RetrySignal, workflows.RetryRequest{By: "batch"})
	})
	r.at(4*time.Minute+time.Second, func() {
		if !paid.done || paid.view.Status != domain.StatusPlaced {
			t.Errorf("a second after the signal the payment is %+v", paid)
		}
	})
	if view := r.end(); view.Status != domain.StatusPlaced {
		t.Errorf("ended %s", view.Status)
	}
}
