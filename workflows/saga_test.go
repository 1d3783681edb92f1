package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"runrun/domain"
	"runrun/workflows"
)

// result is what must be true in the end.
type result struct {
	Status        domain.OrderStatus
	Held, Sold    int
	Charges       int
	Refunds       int
	Undone        []string
	SupportSees   domain.Attention // at its height
	AttentionLeft domain.Attention // in the row, in the end: nothing
}

// scenario is what shopper and staff do.
type scenario string

const (
	buys         scenario = "the shopper pays"
	walksAway    scenario = "the shopper walks away"
	isDeclined   scenario = "the card is declined, then the shopper walks away"
	rowWins      scenario = "the row is ended while the gateway is asked"
	refundDenied scenario = "the row is ended while the gateway is asked, and the gateway denies the refund"
)

// outcome is what a scenario leads to if nothing fails, or if all that fails is repaired.
func (st scenario) outcome() result {
	switch st {
	case buys:
		return result{Status: domain.StatusPlaced, Sold: 1, Charges: 1}
	case rowWins, refundDenied:
		b := result{Status: domain.StatusCanceled, Charges: 1, Refunds: 1, Undone: []string{"CancelPayment"}}
		if st == refundDenied {
			b.SupportSees = domain.AttentionRefundFailed
		}
		return b
	}
	return result{Status: domain.StatusExpired, Undone: []string{"Release"}}
}

// Every step fails in every way: what must be undone, how the order ends, what support sees. Whatever fails for ever is
// repaired after half an hour, and staff send retry.
func TestSaga(t *testing.T) {
	for _, row := range []struct {
		step    string
		in      []scenario
		forever domain.Attention // what support sees if it fails for ever
	}{
		{"", []scenario{buys, walksAway, isDeclined, rowWins, refundDenied}, ""},
		{"Reserve", []scenario{buys, walksAway}, domain.AttentionStepFailing},
		{"RecordPaymentIntent", []scenario{buys, isDeclined}, domain.AttentionStepFailing},
		{"ConfirmPayment", []scenario{buys, rowWins}, domain.AttentionPaymentUnknown},
		{"ConfirmPaymentFast", []scenario{buys, isDeclined, rowWins}, ""},
		{"MarkPaymentUnknown", []scenario{buys}, ""},
		{"Place", []scenario{buys}, domain.AttentionStepFailing},
		{"Decline", []scenario{isDeclined}, domain.AttentionStepFailing},
		{"Release", []scenario{walksAway, isDeclined}, domain.AttentionReleaseFailed},
		{"RecordRefundIntent", []scenario{rowWins}, domain.AttentionRefundFailed},
		{"CancelPayment", []scenario{rowWins}, domain.AttentionRefundFailed},
		{"RecordRefund", []scenario{rowWins}, domain.AttentionRefundFailed},
		{"SetAttention", []scenario{refundDenied}, domain.AttentionRefundFailed},
	} {
		for _, st := range row.in {
			for _, h := range []how{fails, loses, failsForever} {
				want := st.outcome()
				if h == failsForever && row.step == "RecordPaymentIntent" && st == buys {
					want = walksAway.outcome() // by the time it is repaired the deadline has passed, and nothing was charged
				}
				if h == failsForever && row.forever != "" {
					want.SupportSees = row.forever
				}
				name := row.step + "/" + string(h) + "/" + string(st)
				for _, confirmFast := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/fast=%t", name, confirmFast), func(t *testing.T) {
						if diff := cmp.Diff(want, runScenario(t, row.step, h, st, confirmFast)); diff != "" {
							t.Errorf("the result (-want +got):\n%s", diff)
						}
					})
				}
			}
		}
	}
}

