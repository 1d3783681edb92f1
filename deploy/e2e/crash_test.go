package e2e

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// The worker is killed (SIGKILL) after the gateway has approved and before it heard of it, in a fast confirm and in one on the queue
// payments; another takes over.
func TestTheWorkerIsKilledBetweenApprovalAndPlace(t *testing.T) {
	for name, confirmFast := range map[string]bool{"worker_killed": false, "worker_killed_fast": true} {
		t.Run(name, func(t *testing.T) { killBetweenApprovalAndPlace(t, confirmFast, name) })
	}
}

func killBetweenApprovalAndPlace(t *testing.T, confirmFast bool, history string) {
	r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) { s.API.ConfirmFast = confirmFast })
	worker := r.startWorkerProcess()
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	confirm := shopper.authorize(order)
	r.script(map[string]any{"call": "confirm", "delayMs": 60_000}) // the act happens, the answer takes its time
	var paying sync.WaitGroup
	paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	shopper.until("approval", func() (reply, bool) { return reply{}, r.approvals(order.str("id")) == 1 })
	worker.kill()
	r.startWorkerProcess()
	shopper.await(order, "PLACED")
	paying.Wait()
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	r.finished(order.str("id"), history)
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// The worker is killed while the step after the approval fails; another finds it repaired.
func TestTheWorkerIsKilledInPlace(t *testing.T) {
	r := own(t, func(c *system.Config) { c.Workers = false }, nil)
	worker := r.startWorkerProcess()
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	repair := breakStep(t, r.Store, order.str("id"), "PLACED")
	confirm := shopper.authorize(order)
	var paying sync.WaitGroup
	paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	shopper.until("approval", func() (reply, bool) { return reply{}, r.approvals(order.str("id")) == 1 })
	worker.kill()
	repair()
	r.startWorkerProcess()
	shopper.await(order, "PLACED")
	paying.Wait()
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// The API was killed between the durable row and the start of the workflow: the sweeper of another brings the order back.
func TestTheAPIIsKilledBeforeTheWorkflowStarts(t *testing.T) {
	r := shared(t)
	shopper := r.logIn(system.ShopperEmail)
	product := r.product(1)
	left := storetest.NewOrder("usr_demo-shopper",
		domain.OrderItem{ProductID: product, Name: "Sneaker", Quantity: 1, UnitPrice: domain.Won(1000)})
	left.ID = domain.OrderID(domain.OrderPrefix + strings.ReplaceAll(uuid.NewString(), "-", "")) // no other run's workflow
	if _, err := r.Store.Accept(t.Context(), []domain.NewOrder{left}); err != nil {
		t.Fatal(err)
	}
	storetest.Exec(t, r.Store, "UPDATE orders SET dispatch_after = 1 WHERE id = ?", left.ID) // or wait 15 s
	order := shopper.await(reply{Body: map[string]any{"id": string(left.ID)}}, "HELD")
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// Temporal is gone: orders are accepted all the same, and worked off when it is back.
func TestTemporalIsGoneForAWhile(t *testing.T) {
	program, err := system.TemporalProgram(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	flags := []string{"--exit-with-stdin", "--ui-port", "0", "--data", data}
	child, err := system.LaunchTemporal(t.Context(), program, append(flags, "--port", "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Stop() }()
	address := child.Server.GRPC
	t.Setenv("TEMPORAL_ADDRESS", address)
	r := own(t, nil, nil)
	product := r.product(2)
	shopper := r.logIn(system.ShopperEmail)
	before := shopper.held(product)
	if err := child.Stop(); err != nil {
		t.Fatal(err)
	}
	r.until("the outage to be shown", func() (reply, bool) { // and it decides nothing: orders are accepted
		got := r.send("GET", r.API.OpsURL()+"/readyz", nil)
		return got, got.Status == http.StatusOK && strings.HasPrefix(got.str("temporal"), "degraded") && got.str("database") == "ok"
	})
	got := shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", "while-it-is-gone", "Prefer", "wait=0")
	if got.Status != http.StatusAccepted || got.str("status") != "RECEIVED" || got.Header.Get("Retry-After") == "" {
		t.Fatalf("order: %d %s, want 202 RECEIVED", got.Status, got.rawBody)
	}
	payment := shopper.authorize(before) // one: what was not answered is sent again with the same key
	wantCode(t, shopper.do("POST", "/v1/payments/confirm", payment), http.StatusServiceUnavailable, domain.CodeUnavailable)
	storetest.Exec(t, r.Store, "UPDATE orders SET dispatch_after = 1 WHERE id = ?", got.str("id")) // or wait 15 s
	if child, err = system.LaunchTemporal(t.Context(), program, append(flags, "--port", address[len("127.0.0.1:"):])); err != nil {
		t.Fatal(err)
	}
	shopper.await(got, "HELD")
	shopper.until("payment", func() (reply, bool) {
		paid := shopper.do("POST", "/v1/payments/confirm", payment)
		return paid, paid.Status == http.StatusOK
	})
	if n := r.approvals(before.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	storetest.WantStock(t, r.Store, product, 0, 1, 1)
}

// A namespace whose search attribute has another type: the API is not ready, and says why. Orders are accepted all the same.
func TestANamespaceThatDoesNotFit(t *testing.T) {
	program, err := system.TemporalProgram(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	child, err := system.LaunchTemporal(t.Context(), program,
		[]string{"--exit-with-stdin", "--port", "0", "--ui-port", "0", "--search-attribute", "OrderStatus=Int"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Stop() }()
	t.Setenv("TEMPORAL_ADDRESS", child.Server.GRPC)
	r := own(t, func(c *system.Config) { c.Workers = false }, nil)
	got := r.until("not ready", func() (reply, bool) {
		got := r.send("GET", r.API.OpsURL()+"/readyz", nil)
		return got, strings.Contains(got.str("namespace"), "OrderStatus")
	})
	if got.Status != http.StatusServiceUnavailable || got.str("database") != "ok" {
		t.Errorf("readyz: %d %s", got.Status, got.rawBody)
	}
	shopper := r.logIn(system.ShopperEmail)
	if order := shopper.do("POST", "/v1/orders", orderOf(r.product(1), 1), "Idempotency-Key", "k", "Prefer",
		"wait=0"); order.Status != http.StatusAccepted {
		t.Errorf("order: %d %s, want 202", order.Status, order.rawBody)
	}
}

// Redis is gone: slower, without tickets and announcements, and still right.
func TestRedisIsGone(t *testing.T) {
	t.Setenv("REDIS_ADDR", "") // so that it is restored afterwards: this test breaks a Redis of its own
	if err := os.Unsetenv("REDIS_ADDR"); err != nil {
		t.Fatal(err)
	}
	r := own(t, nil, nil)
	product := r.product(10)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	r.Redis.Close()
	r.until("its absence to be shown", func() (reply, bool) {
		got := r.send("GET", r.API.OpsURL()+"/readyz", nil)
		return got, got.Status == http.StatusOK && strings.HasPrefix(got.str("redis"), "degraded")
	})
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	var buyers sync.WaitGroup
	statuses := make(chan int, 20)
	for n := range 20 {
		buyer := r.logIn(system.NumberedEmail(n + 1))
		buyers.Go(func() { statuses <- buyer.order(product).Status })
	}
	buyers.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	if counts[http.StatusCreated] != 9 || counts[http.StatusConflict] != 11 {
		t.Errorf("without Redis: %v, want 9 held and 11 refused", counts)
	}
	storetest.WantStock(t, r.Store, product, 0, 9, 1)
	if err := r.Redis.Restart(); err != nil {
		t.Fatal(err)
	}
}

// Ctrl-C in the middle: everything stops, and nothing is left running.
func TestStopIsCleanAndSafeTwice(t *testing.T) {
	s, err := system.Start(context.Background(), testConfig(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
}
