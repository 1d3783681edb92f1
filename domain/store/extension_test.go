package store_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// heldFor writes an order that is held and may be extended.
func heldFor(t *testing.T, s *store.Store, extendBy time.Duration) domain.Order {
	t.Helper()
	order := storetest.NewOrder("usr_a", storetest.Item(storetest.Product(t, s, 1), 1))
	order.ExtendBy = extendBy
	if accepted, err := s.Accept(t.Context(), []domain.NewOrder{order}); err != nil || !accepted[0] {
		t.Fatalf("accept: %v, %v", accepted, err)
	}
	storetest.Reserve(t, s, order.ID)
	held, err := s.Order(t.Context(), order.ID)
	if err != nil || held.Status != domain.StatusHeld || held.ExtendBy != extendBy {
		t.Fatalf("held: %+v, %v", held, err)
	}
	return held
}

// The time to pay is extended once, by what the products allow, with an event that says so.
func TestTheTimeToPayIsExtendedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		held := heldFor(t, s, 2*time.Minute)
		for range 2 {
			got, err := s.Extend(t.Context(), held.ID)
			if err != nil || !got.Extended() || got.Extendable() ||
				!got.PayBy.Equal(held.PayBy.Add(2*time.Minute)) || got.Version != held.Version+1 {
				t.Fatalf("extended: %+v, %v", got, err)
			}
		}
		events, err := s.Events(t.Context(), held.ID, 0)
		if last := events[len(events)-1]; err != nil || last.Status != domain.StatusHeld || last.Reason != domain.ReasonExtended ||
			last.Seq != held.Version+1 {
			t.Errorf("events %+v, %v", events, err)
		}
		early, err := s.Release(t.Context(), domain.Release{OrderID: held.ID, End: domain.StatusExpired})
		if err != nil || early.Status != domain.StatusHeld {
			t.Errorf("released before its time: %+v, %v", early, err)
		}
	})
}

// An order is not changed if it is not HELD, if its deadline has passed, or if its products allow no extension.
func TestWhatIsNotExtended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		never, late, paying := heldFor(t, s, 0), heldFor(t, s, time.Minute), heldFor(t, s, time.Minute)
		storetest.PassDeadline(t, s, late.ID)
		intent(t, s, paying.ID, "pay_1")
		for name, id := range map[string]domain.OrderID{"never": never.ID, "too late": late.ID, "being paid": paying.ID} {
			before, err := s.Order(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if after, err := s.Extend(t.Context(), id); err != nil || after.Version != before.Version || !after.PayBy.Equal(before.PayBy) {
				t.Errorf("%s: %+v, %v; was %+v", name, after, err, before)
			}
		}
		if _, err := s.Extend(t.Context(), "ord_none"); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("no such order: %v", err)
		}
	})
}
