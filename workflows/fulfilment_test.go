package workflows_test

import (
	"slices"
	"testing"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// life is a fulfilment whose steps are easy to tell apart.
var life = domain.Fulfilment{
	ShipAfter: 24 * time.Hour, DeliverAfter: 25 * time.Hour, CompleteAfter: 48 * time.Hour, ReturnWithin: 24 * time.Hour,
	ReturnAfter: 12 * time.Hour,
}

// The moments of a life that begins with a payment after a minute.
const (
	whilePlaced    = 2 * time.Hour
	whileInTransit = 30 * time.Hour
	whileDelivered = 60 * time.Hour
	afterWindow    = 80 * time.Hour
)

// paidRun is an order that is paid after a minute, and lives on.
func paidRun(t *testing.T) run {
	t.Helper()
	r := newRun(t)
	r.in.Fulfilment = life
	r.at(time.Minute, func() { r.pay("pay_1") })
	return r
}

func (r run) cancel(in workflows.CancelRequest, id string) *answer {
	return r.update(workflows.CancelUpdate, id, in)
}

// wantMoney demands that the charge was refunded so often, and the units are where the row says.
func (r run) wantMoney(refunds int, sold int) {
	r.t.Helper()
	if len(r.shop.charges) != 1 || len(r.shop.refunds) != refunds || r.shop.sold != sold {
		r.t.Errorf("%d charges, %d refunds, %d sold; want 1, %d, %d", len(r.shop.charges), len(r.shop.refunds), r.shop.sold, refunds, sold)
	}
}

func TestAPaidOrderLivesOn(t *testing.T) {
	r := paidRun(t)
	began := r.Now()
	if view := r.end(); view.Status != domain.StatusCompleted {
		t.Errorf("ended %s", view.Status)
	}
	want := []domain.OrderStatus{
		domain.StatusHeld, domain.StatusPaying, domain.StatusPlaced, domain.StatusInTransit, domain.StatusDelivered, domain.StatusCompleted,
	}
	if !slices.Equal(r.shop.statuses, want) {
		t.Errorf("the row went through %v", r.shop.statuses)
	}
	if took := r.Now().Sub(began).Round(time.Hour); took != 97*time.Hour {
		t.Errorf("it took %s, want 24 + 25 + 48 hours", took)
	}
	r.wantMoney(0, 1)
}

// What a shopper, or staff, may do at each moment, and what comes of it.
func TestTakingAPaidOrderBack(t *testing.T) {
	shopper, staff := workflows.CancelRequest{Shopper: true}, workflows.CancelRequest{By: "Mina", Note: "lost in the post"}
	back, byStaff := workflows.ReturnRequest{Shopper: true}, workflows.ReturnRequest{By: staff.By, Note: staff.Note}
	refund := workflows.RefundRequest{By: staff.By, Note: staff.Note}
	for name, c := range map[string]struct {
		at     time.Duration
		update string
		in     any
		code   domain.Code // of the refusal
		end    domain.OrderStatus
		reason string
	}{
		"cancel while placed":              {whilePlaced, workflows.CancelUpdate, shopper, "", domain.StatusCanceled, domain.ReasonCanceled},
		"cancel while placed, by staff":    {whilePlaced, workflows.CancelUpdate, staff, "", domain.StatusCanceled, domain.ReasonStopped},
		"cancel in transit":                {whileInTransit, workflows.CancelUpdate, shopper, domain.CodeOrderState, domain.StatusCompleted, ""},
		"return while placed":              {whilePlaced, workflows.ReturnUpdate, back, domain.CodeOrderState, domain.StatusCompleted, ""},
		"return in transit":                {whileInTransit, workflows.ReturnUpdate, back, domain.CodeOrderState, domain.StatusCompleted, ""},
		"return in transit, by staff":      {whileInTransit, workflows.ReturnUpdate, byStaff, "", domain.StatusReturned, domain.ReasonRefunded},
		"return within the window":         {whileDelivered, workflows.ReturnUpdate, back, "", domain.StatusReturned, domain.ReasonReturned},
		"return after the window":          {afterWindow, workflows.ReturnUpdate, back, domain.CodeOrderState, domain.StatusCompleted, ""},
		"return after the window by staff": {afterWindow, workflows.ReturnUpdate, byStaff, "", domain.StatusReturned, domain.ReasonRefunded},
		"refund while placed":              {whilePlaced, workflows.RefundUpdate, refund, "", domain.StatusCanceled, domain.ReasonRefunded},
		"refund in transit":                {whileInTransit, workflows.RefundUpdate, refund, "", domain.StatusReturned, domain.ReasonRefunded},
		"refund of nobody":                 {whilePlaced, workflows.RefundUpdate, workflows.RefundRequest{}, domain.CodeValidation, domain.StatusCompleted, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := paidRun(t)
			var got *answer
			r.at(c.at, func() { got = r.update(c.update, "u", c.in) })
			view := r.end()
			if view.Status != c.end || r.shop.row.Status != c.end {
				t.Errorf("ended %s, the row %s, want %s", view.Status, r.shop.row.Status, c.end)
			}
			if c.reason != "" && view.Reason != c.reason {
				t.Errorf("the reason is %s, want %s", view.Reason, c.reason)
			}
			refused := got.rejected
			if refused == nil {
				refused = got.err
			}
			if codeOf(refused) != c.code || c.code == "" && !got.done {
				t.Errorf("the answer is %+v, want code %q", got, c.code)
			}
			if c.code == "" {
				r.wantMoney(1, 0)
			} else {
				r.wantMoney(0, 1)
			}
		})
	}
}

