package store_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// Operators see how many orders stand where, and since when the oldest does; what has ended is not counted.
func TestOpenOrdersAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		placed(t, s)
		p := storetest.Product(t, s, 9)
		first := storetest.Held(t, s, "usr_b", storetest.Item(p, 1))
		storetest.Exec(t, s, "UPDATE orders SET created_at = 1000 WHERE id = ?", first)
		storetest.Held(t, s, "usr_b", storetest.Item(p, 1))
		ended := storetest.Held(t, s, "usr_c", storetest.Item(p, 1))
		storetest.Exec(t, s, "UPDATE orders SET status = 'CANCELED' WHERE id = ?", ended)
		open, err := s.CountOpen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts := map[domain.OrderStatus]int64{}
		for _, of := range open {
			counts[of.Status] = of.Count
			if oldest := of.Oldest.UnixMilli(); of.Status == domain.StatusHeld && oldest != 1000 {
				t.Errorf("the oldest held order is of %d, want the first", oldest)
			}
			if of.Count == 0 && !of.Oldest.IsZero() {
				t.Errorf("there is no order that is %s, and the oldest is of %s", of.Status, of.Oldest)
			}
		}
		want := map[domain.OrderStatus]int64{}
		for _, status := range domain.OpenStatuses() {
			want[status] = 0
		}
		maps.Copy(want, map[domain.OrderStatus]int64{domain.StatusHeld: 2, domain.StatusPlaced: 1})
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("open orders (-want +got):\n%s", diff)
		}
	})
}

func TestOrdersThatNeedAPersonAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 9)
		for _, attention := range []domain.Attention{domain.AttentionRefundFailed, domain.AttentionRefundFailed, domain.AttentionDifference, ""} {
			id := storetest.Held(t, s, "usr_b", storetest.Item(p, 1))
			if _, err := s.SetAttention(t.Context(), domain.AttentionChange{OrderID: id, Attention: attention}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.CountAttention(t.Context())
		want := map[domain.Attention]int64{domain.AttentionRefundFailed: 2, domain.AttentionDifference: 1}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("orders with attention (-want +got), %v:\n%s", err, diff)
		}
	})
}
