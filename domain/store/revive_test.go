package store_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// ended writes an order of two units that was not paid in time.
func ended(t *testing.T, s *store.Store, units int64, change ...func(*domain.Product)) (domain.OrderID, domain.Product) {
	t.Helper()
	p := storetest.Product(t, s, units, change...)
	id := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
	storetest.PassDeadline(t, s, id)
	if _, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusExpired, Reason: domain.ReasonUnpaid}); err != nil {
		t.Fatal(err)
	}
	return id, p
}

// An order that ended unpaid is placed after all only while its units are on sale and within its shopper's limit; once, whoever asks.
func TestRevive(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, s *store.Store, id domain.OrderID, p domain.Product)
		limit   int
		want    domain.OrderStatus
		stock   [3]int64
	}{
		"the units are there": {nil, 0, domain.StatusPlaced, [3]int64{1, 0, 2}},
		"somebody else has them": {func(t *testing.T, s *store.Store, _ domain.OrderID, p domain.Product) {
			storetest.Held(t, s, "usr_b", storetest.Item(p, 2))
		}, 0, domain.StatusExpired, [3]int64{1, 2, 0}},
		"the shopper has as many as allowed": {func(t *testing.T, s *store.Store, _ domain.OrderID, p domain.Product) {
			storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		}, 2, domain.StatusExpired, [3]int64{2, 1, 0}},
		"the shopper canceled it": {func(t *testing.T, s *store.Store, id domain.OrderID, _ domain.Product) {
			storetest.Exec(t, s, "UPDATE orders SET status = 'CANCELED' WHERE id = ?", id)
		}, 0, domain.StatusCanceled, [3]int64{3, 0, 0}},
		"its money is back": {func(t *testing.T, s *store.Store, id domain.OrderID, _ domain.Product) {
			if _, err := s.RecordLateApproval(t.Context(), domain.LateApproval{OrderID: id, PaymentKey: "pay_1", Paid: paid}); err != nil {
				t.Fatal(err)
			}
		}, 0, domain.StatusExpired, [3]int64{3, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				id, p := ended(t, s, 3, storetest.Limit(c.limit))
				if c.prepare != nil {
					c.prepare(t, s, id, p)
				}
				together(5, func(int) {
					order, err := s.Revive(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid, ShipAfter: time.Hour})
					if err != nil || order.Status != c.want {
						t.Errorf("%s, %v; want %s", order.Status, err, c.want)
					}
				})
				storetest.WantStock(t, s, p.ID, c.stock[0], c.stock[1], c.stock[2])
				payments, err := s.Payments(t.Context(), id)
				if placed := c.want == domain.StatusPlaced; err != nil || placed && (len(payments) != 1 || payments[0].Status != domain.PaymentDone) {
					t.Errorf("payments %+v, %v", payments, err)
				}
			})
		})
	}
}
