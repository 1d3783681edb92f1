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
			order, err := s.Release(t.Context(), id, domain.Expired, domain.ReasonUnpaid)
			if err != nil || order.Status != domain.Expired || order.Version != 3 {
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
			if _, err := s.Release(t.Context(), id, domain.Canceled, domain.ReasonCanceled); err != nil {
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
		if _, err := s.Release(t.Context(), id, domain.Canceled, domain.ReasonStopped); err != nil {
			t.Fatal(err)
		}
		if got := storetest.Reserve(t, s, id)[0]; got.Status != domain.Canceled {
			t.Errorf("the abandoned Reserve answered %s, want CANCELED", got.Status)
		}
		storetest.WantStock(t, s, p.ID, 3, 0, 0)
	})
}

func TestReleaseLeavesMoneyAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		if _, payment, err := s.RecordIntent(t.Context(), id, "pay_1"); err != nil || payment == nil {
			t.Fatal(payment, err)
		}
		order, err := s.Release(t.Context(), id, domain.Canceled, domain.ReasonStopped)
		if err != nil || order.Status != domain.Paying {
			t.Errorf("with a payment in flight: %s, %v; want PAYING", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 2, 1, 0)
	})
}

func TestReleaseOfNoOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Release(t.Context(), "ord_none", domain.Expired, ""); domain.CodeOf(err) != domain.NotFound {
			t.Errorf("got %v, want NOT_FOUND", err)
		}
	})
}
