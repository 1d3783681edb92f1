package store_test

import (
	"testing"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func TestReleaseGivesUnitsBackOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
		for range 3 {
			storetest.PassDeadline(t, s, id)
			order, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusExpired, Reason: domain.ReasonUnpaid})
			if err != nil || order.Status != domain.StatusExpired || order.Version != 3 {
				t.Fatalf("release: %s at version %d, %v; want EXPIRED at 3", order.Status, order.Version, err)
			}
			storetest.WantStock(t, s, p.ID, 3, 0, 0)
		}
	})
}

func TestReleaseAtOnceGivesUnitsBackOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
		together(20, func(int) {
			if _, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusCanceled, Reason: domain.ReasonCanceled}); err != nil {
				t.Error(err)
			}
		})
		storetest.WantStock(t, s, p.ID, 3, 0, 0)
	})
}

// The compensation of a Reserve that was given up runs first, the Reserve commits later: it must find nothing to take.
func TestReleaseFirstAbandonedReserveLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		id := storetest.Received(t, s, "usr_a", storetest.Item(p, 2))
		if _, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusCanceled, Reason: domain.ReasonStopped}); err != nil {
			t.Fatal(err)
		}
		if got := storetest.Reserve(t, s, id)[0]; got.Status != domain.StatusCanceled {
			t.Errorf("the abandoned Reserve answered %s, want CANCELED", got.Status)
		}
		storetest.WantStock(t, s, p.ID, 3, 0, 0)
	})
}

func TestReleaseOfNoOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Release(t.Context(),
			domain.Release{OrderID: "ord_none", End: domain.StatusExpired}); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("got %v, want NOT_FOUND", err)
		}
	})
}

// Temporal's clock may be ahead of the database's, which has set the deadline: until that has passed nothing expires.
func TestNothingExpiresBeforeItsDeadline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		expire := domain.Release{OrderID: id, End: domain.StatusExpired, Reason: domain.ReasonUnpaid}
		if order, err := s.Release(t.Context(), expire); err != nil || order.Status != domain.StatusHeld {
			t.Errorf("before its deadline: %s, %v; want HELD", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 0, 1, 0)
		storetest.PassDeadline(t, s, id)
		if order, err := s.Release(t.Context(), expire); err != nil || order.Status != domain.StatusExpired {
			t.Errorf("after its deadline: %s, %v; want EXPIRED", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 1, 0, 0)
	})
}

// Money that is approved, or may be, keeps its units: the order is not ended under it.
func TestReleaseLeavesMoneyAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, status := range []domain.PaymentStatus{domain.PaymentIntent, domain.PaymentUnknown, domain.PaymentDone} {
			p := storetest.Product(t, s, 1)
			id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
			intent(t, s, id, "pay_1")
			storetest.Exec(t, s, "UPDATE payments SET status = ? WHERE order_id = ?", status, id)
			storetest.Exec(t, s, "UPDATE orders SET status = 'HELD' WHERE id = ?", id) // whatever the row says
			order, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusCanceled, Reason: domain.ReasonStopped})
			if err != nil || order.Status != domain.StatusHeld {
				t.Errorf("with a payment %s the order became %s, %v", status, order.Status, err)
			}
			storetest.WantStock(t, s, p.ID, 0, 1, 0)
		}
	})
}

// Who ended an order, and why, stands in its events.
func TestWhoEndedAnOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		if _, err := s.SetAttention(t.Context(), domain.AttentionChange{OrderID: id, Actor: "Yuna", Note: "tried again"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Release(
			t.Context(),
			domain.Release{OrderID: id, End: domain.StatusCanceled, Reason: domain.ReasonStopped, Actor: "Minho", Note: "asked by phone"},
		); err != nil {
			t.Fatal(err)
		}
		events, err := s.Events(t.Context(), id, 2)
		if err != nil || len(events) != 2 || events[0].Actor != "Yuna" || events[0].Note != "tried again" || events[1].Actor != "Minho" ||
			events[1].Note != "asked by phone" {
			t.Errorf("events %+v, %v", events, err)
		}
	})
}