// runScenario plays a scenario with a broken step and counts. A gateway that is broken is broken for a fast confirm, too.
func runScenario(t *testing.T, step string, h how, st scenario, confirmFast bool) result {
	r := newRun(t)
	r.in.ConfirmFast = confirmFast
	if step != "" {
		r.shop.fail(step, h)
	}
	if step == "ConfirmPayment" {
		r.shop.fail("ConfirmPaymentFast", h)
	}
	switch st {
	case isDeclined:
		r.shop.declines = 1
	case refundDenied:
		r.shop.cancels = []domain.RefundResult{denied, denied}
		fallthrough
	case rowWins:
		end := func() {
			r.shop.mu.Lock()
			defer r.shop.mu.Unlock()
			r.shop.row.Status, r.shop.row.Reason, r.shop.held = domain.StatusCanceled, domain.ReasonStopped, 0
		}
		r.shop.hooks["ConfirmPayment"], r.shop.hooks["ConfirmPaymentFast"] = end, end
	}
	var tries []*answer
	highest := domain.AttentionNone
	for minute := 1; minute < 45; minute++ {
		r.at(time.Duration(minute)*time.Minute+time.Second, func() {
			if r.IsWorkflowCompleted() {
				return
			}
			if seen := r.view().Attention; seen != domain.AttentionNone {
				highest = seen
			}
			if st != walksAway && !slices.ContainsFunc(tries, func(a *answer) bool { return a.accepted }) {
				tries = append(tries, r.pay(fmt.Sprint("pay_", minute))) // while the reservation is stuck there is nothing to pay
			}
			if minute == 30 {
				r.shop.repair()
			}
			if minute >= 30 {
				r.update(workflows.RetryUpdate, "")
			}
		})
	}
	view := r.end()
	for _, try := range tries {
		if try.accepted && !try.done {
			t.Error("the shopper who paid was never answered")
		}
	}
	s := r.shop
	if view.Status != s.row.Status {
		t.Errorf("the workflow says %s, the row %s", view.Status, s.row.Status)
	}
	if slices.Sort(s.charges); len(slices.Compact(slices.Clone(s.charges))) != len(s.charges) {
		t.Errorf("charged twice: %v", s.charges)
	}
	return result{
		Status: s.row.Status, Held: s.held, Sold: s.sold, Charges: len(s.charges), Refunds: len(s.refunds), Undone: s.undone,
		SupportSees: highest, AttentionLeft: s.row.Attention,
	}
}

// The row is HELD, and the shopper pays, before the workflow has heard of it.
func TestAShopperIsFasterThanTheWorkflow(t *testing.T) {
	for _, show := range []bool{false, true} {
		r := newRun(t)
		r.in.ShowSteps = show
		r.shop.fail("Reserve", loses) // the answer comes at the next try
		var asked *answer
		r.at(50*time.Millisecond, func() {
			if status := r.view().Status; status != domain.StatusReceived || r.shop.row.Status != domain.StatusHeld {
				t.Errorf("the workflow says %s, the row %s; this test is about RECEIVED and HELD", status, r.shop.row.Status)
			}
			asked = r.pay("pay_1")
		})
		if view := r.end(); view.Status != domain.StatusPlaced || !asked.accepted || !asked.done || asked.view.Status != domain.StatusPlaced ||
			len(r.shop.charges) != 1 {
			t.Errorf("ended %s with %d charges; the shopper was answered %+v", view.Status, len(r.shop.charges), asked)
		}
	}
}

// With ShowSteps no step hides in a local activity, not even a fast confirm.
func TestStepsCanBeShownFromTheBeginning(t *testing.T) {
	type mode struct{ show, confirmFast bool }
	for m, want := range map[mode][2]int{
		{}: {3, 1}, {confirmFast: true}: {4, 0}, {show: true}: {0, 4}, {show: true, confirmFast: true}: {0, 4},
	} {
		r := newRun(t)
		r.in.ShowSteps, r.in.ConfirmFast = m.show, m.confirmFast
		hidden, shown := 0, 0
		r.SetOnLocalActivityStartedListener(func(*activity.Info, context.Context, []any) { hidden++ })
		r.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { shown++ })
		r.at(time.Minute, func() { r.pay("pay_1") })
		if view := r.end(); view.Status != domain.StatusPlaced {
			t.Errorf("ended %s", view.Status)
		}
		if hidden != want[0] || shown != want[1] {
			t.Errorf("%+v: %d local and %d normal activities, want %v", m, hidden, shown, want)
		}
	}
}

// A Reserve whose answer never comes is given up by staff: its compensation runs, and the tombstone stands.
func TestStaffCancelAStuckReservation(t *testing.T) {
	for _, h := range []how{failsForever, loses} {
		t.Run(string(h), func(t *testing.T) {
			r := newRun(t)
			r.shop.fail("Reserve", h)
			r.shop.left["Reserve"] = 1_000_000 // the effect happens, again and again, and no answer comes
			r.at(5*time.Minute, func() {
				if seen := r.view().Attention; seen != domain.AttentionStepFailing {
					t.Errorf("support sees %q, want STEP_FAILING", seen)
				}
				r.CancelWorkflow()
			})
			view := r.end()
			if view.Status != domain.StatusCanceled || r.shop.held != 0 || !slices.Equal(r.shop.undone, []string{"Release"}) {
				t.Errorf("ended %s with %d held, undone %v", view.Status, r.shop.held, r.shop.undone)
			}
		})
	}
}

