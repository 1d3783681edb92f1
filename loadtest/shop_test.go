package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/loadtest/audit"
)

func TestProductsArePutOnSaleByTheirSeller(t *testing.T) {
	still(t, "mixed", func(t *testing.T, s *fakeShop, r *run) {
		sold := s.requests(sellRoute)
		if len(sold) != 6 || len(s.requests(addStockRoute)) != 6 || len(r.products) != 6 {
			t.Fatalf("%d products were put on sale, want 6", len(sold))
		}
		for n, product := range r.products {
			want := string(body(map[string]any{
				"brandId": "brd_a", "name": fmt.Sprintf("Load test %d", n+1), "category": "other", "price": 45_000, "quantity": 0,
				"limitPerShopper": 2,
			}))
			if sold[n].user != "usr_seller" || sold[n].body != want {
				t.Errorf("%s sold %s, want %s", sold[n].user, sold[n].body, want)
			}
			if stock, err := r.stockOf(t.Context(), product); err != nil || stock != (audit.Stock{ProductID: product, Total: 250, Available: 250}) {
				t.Errorf("%+v, %v", stock, err)
			}
		}
	})
}

func TestAllPagesOfOrdersAreRead(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		s.page = 2
		for n := range 5 {
			s.orders = append(s.orders, &fakeOrder{ID: fmt.Sprint("ord_", n), Status: "PLACED", user: "usr_a"})
		}
		s.orders[2].user = "usr_b"
		orders, err := r.ordersOf(t.Context(), "usr_a")
		var ids, queries []string
		for _, o := range orders {
			ids = append(ids, o.ID)
		}
		for _, page := range s.requests(listRoute) {
			queries = append(queries, page.query)
		}
		if diff := cmp.Diff([]string{"ord_0", "ord_1", "ord_3", "ord_4"}, ids); diff != "" || err != nil {
			t.Errorf("%s, %v", diff, err)
		}
		if diff := cmp.Diff([]string{"limit=100", "cursor=2&limit=100"}, queries); diff != "" {
			t.Error(diff)
		}
	})
}

// waiting is a shop in which one shopper's order is bought and another's is still paid for, until a minute is over.
func waiting(s *fakeShop, r *run) *fakeOrder {
	payBy := time.Now().Add(time.Minute)
	r.users = []string{"usr_a", "usr_b"}
	s.orders = []*fakeOrder{
		{ID: "ord_a", Status: "PLACED", user: "usr_a", PayBy: &payBy}, {ID: "ord_b", Status: "PAYING", user: "usr_b", PayBy: &payBy},
	}
	return s.orders[1]
}

// listed counts how often each shopper's orders were read.
func listed(s *fakeShop) map[string]int {
	counts := map[string]int{}
	for _, r := range s.requests(listRoute) {
		counts[r.user]++
	}
	return counts
}

func TestOpenOrdersAreFollowedUntilTheyAreSettled(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		open := waiting(s, r)
		s.rules[listRoute] = func(w http.ResponseWriter, req *http.Request, serve http.HandlerFunc) {
			serve(w, req)
			if user, _ := caller(req); user == open.user {
				open.Status = "PLACED" // when it is read again
			}
		}
		orders, err := r.settle(t.Context())
		if err != nil || len(orders) != 2 || orders["ord_b"].Status != audit.Placed || orders["ord_b"].User != "usr_b" {
			t.Errorf("%+v, %v", orders, err)
		}
		if diff := cmp.Diff(map[string]int{"usr_a": 1, "usr_b": 2}, listed(s)); diff != "" {
			t.Errorf("who has no open order is not read again: %s", diff)
		}
	})
}

// An order that is stuck is waited for until a minute after it should have run out, and is a finding then.
func TestAnOrderThatIsStuckIsGivenUp(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		stuck, began := waiting(s, r), time.Now()
		orders, err := r.settle(t.Context())
		if err != nil || orders["ord_b"].Status != "PAYING" {
			t.Errorf("%+v, %v", orders, err)
		}
		if waited, least := time.Since(began), stuck.PayBy.Sub(began)+settleSlack; waited <= least || waited > least+10*time.Second {
			t.Errorf("given up after %s, want a little more than %s", waited, least)
		}
		if n := listed(s)["usr_b"]; n < 10 {
			t.Errorf("it was looked at %d times", n)
		}
	})
}

func TestSettlingEndsWithItsContext(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		waiting(s, r)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if orders, err := r.settle(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", orders, err)
		}
	})
}

func TestUnsettledOrdersAreCounted(t *testing.T) {
	now := time.Now()
	users, count, last := unsettled(map[string]audit.Order{
		"ord_1": {Status: "PAYING", User: "usr_a", PayBy: now.Add(time.Minute)},
		"ord_2": {Status: audit.Held, User: "usr_a", PayBy: now.Add(time.Hour)},
		"ord_3": {Status: audit.Received, User: "usr_b"},
		"ord_4": {Status: audit.Placed, User: "usr_c", PayBy: now.Add(24 * time.Hour)},
	})
	slices.Sort(users)
	if diff := cmp.Diff([]string{"usr_a", "usr_b"}, users); diff != "" || count != 3 || !last.Equal(now.Add(time.Hour)) {
		t.Errorf("%d orders until %s: %s", count, last, diff)
	}
}

// The gateway loses a share of its answers during the rush, and none after it, though the run is over by then.
func TestTheGatewayLosesAnswersUntilItIsStopped(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stop, err := r.loseAnswers(ctx, 0.25)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"call":"confirm","loseAnswer":true,"share":0.25,"times":-1}`
		if got := s.requests(scriptRoute); len(got) != 1 || got[0].body != want || len(s.requests(unscriptRoute)) != 0 {
			t.Errorf("scripted %v, want %s", got, want)
		}
		pause(t.Context(), time.Minute)
		stop()
		if n := len(s.requests(unscriptRoute)); n != 1 {
			t.Errorf("%d scripts were ended, want 1", n)
		}
	})
}

func TestAGatewayThatLosesNothingIsNotScripted(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		stop, err := r.loseAnswers(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		stop()
		if n := len(s.requests(scriptRoute)) + len(s.requests(unscriptRoute)); n != 0 {
			t.Errorf("%d requests, want none", n)
		}
		s.rules[scriptRoute] = says(400, map[string]any{"code": "INVALID_REQUEST"})
		if _, err := r.loseAnswers(t.Context(), 0.5); err == nil || !strings.Contains(err.Error(), "script the gateway: 400") {
			t.Errorf("got %v", err)
		}
	})
}
