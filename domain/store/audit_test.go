package store_test

import (
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// Each contradiction is planted once, and found by what it says; orders that are right are not found.
func TestEveryInconsistencyIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		plant []string // statements about the order ?
		want  string
		all   bool // only a look at everything finds it
	}{
		"the row was changed by hand":   {[]string{"UPDATE orders SET status = 'DELIVERED' WHERE id = ?"}, "changed by hand", false},
		"an attention without an event": {[]string{"UPDATE orders SET attention = 'STEP_FAILING' WHERE id = ?"}, "changed by hand", false},
		"sold units are gone":           {[]string{"DELETE FROM reservations WHERE order_id = ?"}, "not all sold", false},
		"the payment is gone":           {[]string{"DELETE FROM payments WHERE order_id = ?"}, "no approved payment", false},
		"the payment is of less":        {[]string{"UPDATE payments SET amount = 1 WHERE order_id = ?"}, "no approved payment", false},
		"the payment is open again":     {[]string{"UPDATE payments SET status = 'UNKNOWN' WHERE order_id = ?"}, "an open payment", false},
		"the price was changed":         {[]string{"UPDATE orders SET due_amount = 1 WHERE id = ?"}, "not the sum", false},
		"an item was changed":           {[]string{"UPDATE order_items SET quantity = 1 WHERE order_id = ?"}, "not the sum", false},
		"too much went back": {[]string{"INSERT INTO refunds (order_id, payment_key, amount, currency, reason, status, code, created_at, updated_at)" +
			" SELECT id, 'pay_1', 9000, 'KRW', '', 'DONE', '', 1, 1 FROM orders WHERE id = ?"}, "more was refunded", false},
		"it ended and keeps money": {
			[]string{
				"UPDATE orders SET status = 'CANCELED' WHERE id = ?", "UPDATE order_events SET status = 'CANCELED' WHERE order_id = ?",
				"UPDATE reservations SET status = 'RETURNED' WHERE order_id = ?",
			},
			"keeps the shopper's money", true,
		},
		"it ended and keeps units": {
			[]string{
				"UPDATE orders SET status = 'CANCELED' WHERE id = ?", "UPDATE order_events SET status = 'CANCELED' WHERE order_id = ?",
				"UPDATE payments SET status = 'CANCELED' WHERE order_id = ?",
			},
			"keeps some", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				right, p := placed(t, s)
				storetest.Held(t, s, "usr_b", storetest.Item(p, 1))
				wrong, _ := placed(t, s)
				for _, all := range []bool{true, false} {
					if found, err := s.Inconsistencies(t.Context(), all, 10); err != nil || len(found) != 0 {
						t.Fatalf("before: %+v, %v", found, err)
					}
				}
				for _, statement := range c.plant {
					storetest.Exec(t, s, statement, wrong)
				}
				for _, all := range []bool{true, false} {
					found, err := s.Inconsistencies(t.Context(), all, 10)
					named := false
					for _, d := range found {
						if d.OrderID == right || d.Kind != domain.DifferenceRow {
							t.Errorf("found %+v", d)
						}
						named = named || strings.Contains(d.Detail, c.want)
					}
					if err != nil || named != (all || !c.all) {
						t.Errorf("looking at all %t: %+v, %v", all, found, err)
					}
				}
			})
		})
	}
}

func TestHeldUnitsThatAreGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
		storetest.Exec(t, s, "DELETE FROM reservations WHERE order_id = ?", id)
		found, err := s.Inconsistencies(t.Context(), false, 10)
		if err != nil || len(found) != 1 || !strings.Contains(found[0].Detail, "does not hold all") {
			t.Errorf("found %+v, %v", found, err)
		}
		stocks, err := s.UnbalancedStocks(t.Context(), 10)
		if err != nil || len(stocks) != 1 || stocks[0].ProductID != p.ID || stocks[0].Available != 1 || stocks[0].Held != 0 {
			t.Errorf("stocks %+v, %v", stocks, err)
		}
	})
}

func TestTheBooksOfPayments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, p := placed(t, s)
		first, err := s.RecordRefundIntent(t.Context(), part(id, 300, "a"))
		if err != nil {
			t.Fatal(err)
		}
		want := func(refunded int64, refunding bool) {
			t.Helper()
			books, err := s.PaymentsByKey(t.Context(), []string{"pay_1", "pay_none"})
			got := books["pay_1"]
			if err != nil || len(books) != 1 || got.Refunded != refunded || got.Refunding != refunding || got.Payment.OrderID != id {
				t.Errorf("%+v, %v", books, err)
			}
		}
		want(0, true)
		done(t, s, first)
		want(300, false)
		at := paid.ApprovedAt
		for name, c := range map[string]struct {
			from, until time.Time
			after       string
			want        int
		}{
			"within": {at, at.Add(time.Second), "", 1}, "before": {at.Add(-time.Hour), at, "", 0}, "after": {at.Add(time.Millisecond), at.Add(time.Hour), "", 0},
			"the next page": {at, at.Add(time.Second), "pay_1", 0},
		} {
			if keys, err := s.PaidBetween(t.Context(), c.from, c.until, c.after, 10); err != nil || len(keys) != c.want {
				t.Errorf("%s: %v, %v", name, keys, err)
			}
		}
		held := storetest.Held(t, s, "usr_b", storetest.Item(p, 1))
		storetest.Exec(t, s, "UPDATE orders SET updated_at = 1 WHERE id = ?", id)
		if open, err := s.OpenOrders(t.Context(), "", time.Minute, 10); err != nil || len(open) != 1 || open[0].ID != id {
			t.Errorf("open and quiet: %+v, %v", open, err)
		}
		storetest.Exec(t, s, "UPDATE orders SET updated_at = 1 WHERE id = ?", held)
		if open, err := s.OpenOrders(t.Context(), id, time.Minute, 10); err != nil || len(open) != 1 || open[0].ID != held {
			t.Errorf("after the first: %+v, %v", open, err)
		}
	})
}