// Staff cancel while a payment is open: the payment is finished first, and a paid order stays paid.
func TestStaffCancelWhileAPaymentIsOpen(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", fails)
	r.at(time.Minute, func() { r.pay("pay_1") })
	r.at(time.Minute+500*time.Millisecond, r.CancelWorkflow)
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 || len(r.shop.refunds) != 0 {
		t.Errorf("ended %s with %d charges and %d refunds", view.Status, len(r.shop.charges), len(r.shop.refunds))
	}
}

// A fault of ours proves nothing if somebody may have asked the gateway before: after a reset, the charge is found.
func TestAFaultAfterAResetIsNotBelieved(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusPaying, PayBy: r.Now().Add(time.Minute)}
	r.shop.held = 1
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID:    "ord_saga",
		PaymentKey: "pay_1",
		Attempt:    1,
		Amount:     domain.Won(1000),
		Status:     domain.PaymentIntent,
	}
	r.shop.charges = []string{"pay_1"} // by the run before
	r.shop.faults = 1
	if view := r.end(); view.Status != domain.StatusPlaced || len(r.shop.charges) != 1 {
		t.Errorf("ended %s with %d charges, want PLACED with the one there was", view.Status, len(r.shop.charges))
	}
}

// The gateway answers every confirm with the same failure and has never heard of the payment: the units do not stay held
// for longer than its sessions live.
func TestAPaymentThatTheGatewayNeverKnew(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", failsForever)
	r.shop.gone = true
	began := r.Now()
	r.at(time.Minute, func() { r.pay("garbage") })
	if view := r.end(); view.Status != domain.StatusExpired || r.shop.held != 0 {
		t.Errorf("ended %s with %d held", view.Status, r.shop.held)
	}
	if took := r.Now().Sub(began); took > 15*time.Minute || took < 11*time.Minute {
		t.Errorf("the units were held for %s, want as long as a session may live, and not much longer", took)
	}
}

// Staff cancel while Reserve is stuck, and the row has a payment open: its outcome comes first.
func TestStaffCancelAfterAResetWithAnOpenPayment(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{Status: domain.StatusPaying, PayBy: r.Now().Add(time.Minute)}
	r.shop.held = 1
	r.shop.payments["pay_1"] = &domain.Payment{
		OrderID:    "ord_saga",
		PaymentKey: "pay_1",
		Attempt:    1,
		Amount:     domain.Won(1000),
		Status:     domain.PaymentUnknown,
	}
	r.shop.charges, r.shop.confirmed["ord_saga-confirm-1"] = []string{"pay_1"}, true
	r.shop.fail("Reserve", failsForever)
	r.at(5*time.Minute, r.CancelWorkflow)
	if view := r.end(); view.Status != domain.StatusPlaced || r.shop.sold != 1 || len(r.shop.charges) != 1 {
		t.Errorf("ended %s with %d sold and %d charges", view.Status, r.shop.sold, len(r.shop.charges))
	}
}

// After a reset the row still asks for attention, and three declines are still three.
func TestAResetAdoptsTheWholeRow(t *testing.T) {
	r := newRun(t)
	r.shop.row = workflows.OrderState{
		Status:    domain.StatusHeld,
		PayBy:     r.Now().Add(time.Hour),
		Declines:  domain.MaxDeclines,
		Attention: domain.AttentionReleaseFailed,
	}
	r.shop.held = 1
	if view := r.end(); view.Status != domain.StatusPaymentFailed || r.shop.row.Attention != domain.AttentionNone || r.shop.held != 0 {
		t.Errorf("ended %s with attention %q in the row and %d held", view.Status, r.shop.row.Attention, r.shop.held)
	}
}

// An attempt that was never made is not answered with the decline of the one before.
func TestALateAttemptIsNotAnsweredWithAnOldDecline(t *testing.T) {
	r := newRun(t)
	r.shop.declines = 1
	var late *answer
	r.at(time.Minute, func() { r.pay("pay_1") })
	r.at(2*time.Minute, func() { r.shop.row.PayBy = r.Now() }) // the database's clock says that the time is up
	r.at(3*time.Minute, func() { late = r.pay("pay_2") })
	view := r.end()
	if view.Status != domain.StatusExpired || !late.done || late.view.Payment.Outcome != "" {
		t.Errorf("ended %s; the late attempt was answered %+v", view.Status, late)
	}
}

// The deadline never releases while a payment is open: it acts after the outcome.
func TestTheDeadlineActsAfterTheOutcome(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", failsForever)
	r.at(9*time.Minute, func() { r.pay("pay_1") })
	r.at(20*time.Minute, func() {
		if r.shop.held != 1 || r.view().Status != domain.StatusPaying {
			t.Errorf("ten minutes after the deadline: %d held, %s", r.shop.held, r.view().Status)
		}
		r.shop.repair()
	})
	if view := r.end(); view.Status != domain.StatusPlaced || r.shop.sold != 1 {
		t.Errorf("ended %s with %d sold", view.Status, r.shop.sold)
	}
}

