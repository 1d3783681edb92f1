package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/loadtest/audit"
)

// runAgainst runs a small scenario against a shop on 127.0.0.1.
func runAgainst(t *testing.T, s *fakeShop, cfg Config) (out string, err error) {
	t.Helper()
	var text bytes.Buffer
	url := s.start(t)
	cfg.URL, cfg.Gateway, cfg.Rate = url, url, 1000
	err = Run(t.Context(), cfg, &text)
	return strings.Join(strings.Fields(text.String()), " "), err
}

// small is a configuration of a few shoppers and units.
func small(scenario string, shoppers int, units int64) Config {
	cfg := testConfig("", scenario)
	cfg.Shoppers, cfg.Units = shoppers, units
	return cfg
}

// Ten shoppers do one thing each of a mixed day, and everything balances.
func TestARunThatBalancesIsNoError(t *testing.T) {
	s, cfg := newFakeShop(), small("mixed", 10, 50)
	s.delivers = true
	cfg.Report = filepath.Join(t.TempDir(), "report.html")
	out, err := runAgainst(t, s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"mixed: 10 shoppers, 1000 a second, 6 products of 50 units, at http://127.0.0.1", "Temporal is not counted",
		"order 201 HELD 10 ", "decision HELD 10 ", "pay 200 PLACED 7 ", "pay 402 PAYMENT_DECLINED 4 ", "cancel 200 CANCELED 3 ",
		"return 202 RETURNED 1 ",
		" 0 connection errors", "shop 10 orders: 3 CANCELED 1 EXPIRED 1 PAYMENT_FAILED 4 PLACED 1 RETURNED",
		"gateway 6 approvals and 2 cancels",
		"Everything balances", "report: " + cfg.Report,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if _, err := os.Stat(cfg.Report); err != nil {
		t.Error(err)
	}
	scripts, ends := s.requests(scriptRoute), s.requests(unscriptRoute)
	if len(scripts) != 1 || !strings.Contains(scripts[0].body, `"share":0.1`) || len(ends) != 1 {
		t.Errorf("the gateway was told to lose answers by %v, and to stop %d times", scripts, len(ends))
	}
	keys := map[string]bool{}
	for _, order := range s.requests(placeRoute) {
		keys[order.header.Get("Idempotency-Key")] = true
	}
	if len(keys) != 10 {
		t.Errorf("ten orders had %d keys", len(keys))
	}
}

// Two of four get the two units, and the shop tells something that is not so.
func TestWhatDoesNotBalanceIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		route string
		rule  script
		want  string
	}{
		"an order is forgotten":      {listRoute, says(200, map[string]any{"items": []int{}}), "lost: usr_load-"},
		"nothing was charged":        {ledgerRoute, says(200, map[string]any{}), "money: order ord_1 is PLACED; 0 was charged"},
		"a unit is gone":             {stockRoute, says(200, map[string]any{"productId": "prd_1", "total": 2, "sold": 1}), "imbalance: "},
		"the shop fails":             {placeRoute, refuses(500, "INTERNAL", ""), `misled: usr_load-`},
		"all are refused, and early": {placeRoute, refuses(409, "SOLD_OUT", ""), "0 of 2 units were ever given out"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFakeShop()
			s.rules[c.route] = c.rule
			out, err := runAgainst(t, s, small("drop", 4, 2))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(out, "WRONG "+strings.Fields(c.want)[0]) &&
				!strings.Contains(out, c.want) {
				t.Errorf("%v\n%s\ndoes not say %q", err, out, c.want)
			}
		})
	}
}

func TestOrdersNeedTicketsOnlyWithRedis(t *testing.T) {
	for _, without := range []bool{false, true} {
		s, cfg := newFakeShop(), small("drop", 2, 2)
		s.ticketless, cfg.WithoutRedis = true, without
		if _, err := runAgainst(t, s, cfg); (err == nil) != without || err != nil && !strings.Contains(err.Error(), "ticket: ") {
			t.Errorf("without Redis %t: %v", without, err)
		}
	}
}

