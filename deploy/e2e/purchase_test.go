package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/workflowservice/v1"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// The README's walk: log in, order, authorize, confirm.
func TestAShopperBuys(t *testing.T) {
	r := shared(t)
	product := r.product(3)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	if order.Header.Get("Location") != "/v1/orders/"+order.str("id") || order.Body["paymentAmount"] != 4000.0 || order.Body["ticket"] != 1.0 {
		t.Errorf("the order: %s, at %s", order.rawBody, order.Header.Get("Location"))
	}
	checkout := shopper.want(http.StatusOK, "GET", "/v1/checkout/"+order.str("id"), nil)
	if checkout.Body["amount"] != 4000.0 || checkout.Body["orderName"] != "Sneaker" || checkout.str("payBy") == "" {
		t.Errorf("checkout: %s", checkout.rawBody)
	}
	confirm := shopper.authorize(order)
	paid := shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", confirm)
	if payment, _ := paid.Body["payment"].(map[string]any); paid.str("status") != "PLACED" || payment["status"] != "DONE" {
		t.Errorf("paid: %s", paid.rawBody)
	}
	again := shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", confirm)
	if again.str("status") != "PLACED" {
		t.Errorf("confirmed again: %s", again.rawBody)
	}
	if view := r.finished(order.str("id"), "paid_fast"); view.Status != domain.StatusPlaced {
		t.Errorf("the workflow says %+v", view)
	}
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	storetest.WantStock(t, r.Store, product, 2, 0, 1)
	r.wantFound(order.str("id"), `OrderStatus = "PLACED" AND PaidAt IS NOT NULL`)
}

// wantFound demands that support staff find an order's workflow by a search.
func (r harness) wantFound(order, query string) {
	r.t.Helper()
	id := workflows.OrderWorkflowID(domain.OrderID(order))
	r.until("search for "+query, func() (reply, bool) {
		return reply{}, r.countWorkflows(query+" AND WorkflowId = '"+id+"'") == 1
	})
}

func TestTheLastUnitIsSoldOnce(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	winner, loser := r.logIn(system.NumberedEmail(1)), r.logIn(system.NumberedEmail(2))
	order := winner.held(product)
	wantCode(t, loser.order(product), http.StatusConflict, domain.CodeSoldOut) // at the gate: no row, no workflow
	if orders := loser.want(http.StatusOK, "GET", "/v1/orders?limit=1", nil); strings.Contains(string(orders.rawBody), string(product)) {
		t.Errorf("a refusal at the gate left an order: %s", orders.rawBody)
	}
	winner.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
	loser.until("the unit that came back", func() (reply, bool) {
		got := loser.order(product)
		return got, got.Status == http.StatusCreated
	})
}

// The gate is wrong, and lets in who finds nothing: the database decides, and the key remembers.
func TestTheDatabaseDecidesAgain(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	winner, loser := r.logIn(system.NumberedEmail(3)), r.logIn(system.NumberedEmail(4))
	winner.held(product)
	r.gateBelieves(product, 5)
	key := uuid.NewString()
	for replayed := range 2 {
		got := loser.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", key, "Prefer", "wait=20")
		wantCode(t, got, http.StatusConflict, domain.CodeSoldOut)
		if replay := got.Header.Get("Idempotent-Replayed"); (replay == "true") != (replayed == 1) || got.Body["retryable"] != false {
			t.Errorf("refusal %d: replayed %q, %s", replayed, replay, got.rawBody)
		}
	}
	orders := loser.want(http.StatusOK, "GET", "/v1/orders?limit=1", nil)
	refused := orders.Body["items"].([]any)[0].(map[string]any)
	if refused["status"] != "REFUSED" || refused["reason"] != "SOLD_OUT" {
		t.Errorf("the refused order: %v", refused)
	}
	r.finished(refused["id"].(string), "refused")
	storetest.WantStock(t, r.Store, product, 0, 1, 0)
}