// The goods travel back before the money does, unless staff say that they are here.
func TestMoneyFollowsTheGoods(t *testing.T) {
	arrived := workflows.ResolveRequest{By: "Mina", Note: "unused", As: workflows.ResolveArrived}
	for name, c := range map[string]struct {
		arrivesAfter time.Duration
		want         time.Duration
	}{"by the clock": {0, life.ReturnAfter}, "they arrive early": {2 * time.Hour, 2 * time.Hour}} {
		t.Run(name, func(t *testing.T) {
			r := paidRun(t)
			r.at(whileDelivered, func() {
				r.update(workflows.ReturnUpdate, workflows.ReturnUpdate, workflows.ReturnRequest{Shopper: true})
			})
			if c.arrivesAfter > 0 {
				r.at(whileDelivered+c.arrivesAfter, func() { r.update(workflows.ResolveUpdate, "r", arrived) })
			}
			began := r.Now()
			if view := r.end(); view.Status != domain.StatusReturned {
				t.Errorf("ended %s", view.Status)
			}
			if took := r.Now().Sub(began) - whileDelivered; took.Round(time.Minute) != c.want {
				t.Errorf("the money was back after %s, want %s", took, c.want)
			}
			r.wantMoney(1, 0)
		})
	}
}

// The row has the last word: it was shipped, or completed, by somebody else while the workflow heard of the request.
func TestTheRowDecidesTheRacesOfAPaidOrder(t *testing.T) {
	for name, c := range map[string]struct {
		at     time.Duration
		row    domain.OrderStatus
		update string
		in     any
	}{
		"shipped before the cancellation": {whilePlaced, domain.StatusInTransit, workflows.CancelUpdate, workflows.CancelRequest{Shopper: true}},
		"completed before the return":     {whileDelivered, domain.StatusCompleted, workflows.ReturnUpdate, workflows.ReturnRequest{Shopper: true}},
	} {
		t.Run(name, func(t *testing.T) {
			r := paidRun(t)
			var got *answer
			r.at(c.at, func() {
				r.shop.hooks["MoveOrder"] = func() {
					r.shop.mu.Lock()
					defer r.shop.mu.Unlock()
					r.shop.row.Status, r.shop.row.NextAt = c.row, r.Now()
				}
				got = r.update(c.update, "u", c.in)
			})
			if view := r.end(); view.Status != domain.StatusCompleted || codeOf(got.err) != domain.CodeOrderState {
				t.Errorf("ended %s, the request was answered %+v", view.Status, got)
			}
			r.wantMoney(0, 1)
		})
	}
}