// What breaks before the shoppers come ends the run, and what breaks after it does not pass for balanced.
func TestWhereARunBrokeIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		route, want string
		orders      int
	}{
		"a product":   {sellRoute, "prepare: put a product on sale: 403", 0},
		"its units":   {addStockRoute, "prepare: put units on sale: 403", 0},
		"the gateway": {scriptRoute, "script the gateway: 403", 0},
		"the orders":  {listRoute, "count: GET http://127.0.0.1", 2},
		"the stock":   {stockRoute, "count: GET http://127.0.0.1", 2},
		"the ledger":  {ledgerRoute, "count: GET http://127.0.0.1", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFakeShop()
			s.rules[c.route] = refuses(403, "FORBIDDEN", "")
			_, err := runAgainst(t, s, small("mixed", 2, 2))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(err.Error(), "FORBIDDEN") {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if n := len(s.requests(placeRoute)); n != c.orders {
				t.Errorf("%d orders came, want %d", n, c.orders)
			}
		})
	}
}

// The stock is bought before the shoppers come, and that is not measured.
func TestSoldOutIsMeasuredWithoutWhoBoughtTheStock(t *testing.T) {
	s := newFakeShop()
	out, err := runAgainst(t, s, small("soldout", 5, 2))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "order 409 SOLD_OUT 5 ") || strings.Contains(out, "201 HELD") || len(s.requests(confirmRoute)) != 2 {
		t.Errorf("%d payments, want two that are not measured:\n%s", len(s.requests(confirmRoute)), out)
	}
}

func TestMoreShoppersThanPeopleComeAgain(t *testing.T) {
	still(t, "drop", func(t *testing.T, _ *fakeShop, r *run) {
		r.scenario.shoppers, r.users, r.shoppers = people+1, nil, nil
		if err := r.prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		first, last := r.shoppers[0], r.shoppers[people]
		if len(r.users) != people || last.User != first.User || last.key == first.key || r.shoppers[1].User == first.User {
			t.Errorf("%d users; the first is %s (%s), the last %s (%s)", len(r.users), first.User, first.key, last.User, last.key)
		}
	})
}

func TestAWrongConfigurationEndsARunAtItsStart(t *testing.T) {
	s, cfg := newFakeShop(), small("drop", 1, 1)
	cfg.Connections = 0
	if out, err := runAgainst(t, s, cfg); err == nil || !strings.Contains(err.Error(), "connections: at least 1") || out != "" {
		t.Errorf("%v after %q", err, out)
	}
}

// Temporal is needed at the end only, and would be missed too late then.
func TestMissingTemporalIsSaidBeforeAnybodyComes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s, cfg := newFakeShop(), small("drop", 1, 1)
	cfg.Temporal = listener.Addr().String()
	_, err = runAgainst(t, s, cfg)
	for _, want := range []string{"no Temporal at " + cfg.Temporal, "TEMPORAL_ADDRESS", `--temporal=""`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if n := len(s.requests(sellRoute)); n != 0 {
		t.Errorf("%d products were put on sale all the same", n)
	}
}

// Everything that was told and found is handed to the audit.
func TestTheCountIsOfTheWholeRun(t *testing.T) {
	still(t, "burst", func(t *testing.T, s *fakeShop, r *run) {
		r.cfg.WithoutRedis = true
		s.scripts[placeRoute] = []script{lost}
		dueNow(r).come(t.Context(), pay)
		got, err := r.count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		product := r.products[0]
		stock := audit.Stock{ProductID: product, Total: 1000, Available: 999, Sold: 1}
		if got.Units != 1000 || !got.Firm || !got.WithoutRedis || got.Workflows != nil || got.Stocks[product] != stock {
			t.Errorf("%+v", got)
		}
		if diff := cmp.Diff(audit.Ledger{Approvals: []audit.Movement{{OrderID: "ord_1", Amount: 48_000}}}, got.Ledger); diff != "" {
			t.Error(diff)
		}
		sh := got.Shoppers[0]
		if len(got.Shoppers) != 1 || !sh.Retried || !sh.Bought || sh.Told != audit.Held || got.Orders[sh.Order].Status != audit.Placed {
			t.Errorf("%+v and %+v", sh, got.Orders)
		}
	})
}