// gateBelieves makes a gate wrong.
func (r harness) gateBelieves(product domain.ProductID, left int) {
	r.t.Helper()
	client, err := redis.Connect(r.Settings.API.Redis)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.HSet(r.t.Context(), "runrun:gate:{"+string(product)+"}", "left", left).Err(); err != nil {
		r.t.Fatal(err)
	}
}

// Redis restarted empty in the middle: the gate is opened anew from the database, tickets go on, nothing is oversold.
func TestTheGateHealsAfterRedisRestartedEmpty(t *testing.T) {
	r := shared(t)
	product := r.product(3)
	shopper := r.logIn(system.NumberedEmail(5))
	first := shopper.held(product)
	client, err := redis.Connect(r.Settings.API.Redis)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	gate := r.gateOf()
	drawn, err := gate.Enter(t.Context(), []domain.GateEntry{{Product: product, User: "usr_in-flight", Quantity: 1}})
	if err != nil || drawn[0].Ticket != 2 {
		t.Fatal(drawn, err)
	}
	base := "runrun:gate:{" + string(product) + "}"
	if err := client.Del(t.Context(), base, base+":owned", base+":pending", base+":back").Err(); err != nil {
		t.Fatal(err)
	}
	inFlight := []domain.OrderItem{{ProductID: product, Ticket: 2, Quantity: 1}} // its order is written, and then given up, in the meantime
	if err := gate.ConfirmTickets(t.Context(), []domain.NewOrder{{UserID: "usr_in-flight", Items: inFlight}}); err != nil {
		t.Fatal(err)
	}
	if err := gate.GiveBack(t.Context(), "ord_in-flight", "usr_in-flight", inFlight); err != nil {
		t.Fatal(err)
	}
	second := shopper.held(product)
	if first.Body["ticket"] != 1.0 || second.Body["ticket"] != 2.0 {
		t.Errorf("tickets %v and %v, want 1 and 2", first.Body["ticket"], second.Body["ticket"])
	}
	shopper.held(product)
	wantCode(t, shopper.order(product), http.StatusConflict, domain.CodeSoldOut)
	storetest.WantStock(t, r.Store, product, 0, 3, 0)
}

// Workers compare the gates with the database by themselves. A gate that is off is corrected by a workflow; while all are right there
// is none, and the list of workflows shows orders.
func TestGatesAreCorrectedByAWorkflow(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.Worker.GatesEvery = 100 * time.Millisecond })
	product := r.product(5)
	r.mint("usr_gate").held(product)
	corrections := func() *workflowservice.ListWorkflowExecutionsResponse {
		found, err := r.temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowType = 'GateWorkflow' AND ExecutionStatus = 'Completed'",
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if n := len(corrections().GetExecutions()); n != 0 {
		t.Errorf("%d workflows ran while nothing was wrong", n)
	}
	gate := r.gateOf()
	if err := gate.Add(t.Context(), product, 7); err != nil { // as if it had missed something
		t.Fatal(err)
	}
	r.until("the gate to be right", func() (reply, bool) {
		seen, _, err := gate.Snapshot(t.Context(), product, time.Hour)
		return reply{rawBody: []byte(fmt.Sprint(seen, err))}, seen.Left == 4
	})
	r.until("the workflow that corrected it", func() (reply, bool) { return reply{}, len(corrections().GetExecutions()) > 0 })
	if *record {
		r.keepHistory(t.Context(), workflows.GateWorkflowID, "gate")
	}
}

func TestCancelGivesUnitsBack(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	for range 2 { // the second click finds it done
		got := shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		if got.str("status") != "CANCELED" || got.str("reason") != domain.ReasonCanceled {
			t.Errorf("canceled: %s", got.rawBody)
		}
	}
	r.finished(order.str("id"), "canceled")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
	got := shopper.do("POST", "/v1/payments/confirm", shopper.authorize(order))
	wantCode(t, got, http.StatusConflict, domain.CodeOrderState)
}