// A workflow that was reset, or that follows a long history, finds the row further than itself and adopts it.
func TestTheRowWins(t *testing.T) {
	for name, c := range map[string]struct {
		row  workflows.OrderState
		open bool
		want domain.OrderStatus
	}{
		"placed":              {workflows.OrderState{Status: domain.StatusPlaced}, false, domain.StatusPlaced},
		"refused":             {workflows.OrderState{Status: domain.StatusRefused}, false, domain.StatusRefused},
		"held":                {workflows.OrderState{Status: domain.StatusHeld}, false, domain.StatusExpired},
		"paying":              {workflows.OrderState{Status: domain.StatusPaying}, true, domain.StatusPlaced},
		"declined to the end": {workflows.OrderState{Status: domain.StatusPaymentFailed}, false, domain.StatusPaymentFailed},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRun(t)
			r.shop.row = c.row
			r.shop.row.PayBy = r.Now().Add(time.Minute)
			r.shop.held = 1
			if c.open {
				r.shop.payments["pay_1"] = &domain.Payment{
					OrderID:    "ord_saga",
					PaymentKey: "pay_1",
					Attempt:    1,
					Amount:     domain.Won(1000),
					Status:     domain.PaymentUnknown,
				}
			}
			if view := r.end(); view.Status != c.want {
				t.Errorf("ended %s, want %s", view.Status, c.want)
			}
		})
	}
}

func TestThreeDeclinesEndTheOrder(t *testing.T) {
	r := newRun(t)
	r.shop.declines = domain.MaxDeclines
	var answers []*answer
	for i := range domain.MaxDeclines {
		r.at(time.Duration(i+1)*time.Minute, func() { answers = append(answers, r.pay(string(rune('a'+i)))) })
	}
	view := r.end()
	if view.Status != domain.StatusPaymentFailed || view.Reason != domain.ReasonTooManyDeclines || r.shop.held != 0 ||
		len(r.shop.charges) != 0 {
		t.Errorf("ended %s (%s), %d held, %d charges", view.Status, view.Reason, r.shop.held, len(r.shop.charges))
	}
	for i, a := range answers {
		if !a.done || a.view.Payment.Outcome != domain.OutcomeDeclined || a.view.Declines != i+1 {
			t.Errorf("attempt %d was answered %+v", i+1, a)
		}
	}
}

// The doors refuse what cannot be, with a code.
func TestUpdateValidators(t *testing.T) {
	r := newRun(t)
	r.shop.fail("ConfirmPayment", failsForever)
	asked := map[string]*answer{}
	var first *answer
	r.at(time.Minute, func() {
		asked["retry when nothing fails: ORDER_STATE"] = r.update(workflows.RetryUpdate, "r")
		asked["pay without a key: VALIDATION"] = r.pay("")
		asked["pay with a strange key: VALIDATION"] = r.pay("a b")
		first = r.pay("pay_1")
		asked["pay with another key: PAYMENT_IN_PROGRESS"] = r.pay("pay_2")
		asked["cancel while paying: ORDER_STATE"] = r.update(workflows.CancelUpdate, "cancel")
	})
	r.at(5*time.Minute, func() {
		asked["pay while the outcome is unknown: PAYMENT_IN_PROGRESS"] = r.pay("pay_3")
		r.shop.repair()
	})
	if view := r.end(); view.Status != domain.StatusPlaced || !first.accepted || !first.done {
		t.Errorf("ended %s; the first payment: %+v", view.Status, first)
	}
	for what, a := range asked {
		if got := string(codeOf(a.rejected)); !strings.HasSuffix(what, ": "+got) || got == "" {
			t.Errorf("%s, but it was rejected with %q", what, got)
		}
	}
}

func TestCancelByTheShopper(t *testing.T) {
	r := newRun(t)
	var clicks []*answer
	r.at(time.Minute, func() {
		clicks = append(clicks, r.update(workflows.CancelUpdate, "first", workflows.CancelRequest{Shopper: true}),
			r.update(workflows.CancelUpdate, "second", workflows.CancelRequest{Shopper: true}))
	})
	view := r.end()
	if view.Status != domain.StatusCanceled || view.Reason != domain.ReasonCanceled || r.shop.held != 0 {
		t.Errorf("ended %s (%s) with %d held", view.Status, view.Reason, r.shop.held)
	}
	for _, click := range clicks {
		if click.rejected != nil || !click.done || click.view.Status != domain.StatusCanceled {
			t.Errorf("a click was answered %+v", click)
		}
	}
}