func TestTwoCancellationsAreOne(t *testing.T) {
	r := paidRun(t)
	var first, second *answer
	r.at(whilePlaced, func() {
		first, second = r.cancel(workflows.CancelRequest{Shopper: true}, "a"), r.cancel(workflows.CancelRequest{By: "Mina"}, "b")
	})
	if view := r.end(); view.Status != domain.StatusCanceled {
		t.Errorf("ended %s", view.Status)
	}
	for _, got := range []*answer{first, second} {
		if !got.done || got.err != nil || got.view.Status != domain.StatusCanceling {
			t.Errorf("answered %+v, want CANCELING", got)
		}
	}
	r.wantMoney(1, 0)
}

// "Request Cancellation" in the Web UI takes back what is not shipped, and never leaves a paid order without its workflow.
func TestStopFromTheWebUIAfterThePayment(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Duration
		want domain.OrderStatus
	}{
		"placed": {whilePlaced, domain.StatusCanceled}, "in transit": {whileInTransit, domain.StatusCompleted},
		"delivered": {whileDelivered, domain.StatusCompleted},
	} {
		t.Run(name, func(t *testing.T) {
			r := paidRun(t)
			r.at(c.at, r.CancelWorkflow)
			if view := r.end(); view.Status != c.want || r.shop.row.Status != c.want {
				t.Errorf("ended %s, the row %s, want %s", view.Status, r.shop.row.Status, c.want)
			}
		})
	}
}

// A part of the money goes back, once, and the order goes on; a whole refund after it gives the rest.
func TestRefundOfAPart(t *testing.T) {
	part := workflows.RefundRequest{By: "Mina", Note: "a scratch", Amount: 300}
	r := paidRun(t)
	var first, again, tooMuch *answer
	r.at(whilePlaced, func() { first = r.update(workflows.RefundUpdate, "part", part) })
	r.at(whilePlaced+time.Hour, func() { again = r.update(workflows.RefundUpdate, "part", part) })
	r.at(whileInTransit, func() {
		tooMuch = r.update(workflows.RefundUpdate, "more", workflows.RefundRequest{By: "Mina", Note: "all of it", Amount: 800})
	})
	r.at(whileDelivered, func() {
		r.update(workflows.ReturnUpdate, workflows.ReturnUpdate, workflows.ReturnRequest{Shopper: true})
	})
	if view := r.end(); view.Status != domain.StatusReturned {
		t.Errorf("ended %s", view.Status)
	}
	if !first.done || first.err != nil || again.err != nil || codeOf(tooMuch.err) != domain.CodeValidation {
		t.Errorf("answered %+v, again %+v, too much %+v", first, again, tooMuch)
	}
	if r.shop.returned != paidAmount || len(r.shop.done) != 2 || r.shop.done[0].Amount.Amount != 300 || r.shop.sold != 0 {
		t.Errorf("%d are back in %+v", r.shop.returned, r.shop.done)
	}
}

// A step that fails is tried again and again, like all others; a refund that is refused asks for a person, who may have given the
// money back by another way.
func TestTakingBackUnderFaults(t *testing.T) {
	for step, h := range map[string]how{"MoveOrder": fails, "RestockOrder": loses, "RecordRefundIntent": loses,
		"RecordRefund": fails, "CancelPayment": loses} {
		t.Run(step, func(t *testing.T) {
			r := paidRun(t)
			r.at(whilePlaced, func() {
				r.shop.fail(step, h)
				r.cancel(workflows.CancelRequest{Shopper: true}, "c")
			})
			if view := r.end(); view.Status != domain.StatusCanceled || view.Attention != domain.AttentionNone {
				t.Errorf("ended %s with attention %q", view.Status, view.Attention)
			}
			r.wantMoney(1, 0)
			if n := slices.Index(r.shop.undone, "RestockOrder"); n < 0 || slices.Contains(r.shop.undone[n+1:], "RestockOrder") {
				t.Errorf("undone: %v, want one restock", r.shop.undone)
			}
		})
	}
}

