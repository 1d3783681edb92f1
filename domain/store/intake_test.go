package store_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// A duplicate idempotency key in a batch fails nobody else.
func TestAcceptDuplicateFailsNobodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 9)
		orders := make([]domain.NewOrder, 4)
		for i := range orders {
			orders[i] = storetest.NewOrder(domain.UserID(fmt.Sprint("usr_", i)), storetest.Item(p, 1))
		}
		orders[2].UserID, orders[2].IdempotencyKey = orders[0].UserID, orders[0].IdempotencyKey
		accepted, err := s.Accept(t.Context(), orders)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]bool{true, true, false, true}, accepted); diff != "" {
			t.Errorf("accepted (-want +got):\n%s", diff)
		}
		order, fingerprint, err := s.OrderByKey(t.Context(), orders[0].UserID, orders[0].IdempotencyKey)
		if err != nil || order.ID != orders[0].ID || fingerprint != "print" {
			t.Errorf("under the key stands %s (%q), %v; want %s", order.ID, fingerprint, err, orders[0].ID)
		}
		if _, err := s.Order(t.Context(), orders[2].ID); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("the duplicate was written: %v", err)
		}
	})
}

func TestAcceptSameKeyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 9)
		var mu sync.Mutex
		wins := 0
		together(20, func(int) {
			order := storetest.NewOrder("usr_a", storetest.Item(p, 1))
			order.IdempotencyKey = "the-same"
			accepted, err := s.Accept(t.Context(), []domain.NewOrder{order})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if accepted[0] {
				wins++
			}
		})
		if wins != 1 {
			t.Errorf("%d of twenty double clicks were accepted, want 1", wins)
		}
	})
}

func TestAcceptRepeatedAfterALostAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 9)
		order := storetest.NewOrder("usr_a", storetest.Item(p, 1))
		for range 2 {
			if accepted, err := s.Accept(t.Context(), []domain.NewOrder{order}); err != nil || !accepted[0] {
				t.Fatalf("accepted %v, %v", accepted, err)
			}
		}
		got, err := s.Order(t.Context(), order.ID)
		if err != nil || len(got.Items) != 1 || got.Due != domain.Won(1000) {
			t.Errorf("the order is %+v, %v", got, err)
		}
	})
}

func TestReceiverIsEncryptedAtRest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 9)
		order := storetest.NewOrder("usr_a", storetest.Item(p, 1))
		if _, err := s.Accept(t.Context(), []domain.NewOrder{order}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Receiver(t.Context(), order.ID)
		if diff := cmp.Diff(order.Receiver, got); diff != "" || err != nil {
			t.Errorf("receiver (-want +got), %v:\n%s", err, diff)
		}
		var raw []byte
		if err := s.DB().QueryRow("SELECT receiver FROM orders WHERE id = ?", order.ID).Scan(&raw); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{order.Receiver.Name, order.Receiver.Phone, order.Receiver.ZipCode, order.Receiver.Address} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("the receiver stands in the clear: %q", raw)
			}
		}
		// A value moved to another order does not open.
		other := storetest.Received(t, s, "usr_b", storetest.Item(p, 1))
		storetest.Exec(t, s, "UPDATE orders SET receiver = ? WHERE id = ?", raw, other)
		if _, err := s.Receiver(t.Context(), other); domain.CodeOf(err) != domain.CodeInternal {
			t.Errorf("a receiver copied from another order opened: %v", err)
		}
	})
}

func TestClaimUndispatchedGoesToOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 99)
		young := storetest.Received(t, s, "usr_y", storetest.Item(p, 1))
		held := storetest.Held(t, s, "usr_h", storetest.Item(p, 1))
		var due []domain.OrderID
		for i := range 10 {
			due = append(due, storetest.Received(t, s, domain.UserID(fmt.Sprint("usr_", i)), storetest.Item(p, 1)))
		}
		storetest.Exec(t, s, "UPDATE orders SET dispatch_after = 1 WHERE id <> ?", young)
		var mu sync.Mutex
		var got []domain.OrderID
		together(4, func(int) {
			orders, err := s.ClaimUndispatched(t.Context(), 100, time.Minute)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, o := range orders {
				got = append(got, o.ID)
			}
		})
		slices.Sort(got)
		if diff := cmp.Diff(due, got); diff != "" {
			t.Errorf("claimed by four sweepers, without %s (too young) and %s (decided) (-want +got):\n%s", young, held, diff)
		}
	})
}
