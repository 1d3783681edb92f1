package workflows_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// The database, whose clock set the deadline, says that it has not passed: the workflow waits on, and the shopper may still pay.
func TestTheDatabasesClockDecidesTheDeadline(t *testing.T) {
	for _, pays := range []bool{false, true} {
		r := newRun(t)
		r.shop.early = 3
		var paid *answer
		r.at(10*time.Minute+1500*time.Millisecond, func() {
			if r.view().Status != domain.StatusHeld || r.shop.early != 1 {
				t.Errorf("after two early tries: %s, %d more", r.view().Status, r.shop.early)
			}
			if pays {
				r.shop.row.PayBy = r.Now().Add(time.Second)
				paid = r.pay("pay_1")
			}
		})
		view := r.end()
		if want := map[bool]domain.OrderStatus{false: domain.StatusExpired, true: domain.StatusPlaced}[pays]; view.Status != want ||
			pays && !paid.done {
			t.Errorf("pays %t: ended %s, want %s", pays, view.Status, want)
		}
	}
}

// Who pays too late hears how the order ended, not that it is held.
func TestALatePaymentIsAnsweredWithTheEnd(t *testing.T) {
	r := newRun(t)
	var late *answer
	r.at(9*time.Minute, func() {
		r.shop.row.PayBy = r.Now() // the database's clock is ahead
		late = r.pay("pay_1")
	})
	if view := r.end(); view.Status != domain.StatusExpired || !late.done || late.view.Status != domain.StatusExpired ||
		len(r.shop.charges) != 0 {
		t.Errorf("ended %s; the late payment was answered %+v", view.Status, late)
	}
}

// A cancel that was accepted before the workflow heard that the row is PLACED is answered, and nothing is undone.
func TestCancelOfAnOrderThatIsPlacedAlready(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusPlaced, PaymentKey: "pay_1", PaidAt: r.Now()}
	r.shop.sold = 1
	r.shop.fail("Reserve", loses)
	var asked *answer
	r.at(50*time.Millisecond, func() { asked = r.update(workflows.CancelUpdate, "cancel", workflows.CancelRequest{By: "Yuna"}) })
	view := r.end()
	if view.Status != domain.StatusPlaced || !asked.accepted || !asked.done || codeOf(asked.err) != domain.CodeOrderState {
		t.Errorf("ended %s; the cancel was answered %+v", view.Status, asked)
	}
	if view.PaymentKey != "pay_1" {
		t.Errorf("after a reset the payment key is %q", view.PaymentKey)
	}
}

// Who cancels is kept: a member of staff, with a name or without, or the shopper.
func TestWhoCancels(t *testing.T) {
	for by, reason := range map[string]string{"": domain.ReasonStopped, "Yuna": domain.ReasonStopped, "the shopper": domain.ReasonCanceled} {
		r := newRun(t)
		var late *answer
		r.at(time.Minute, func() {
			r.update(workflows.CancelUpdate, "cancel", workflows.CancelRequest{Shopper: by == "the shopper", By: by, Note: "by phone"})
			late = r.pay("pay_1")
		})
		if view := r.end(); view.Reason != reason || r.shop.releases[0].By != by || r.shop.releases[0].Note != "by phone" {
			t.Errorf("canceled by %q: %s, %+v", by, view.Reason, r.shop.releases)
		}
		if codeOf(late.rejected) != domain.CodeOrderState || len(r.shop.charges) != 0 {
			t.Errorf("who pays while it is being canceled is answered %+v, %d charges", late, len(r.shop.charges))
		}
	}
}

// Staff cancel in the Web UI while the shopper has time to pay: the units are given back at once.
func TestStaffCancelAHeldOrder(t *testing.T) {
	r := newRun(t)
	began := r.Now()
	r.at(time.Minute, r.CancelWorkflow)
	view := r.end()
	if view.Status != domain.StatusCanceled || view.Reason != domain.ReasonStopped || r.shop.held != 0 || r.Now().Sub(began) > 2*time.Minute {
		t.Errorf("ended %s (%s) with %d held after %s", view.Status, view.Reason, r.shop.held, r.Now().Sub(began))
	}
}

// Who has canceled before the reservation was known cannot pay any more.
func TestNobodyPaysAnOrderThatWasCanceledEarly(t *testing.T) {
	r := newRun(t)
	r.shop.fail("Reserve", loses)
	var late *answer
	r.at(50*time.Millisecond, func() {
		r.update(workflows.CancelUpdate, "cancel", workflows.CancelRequest{})
		late = r.pay("pay_1")
	})
	if view := r.end(); view.Status != domain.StatusCanceled || codeOf(late.rejected) != domain.CodeOrderState {
		t.Errorf("ended %s; the payment was answered %+v", view.Status, late)
	}
}

// While an order is being ended nobody begins to pay it, however long the end takes.
func TestNobodyPaysAnOrderThatIsBeingEnded(t *testing.T) {
	r := newRun(t)
	r.shop.fail("Release", failsForever)
	var late *answer
	r.at(11*time.Minute, func() { late = r.pay("pay_1") })
	r.at(12*time.Minute, func() { r.shop.repair() })
	if view := r.end(); view.Status != domain.StatusExpired || codeOf(late.rejected) != domain.CodeOrderState || len(r.shop.charges) != 0 {
		t.Errorf("ended %s; who paid meanwhile was answered %+v", view.Status, late)
	}
}

// A payment key that was settled by a fault of ours is answered so again, by any run; it is not taken for one that comes too late.
func TestAKeyThatAFaultSettledIsAnsweredAgain(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusHeld, PayBy: r.Now().Add(10 * time.Minute)}
	r.shop.held = 1
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID:    "ord_saga",
		PaymentKey: "pay_1",
		Attempt:    1,
		Amount:     domain.Won(1000),
		Status:     domain.PaymentCanceled,
	}
	var asked *answer
	r.at(time.Minute, func() { asked = r.pay("pay_1") })
	r.at(2*time.Minute, func() {
		if !asked.done || asked.view.Payment.Outcome != domain.OutcomeFault || r.view().PayBy.Before(r.Now().Add(time.Minute)) {
			t.Errorf("it was answered %+v, to be paid by %s", asked, r.view().PayBy)
		}
	})
	if view := r.end(); view.Status != domain.StatusExpired || len(r.shop.charges) != 0 {
		t.Errorf("ended %s with %d charges", view.Status, len(r.shop.charges))
	}
}
