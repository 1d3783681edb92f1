package workflows_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// A fast confirm proves money or a decline. A fault is not believed: the queue payments is asked, and look-ups prove it.
func TestAFaultOfAFastConfirmIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		faults   int
		charging bool // another worker had asked, and the gateway approved
		charges  int
		status   domain.OrderStatus
	}{
		"this worker's key is wrong":               {faults: 1, charges: 1, status: domain.StatusPlaced},
		"this worker's key is wrong, and approved": {faults: 1, charging: true, charges: 1, status: domain.StatusPlaced},
		"every key is wrong":                       {faults: 3, charges: 0, status: domain.StatusExpired},
		"every key is wrong, and approved":         {faults: 3, charging: true, charges: 1, status: domain.StatusPlaced},
	} {
		r := newRun(t)
		r.in.ConfirmFast = true
		r.shop.faults, r.shop.charging = c.faults, c.charging
		r.at(time.Minute, func() { r.pay("pay_1") })
		if view := r.end(); view.Status != c.status || len(r.shop.charges) != c.charges || r.shop.row.Declines != 0 {
			t.Errorf("%s: ended %s with %d charges and %d declines, want %s with %d and none",
				name, view.Status, len(r.shop.charges), r.shop.row.Declines, c.status, c.charges)
		}
	}
}

// A payment that somebody may have asked about before is not for a fast confirm: what it says would be no proof.
func TestAnAdoptedPaymentIsNotConfirmedFast(t *testing.T) {
	r := newRun(t)
	r.in.ConfirmFast = true
	r.shop.row = workflows.OrderState{Status: domain.StatusPaying, PayBy: r.Now().Add(time.Hour)}
	r.shop.held = 1
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID: "ord_saga", PaymentKey: "pay_1", Attempt: 1, Amount: domain.Won(1000), Status: domain.PaymentIntent,
	}
	r.shop.hooks["ConfirmPaymentFast"] = func() { t.Error("it was confirmed fast") }
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 {
		t.Errorf("ended %s with charges %v", view.Status, r.shop.charges)
	}
}

// A fast confirm that does not know what became of the money is asked again at once, and nobody waits for a look-up.
func TestAnUnknownOutcomeOfAFastConfirmIsAskedAgain(t *testing.T) {
	r := newRun(t)
	r.in.ConfirmFast = true
	r.shop.unsure = true
	r.shop.hooks["MarkPaymentUnknown"] = func() { t.Error("it was recorded as unknown") }
	r.at(time.Minute, func() { r.pay("pay_1") })
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 {
		t.Errorf("ended %s with charges %v", view.Status, r.shop.charges)
	}
}
