package e2e

import (
	"net/http"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// living is a system in which paid orders live fast; each step may be made slow enough to do something before it.
func living(t *testing.T, slow func(*domain.Fulfilment)) harness {
	t.Helper()
	life := domain.Fulfilment{
		ShipAfter: 500 * time.Millisecond, DeliverAfter: 500 * time.Millisecond, CompleteAfter: 500 * time.Millisecond,
		ReturnWithin: 500 * time.Millisecond, ReturnAfter: 500 * time.Millisecond,
	}
	if slow != nil {
		slow(&life)
	}
	return own(t, nil, func(s *system.Settings) {
		s.SetFulfilment(life)
		s.API.OrphansEvery = 100 * time.Millisecond
	})
}

// paid places an order of one unit and pays it.
func (a as) paid(product domain.ProductID) reply {
	a.t.Helper()
	order := a.held(product)
	a.want(http.StatusOK, "POST", "/v1/payments/confirm", a.authorize(order))
	return order
}

// wantMoney demands how often an order was charged and refunded, and that everything charged went back if it was.
func (r harness) wantMoney(order reply, charges, refunds int) {
	r.t.Helper()
	var out, back int64
	n := 0
	ledger := r.PGMock.Ledger()
	for _, e := range ledger.Approvals {
		if e.OrderID == order.str("id") {
			out += e.Amount
		}
	}
	for _, e := range ledger.Cancels {
		if e.OrderID == order.str("id") {
			back, n = back+e.Amount, n+1
		}
	}
	if got := r.approvals(order.str("id")); got != charges || n != refunds || refunds > 0 && back != out {
		r.t.Errorf("%d charges of %d and %d refunds of %d in all; want %d and %d", got, out, n, back, charges, refunds)
	}
}

func TestAnOrderLivesToItsEnd(t *testing.T) {
	r := living(t, nil)
	product := r.product(1)
	shopper := r.mint("usr_life")
	order := shopper.paid(product)
	shopper.await(order, "COMPLETED")
	if view := r.finished(order.str("id"), "completed"); view.Status != domain.StatusCompleted {
		t.Errorf("the workflow ended %s", view.Status)
	}
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
	r.wantMoney(order, 1, 0)
	got := shopper.do("POST", "/v1/orders/"+order.str("id")+"/return", nil)
	wantCode(t, got, http.StatusConflict, domain.CodeOrderState)
}

// A paid order is canceled: the money goes back, then the unit, which the next shopper buys.
func TestCancelAfterThePayment(t *testing.T) {
	r := living(t, func(f *domain.Fulfilment) { f.ShipAfter = time.Hour })
	product := r.product(1)
	shopper := r.mint("usr_regrets")
	order := shopper.paid(product)
	for range 2 {
		got := shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		if got.str("status") != "CANCELED" || got.str("reason") != domain.ReasonCanceled {
			t.Errorf("canceled: %s", got.rawBody)
		}
	}
	r.finished(order.str("id"), "canceled_after_payment")
	r.wantMoney(order, 1, 1)
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
	next := r.mint("usr_next")
	next.until("the unit that came back", func() (reply, bool) {
		got := next.order(product)
		return got, got.Status == http.StatusCreated
	})
}

func TestAReturnedOrder(t *testing.T) {
	r := living(t, func(f *domain.Fulfilment) { f.CompleteAfter, f.ReturnWithin = time.Hour, time.Hour })
	product := r.product(1)
	shopper := r.mint("usr_returns")
	order := shopper.paid(product)
	got := shopper.await(order, "DELIVERED")
	if got.str("returnBy") == "" || got.str("nextAt") == "" {
		t.Errorf("delivered: %s", got.rawBody)
	}
	got = shopper.want(http.StatusAccepted, "POST", "/v1/orders/"+order.str("id")+"/return", nil)
	if got.str("status") != "RETURNING" {
		t.Errorf("returned: %s", got.rawBody)
	}
	shopper.await(order, "RETURNED")
	r.finished(order.str("id"), "returned")
	r.wantMoney(order, 1, 1)
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

// The refund's answer is lost, and the next look-up too: it is made once.
func TestARefundWhoseAnswerIsLost(t *testing.T) {
	r := living(t, func(f *domain.Fulfilment) { f.ShipAfter = time.Hour })
	product := r.product(1)
	shopper := r.mint("usr_lost")
	order := shopper.paid(product)
	r.script(map[string]any{"call": "cancel", "loseAnswer": true})
	r.script(map[string]any{"call": "lookup", "code": "UNKNOWN_PAYMENT_ERROR"})
	shopper.do("POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	shopper.await(order, "CANCELED")
	r.finished(order.str("id"), "canceled_refund_unknown")
	r.wantMoney(order, 1, 1)
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

// The workflow of a paid order is terminated: a fresh one takes it on to its end.
func TestAPaidOrderWithoutAWorkflow(t *testing.T) {
	r := living(t, func(f *domain.Fulfilment) { f.ShipAfter = 2 * time.Second })
	product := r.product(1)
	shopper := r.mint("usr_orphan")
	order := shopper.paid(product)
	r.terminate(order.str("id"))
	shopper.await(order, "COMPLETED")
	r.finished(order.str("id"), "adopted_after_payment")
	r.wantMoney(order, 1, 0)
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// The history of an order grows long: it goes on in fresh runs, and lives to its end all the same.
func TestALongLifeOnTheServer(t *testing.T) {
	r := own(t, func(c *system.Config) {
		c.TemporalFlags = []string{"--dynamic-config", "limit.historyCount.suggestContinueAsNew=12"}
	}, func(s *system.Settings) {
		step := 500 * time.Millisecond
		s.SetFulfilment(domain.Fulfilment{
			ShipAfter: step, DeliverAfter: step, CompleteAfter: 2 * step, ReturnWithin: 2 * step, ReturnAfter: step,
		})
	})
	product := r.product(1)
	shopper := r.mint("usr_long")
	order := shopper.paid(product)
	id := workflows.OrderWorkflowID(domain.OrderID(order.str("id")))
	first := r.runOf(id)
	shopper.await(order, "COMPLETED")
	r.finished(order.str("id"), "continued")
	if last := r.runOf(id); last == first {
		t.Error("the order stayed in one run: the test shows nothing")
	}
	r.wantMoney(order, 1, 0)
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}