func TestARefundThatWasMadeByAnotherWay(t *testing.T) {
	r := paidRun(t)
	r.shop.cancels = []domain.RefundResult{denied, denied, denied, denied}
	var early, got *answer
	in := workflows.ResolveRequest{By: "Mina", Note: "paid by bank transfer", As: workflows.ResolveRefunded}
	r.at(time.Hour, func() { early = r.update(workflows.ResolveUpdate, "early", in) })
	r.at(whilePlaced, func() { r.cancel(workflows.CancelRequest{Shopper: true}, "c") })
	r.at(whilePlaced+time.Minute, func() { got = r.update(workflows.ResolveUpdate, "r", in) })
	if view := r.end(); view.Status != domain.StatusCanceled {
		t.Errorf("ended %s", view.Status)
	}
	if codeOf(early.rejected) != domain.CodeOrderState || !got.done || got.err != nil {
		t.Errorf("answered %+v; while nothing failed %+v", got, early)
	}
	if len(r.shop.refunds) != 0 || r.shop.asked != 1 || r.shop.sold != 0 || len(r.shop.done) != 1 ||
		r.shop.done[0].Code != "RESOLVED_BY_STAFF" {
		t.Errorf("refunds %v at the gateway, rows %+v, %d sold", r.shop.refunds, r.shop.done, r.shop.sold)
	}
	if !slices.Contains(r.shop.actors, "Mina: REFUNDED: paid by bank transfer") {
		t.Errorf("kept of staff: %v", r.shop.actors)
	}
}

// An order whose row is gone cannot go on; a person closes it, with a reason.
func TestGivingUp(t *testing.T) {
	r := newRun(t)
	r.shop.fail("Reserve", failsForever)
	var bare, got *answer
	r.at(time.Hour, func() {
		bare = r.update(workflows.ResolveUpdate, "bare", workflows.ResolveRequest{As: workflows.ResolveGiveUp})
	})
	r.at(time.Hour, func() {
		got = r.update(workflows.ResolveUpdate, "r", workflows.ResolveRequest{By: "Mina", Note: "the row is gone", As: workflows.ResolveGiveUp})
	})
	if view := r.end(); view.Attention != domain.AttentionStepFailing || !got.done {
		t.Errorf("ended with attention %q, answered %+v", view.Attention, got)
	}
	if codeOf(bare.rejected) != domain.CodeValidation {
		t.Errorf("without a name and a reason: %+v", bare)
	}
}

// A history that becomes too long goes on in a fresh run, wherever the order stands; the refund's attempts go on counting.
func TestALongLifeGoesOnInAFreshRun(t *testing.T) {
	for name, c := range map[string]struct {
		at     time.Duration
		before func(r run)
		want   domain.OrderStatus
	}{
		"placed":     {whilePlaced, func(run) {}, domain.StatusCompleted},
		"in transit": {whileInTransit, func(run) {}, domain.StatusCompleted},
		"delivered":  {whileDelivered, func(run) {}, domain.StatusCompleted},
		"canceling": {whilePlaced, func(r run) {
			r.shop.cancels = []domain.RefundResult{denied, denied}
			r.cancel(workflows.CancelRequest{Shopper: true}, "c")
		}, domain.StatusCanceled},
		"returning": {whileDelivered, func(r run) {
			r.update(workflows.ReturnUpdate, workflows.ReturnUpdate, workflows.ReturnRequest{Shopper: true})
		}, domain.StatusReturned},
	} {
		t.Run(name, func(t *testing.T) {
			r := paidRun(t)
			r.at(c.at, func() { c.before(r) })
			r.at(c.at+time.Minute, func() { r.SetContinueAsNewSuggested(true) })
			r.at(c.at+2*time.Minute, func() { r.SignalWorkflow(workflows.PaymentSignal, nil) }) // anything that happens wakes it
			if !r.continues() {
				t.Fatalf("it did not go on in a fresh run: %v", r.GetWorkflowError())
			}
			next := newRun(t)
			next.in.Fulfilment = life
			next.SetStartTime(r.Now())
			s, now := r.shop, next.shop.now
			s.now, next.shop = now, s
			next.RegisterActivity(s)
			s.row.PaymentKey = "pay_1"
			if view := next.end(); view.Status != c.want || s.row.Status != c.want {
				t.Errorf("the fresh run ended %s, the row %s, want %s", view.Status, s.row.Status, c.want)
			}
			if (c.want == domain.StatusCompleted) != (s.sold == 1) || len(s.charges) != 1 {
				t.Errorf("%d sold, %d charges, %d refunds", s.sold, len(s.charges), len(s.refunds))
			}
			if name == "canceling" && (len(s.answered) != 3 || s.asked != 3) {
				t.Errorf("%d requests under %d keys for two refusals and a refund", s.asked, len(s.answered))
			}
		})
	}
}

