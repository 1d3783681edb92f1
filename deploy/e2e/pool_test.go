package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// A worker that is told to end finishes what it has begun, here a call to a slow gateway; nothing is done twice, and the next worker goes
// on.
func TestAWorkerThatIsStoppedFinishesWhatItHasBegun(t *testing.T) {
	r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) { s.API.ConfirmFast = false })
	worker := r.startWorkerProcess()
	product := r.product(2)
	shopper := r.logIn(system.ShopperEmail)
	paid, held := shopper.held(product), shopper.held(product)
	r.script(map[string]any{"call": "confirm", "delayMs": 3000})
	confirm := shopper.authorize(paid)
	var paying sync.WaitGroup
	paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	shopper.until("the gateway is asked", func() (reply, bool) { return reply{}, r.approvals(paid.str("id")) == 1 })
	if err := worker.stop(t); err != nil {
		t.Errorf("the worker ended with %v, want exit 0", err)
	}
	r.startWorkerProcess()
	shopper.await(paid, "PLACED")
	paying.Wait()
	if tries := r.attempts(paid.str("id"), "ConfirmPayment"); tries != 1 { // what the first worker reported is in the history by now
		t.Errorf("the gateway was asked %d times, want once, by the worker that was stopped", tries)
	}
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(held))
	for _, order := range []reply{paid, held} {
		if n := r.approvals(order.str("id")); n != 1 {
			t.Errorf("%d approvals, want 1", n)
		}
	}
	storetest.WantStock(t, r.Store, product, 0, 0, 2)
}

// A rate of a queue is that of all workers together: the gateway is not asked more often than its contract allows.
func TestAQueueHasItsRate(t *testing.T) {
	const payments = 5
	r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) { s.API.ConfirmFast = false })
	r.startWorkerProcess("QUEUES=orders,payments", "QUEUE_RATES=payments=1")
	r.startWorkerProcess("QUEUES=payments", "QUEUE_RATES=payments=1", "QUEUE_SLOTS=payments=3")
	product := r.product(payments)
	shopper := r.logIn(system.ShopperEmail)
	var confirms []map[string]any
	for range payments {
		confirms = append(confirms, shopper.authorize(shopper.held(product)))
	}
	began := time.Now()
	var paying sync.WaitGroup
	for _, confirm := range confirms {
		paying.Go(func() { shopper.pay(confirm) })
	}
	paying.Wait()
	if took := time.Since(began); took < (payments-2)*time.Second { // it may begin with a payment that was saved up
		t.Errorf("%d payments took %s at one a second", payments, took)
	}
	storetest.WantStock(t, r.Store, product, 0, 0, payments)
}

// attempts is at which try the last activity of a type was carried out, of an order; 0 if it was not yet.
func (r harness) attempts(order, activity string) (attempt int32) {
	r.t.Helper()
	types := map[int64]string{}
	for _, event := range r.events(r.t.Context(), workflows.OrderWorkflowID(domain.OrderID(order))) {
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			types[event.GetEventId()] = scheduled.GetActivityType().GetName()
		}
		if started := event.GetActivityTaskStartedEventAttributes(); started != nil && types[started.GetScheduledEventId()] == activity {
			attempt = started.GetAttempt()
		}
	}
	return attempt
}

// pay confirms a payment, again where the answer took longer than the API waits.
func (a as) pay(confirm map[string]any) {
	a.t.Helper()
	a.until("payment", func() (reply, bool) {
		got := a.do("POST", "/v1/payments/confirm", confirm)
		return got, got.Status == http.StatusOK
	})
}
