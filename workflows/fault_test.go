package workflows_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// A worker with a wrong key is answered with a fault, and the look-ups show that nothing was charged: the order is held again, the
// attempt does not count, and the next one pays.
func TestAFaultIsProvenByLookUps(t *testing.T) {
	r := newRun(t)
	r.shop.faults = 2
	var first, second *answer
	r.at(time.Minute, func() { first = r.pay("pay_1") })
	r.at(2*time.Minute, func() {
		if r.view().Status != domain.StatusHeld || r.shop.row.Declines != 0 || r.shop.row.Reason != domain.ReasonPaymentFault {
			t.Errorf("after the fault: %+v", r.shop.row)
		}
		second = r.pay("pay_2")
	})
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 || !second.done {
		t.Errorf("ended %s with %d charges", view.Status, len(r.shop.charges))
	}
	if !first.done || first.view.Payment.Outcome != domain.OutcomeFault {
		t.Errorf("the first attempt was answered %+v", first)
	}
}

// The gateway approves, the worker is killed, staff reset the activity so that its attempts count anew, and the next worker holds a
// wrong key: its fault is not believed, and the shopper is not charged again.
func TestAFaultAfterAnApprovalIsNotBelieved(t *testing.T) {
	for _, show := range []bool{false, true} {
		for faults := 1; faults <= 3; faults++ {
			r := newRun(t)
			r.in.ShowSteps = show
			r.shop.faults, r.shop.charging = faults, true
			r.at(time.Minute, func() { r.pay("pay_1") })
			r.at(3*time.Minute, func() {
				if !r.IsWorkflowCompleted() && r.view().Status == domain.StatusHeld {
					r.pay("pay_2")
				}
			})
			if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 {
				t.Errorf("%d faults, steps shown %t: ended %s with charges %v", faults, show, view.Status, r.shop.charges)
			}
		}
	}
}

// An outcome that is unknown is never settled by a fault of ours, however often it comes: the units stay held.
func TestAFaultDoesNotSettleAnUnknownPayment(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", loses) // approved, and not heard of
	r.shop.hooks["MarkPaymentUnknown"] = func() { r.shop.faults = 1_000_000 }
	r.shop.fail("LookUpPayment", failsForever)
	r.at(time.Minute, func() { r.pay("pay_1") })
	r.at(15*time.Minute, func() {
		if r.shop.row.Status != domain.StatusPaying || r.shop.held != 1 {
			t.Errorf("while it is unknown: %+v, %d held", r.shop.row, r.shop.held)
		}
		r.shop.repair()
	})
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 {
		t.Errorf("ended %s with charges %v", view.Status, r.shop.charges)
	}
}

// With a payment found open at the start, somebody may have asked before: not even look-ups make a fault definite.
func TestAFaultOfAnAdoptedPaymentIsUnknown(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusPaying, PayBy: r.Now().Add(time.Hour)}
	r.shop.held = 1
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID:    "ord_saga",
		PaymentKey: "pay_1",
		Attempt:    1,
		Amount:     domain.Won(1000),
		Status:     domain.PaymentIntent,
	}
	r.shop.faults = 2
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 ||
		r.shop.payments["pay_1"].Status != domain.PaymentDone {
		t.Errorf("ended %s with charges %v", view.Status, r.shop.charges)
	}
}