// Somebody makes a payment key up in the Web UI: nothing is charged, and no decline is counted.
func TestOnlyShoppersPay(t *testing.T) {
	r := newRun(t)
	var made *answer
	r.at(time.Minute, func() {
		made = r.update(workflows.PayUpdate, "by-hand", workflows.PayRequest{PaymentKey: "pay_made-up"})
	})
	r.at(2*time.Minute, func() { r.pay("pay_1") })
	if view := r.end(); view.Status != domain.StatusPlaced || view.Declines != 0 || codeOf(made.rejected) != domain.CodeValidation {
		t.Errorf("ended %s after %d declines; the made-up key was answered %+v", view.Status, view.Declines, made)
	}
	r.wantMoney(0, 1)
}

// What staff resolved is one refund: the next one is made by the gateway again.
func TestAResolvedRefundIsNotTheNext(t *testing.T) {
	r := paidRun(t)
	r.shop.cancels = []domain.RefundResult{denied}
	r.at(whilePlaced, func() {
		r.update(workflows.RefundUpdate, "part", workflows.RefundRequest{By: "Mina", Note: "a scratch", Amount: 300})
	})
	r.at(whilePlaced+time.Minute, func() {
		r.update(workflows.ResolveUpdate, "r", workflows.ResolveRequest{By: "Mina", Note: "in cash", As: workflows.ResolveRefunded})
	})
	r.at(whilePlaced+time.Hour, func() { r.cancel(workflows.CancelRequest{Shopper: true}, "c") })
	if view := r.end(); view.Status != domain.StatusCanceled {
		t.Errorf("ended %s", view.Status)
	}
	if len(r.shop.done) != 2 || r.shop.done[0].Code != "RESOLVED_BY_STAFF" || r.shop.done[1].Code != "" || r.shop.returned != 700 {
		t.Errorf("refunds %+v, at the gateway %v", r.shop.done, r.shop.refunds)
	}
}

// The database fails while a part is written down: it is not lost, and made once.
func TestAPartThatIsHardToWriteDown(t *testing.T) {
	r := paidRun(t)
	var got *answer
	r.at(whilePlaced, func() {
		r.shop.fail("RecordRefundIntent", failsForever)
		got = r.update(workflows.RefundUpdate, "part", workflows.RefundRequest{By: "Mina", Note: "a scratch", Amount: 300})
	})
	r.at(whilePlaced+10*time.Minute, r.shop.repair)
	if view := r.end(); view.Status != domain.StatusCompleted || got.err != nil || !got.done {
		t.Errorf("ended %s, answered %+v", view.Status, got)
	}
	if r.shop.returned != 300 || len(r.shop.done) != 1 {
		t.Errorf("%d are back in %+v", r.shop.returned, r.shop.done)
	}
}

// The reconciliation has marked the order for a person: steps that succeed do not take the mark off.
func TestADifferenceStaysUntilItIsResolved(t *testing.T) {
	r := paidRun(t)
	r.at(whilePlaced, func() {
		r.shop.mu.Lock()
		r.shop.row.Attention = domain.AttentionDifference
		r.shop.mu.Unlock()
		r.cancel(workflows.CancelRequest{Shopper: true}, "c")
	})
	if view := r.end(); view.Status != domain.StatusCanceled || r.shop.row.Attention != domain.AttentionDifference {
		t.Errorf("ended %s, the row's attention is %q", view.Status, r.shop.row.Attention)
	}
}