func TestAnUnpaidOrderExpiresAndItsUnitCanBeBoughtAgain(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.PayWithin = 2 * time.Second })
	product := r.product(1)
	first, second := r.logIn(system.NumberedEmail(1)), r.logIn(system.NumberedEmail(2))
	order := first.held(product)
	wantCode(t, second.order(product), http.StatusConflict, domain.CodeSoldOut)
	got := first.await(order, "EXPIRED")
	if got.str("reason") != domain.ReasonUnpaid {
		t.Errorf("expired: %s", got.rawBody)
	}
	r.finished(order.str("id"), "expired")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
	second.until("the unit that came back", func() (reply, bool) {
		got := second.order(product)
		return got, got.Status == http.StatusCreated
	})
}

func TestStaffCancelInTheWebUI(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	if err := r.temporal.CancelWorkflow(t.Context(), workflows.OrderWorkflowID(domain.OrderID(order.str("id"))), ""); err != nil {
		t.Fatal(err)
	}
	if got := shopper.await(order, "CANCELED"); got.str("reason") != domain.ReasonStopped {
		t.Errorf("canceled by staff: %s", got.rawBody)
	}
	r.finished(order.str("id"), "canceled_by_staff")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

func TestABasketIsHeldWholeOrRefused(t *testing.T) {
	r := shared(t)
	plenty, scarce := r.product(5), r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	basket := func(quantity int) reply {
		return shopper.do("POST", "/v1/orders", map[string]any{"receiver": receiver, "items": []any{
			map[string]any{"productId": plenty, "quantity": 1}, map[string]any{"productId": scarce, "quantity": quantity},
		}}, "Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
	}
	wantCode(t, basket(2), http.StatusConflict, domain.CodeSoldOut)
	storetest.WantStock(t, r.Store, plenty, 5, 0, 0)
	if got := basket(1); got.Status != http.StatusCreated || got.str("name") != "Sneaker 외 1건" || got.Body["deliveryFee"] != 3000.0 {
		t.Errorf("the basket: %d %s", got.Status, got.rawBody)
	}
	storetest.WantStock(t, r.Store, plenty, 4, 1, 0)
	storetest.WantStock(t, r.Store, scarce, 0, 1, 0)
}

func TestALimitPerShopper(t *testing.T) {
	r := shared(t)
	product := r.product(5, storetest.Limit(1))
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	wantCode(t, shopper.order(product), http.StatusConflict, domain.CodeLimitExceeded)
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	shopper.held(product)
}

// The same key with the same body is the same order, however often and however fast it is sent.
func TestIdempotencyKey(t *testing.T) {
	r := shared(t)
	product := r.product(5)
	shopper := r.logIn(system.ShopperEmail)
	key := uuid.NewString()
	ids := make(chan string, 20)
	var clicks sync.WaitGroup
	for range 20 {
		clicks.Go(func() {
			got := shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", key, "Prefer", "wait=20")
			if got.Status != http.StatusCreated {
				t.Errorf("click: %d %s", got.Status, got.rawBody)
			}
			ids <- got.str("id")
		})
	}
	clicks.Wait()
	close(ids)
	distinct := map[string]bool{}
	for id := range ids {
		distinct[id] = true
	}
	if len(distinct) != 1 {
		t.Errorf("twenty clicks made %d orders, want 1", len(distinct))
	}
	storetest.WantStock(t, r.Store, product, 4, 1, 0)
	again := shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", key)
	if again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("a replay does not say so: %v", again.Header)
	}
	wantCode(t, shopper.do("POST", "/v1/orders", orderOf(product, 2), "Idempotency-Key", key),
		http.StatusUnprocessableEntity, domain.CodeIdempotencyReused)
}

func (r harness) countWorkflows(query string) int {
	r.t.Helper()
	list, err := r.temporal.CountWorkflow(r.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	if err != nil {
		r.t.Fatal(err)
	}
	return int(list.GetCount())
}
