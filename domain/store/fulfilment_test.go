package store_test

import (
	"slices"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// placed writes an order of two units that is paid, and would be shipped in an hour.
func placed(t *testing.T, s *store.Store) (domain.OrderID, domain.Product) {
	t.Helper()
	p := storetest.Product(t, s, 3)
	id := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
	intent(t, s, id, "pay_1")
	order, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid, ShipAfter: time.Hour})
	if err != nil || order.Status != domain.StatusPlaced || time.Until(order.NextAt).Round(time.Minute) != time.Hour {
		t.Fatalf("placed: %s, ships at %s, %v", order.Status, order.NextAt, err)
	}
	return id, p
}

// passTime lets the time of an order's next step come.
func passTime(t *testing.T, s *store.Store, id domain.OrderID) {
	t.Helper()
	storetest.Exec(t, s, "UPDATE orders SET next_at = 1 WHERE id = ?", id)
}

// move demands that a move leads to a status.
func move(t *testing.T, s *store.Store, in domain.Move, want domain.OrderStatus) domain.Order {
	t.Helper()
	order, err := s.Move(t.Context(), in)
	if err != nil || order.Status != want {
		t.Fatalf("moved to %s: the order is %s, %v; want %s", in.To, order.Status, err, want)
	}
	return order
}

// delivered takes an order to DELIVERED; it may be returned for an hour.
func delivered(t *testing.T, s *store.Store) (domain.OrderID, domain.Product) {
	t.Helper()
	id, p := placed(t, s)
	passTime(t, s, id)
	move(t, s, domain.Move{OrderID: id, To: domain.StatusInTransit, NextAfter: time.Hour}, domain.StatusInTransit)
	passTime(t, s, id)
	move(t, s, domain.Move{OrderID: id, To: domain.StatusDelivered, NextAfter: 2 * time.Hour, ReturnWithin: time.Hour}, domain.StatusDelivered)
	return id, p
}

// Nothing moves before its time by the database's clock, whatever the workflow's says, and nothing moves twice.
func TestAPaidOrderMovesOnInItsTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := placed(t, s)
		ship := domain.Move{OrderID: id, To: domain.StatusInTransit, NextAfter: time.Hour}
		move(t, s, ship, domain.StatusPlaced) // too early
		passTime(t, s, id)
		first := move(t, s, ship, domain.StatusInTransit)
		if again := move(t, s, ship, domain.StatusInTransit); again.Version != first.Version || !again.NextAt.Equal(first.NextAt) {
			t.Errorf("moved twice: %+v", again)
		}
		move(t, s, domain.Move{OrderID: id, To: domain.StatusCompleted}, domain.StatusInTransit) // not in the table
		move(t, s, domain.Move{OrderID: id, To: domain.StatusPaying}, domain.StatusInTransit)    // not a move at all
		if _, err := s.Move(t.Context(), domain.Move{OrderID: "ord_none",
			To: domain.StatusInTransit}); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("of no order: %v", err)
		}
	})
}

func TestTheWindowOfReturns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := delivered(t, s)
		storetest.Exec(t, s, "UPDATE orders SET return_by = 1 WHERE id = ?", id)
		back := domain.Move{OrderID: id, To: domain.StatusReturning, Reason: domain.ReasonReturned, NextAfter: time.Hour}
		move(t, s, back, domain.StatusDelivered)
		back.Staff, back.Actor, back.Note = true, "Mina", "she was in hospital"
		move(t, s, back, domain.StatusReturning)
		events, err := s.Events(t.Context(), id, 0)
		if last := events[len(events)-1]; err != nil || last.Actor != "Mina" || last.Note != back.Note || last.Reason != domain.ReasonReturned {
			t.Errorf("the last event is %+v, %v", last, err)
		}
		early, _ := delivered(t, s)
		back = domain.Move{OrderID: early, To: domain.StatusReturning}
		move(t, s, back, domain.StatusReturning)
	})
}

// Every race of a paid order has one winner, and the units follow it.
func TestRacesOfAPaidOrder(t *testing.T) {
	ship := domain.Move{To: domain.StatusInTransit, NextAfter: time.Hour}
	cancel := domain.Move{To: domain.StatusCanceling, Reason: domain.ReasonCanceled}
	complete := domain.Move{To: domain.StatusCompleted}
	back := domain.Move{To: domain.StatusReturning, Reason: domain.ReasonReturned}
	for name, c := range map[string]struct {
		begin func(*testing.T, *store.Store) (domain.OrderID, domain.Product)
		moves []domain.Move
	}{
		"cancel against shipping": {placed, []domain.Move{ship, cancel}}, "two cancellations": {placed, []domain.Move{cancel, cancel}},
		"return against completion": {delivered, []domain.Move{complete, back}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				id, _ := c.begin(t, s)
				passTime(t, s, id)
				before, err := s.Order(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				together(20, func(i int) {
					in := c.moves[i%len(c.moves)]
					in.OrderID = id
					if _, err := s.Move(t.Context(), in); err != nil {
						t.Error(err)
					}
				})
				after, err := s.Order(t.Context(), id)
				won := slices.ContainsFunc(c.moves, func(m domain.Move) bool { return m.To == after.Status })
				if err != nil || !won || after.Version != before.Version+1 {
					t.Errorf("%s at version %d, %v; before %s at %d", after.Status, after.Version, err, before.Status, before.Version)
				}
			})
		})
	}
}

// reversing takes a paid order as far as its refund.
func reversing(t *testing.T, s *store.Store) (domain.OrderID, domain.Product) {
	t.Helper()
	id, p := placed(t, s)
	move(t, s, domain.Move{OrderID: id, To: domain.StatusCanceling, Reason: domain.ReasonCanceled}, domain.StatusCanceling)
	return id, p
}

// refundOf writes the refund of all that is left of an order's payment down as done.
func refundOf(t *testing.T, s *store.Store, id domain.OrderID) {
	t.Helper()
	r, err := s.RecordRefundIntent(t.Context(), domain.RefundIntention{OrderID: id, PaymentKey: "pay_1", Reason: domain.RefundReasonCanceled})
	if err != nil || r == nil {
		t.Fatal(r, err)
	}
	change := domain.RefundChange{OrderID: id, PaymentKey: "pay_1", Seq: r.Seq, Status: domain.RefundDone}
	if err := s.ChangeRefund(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// Units come back after the money, and once: whatever is repeated, and however many do it at the same time.
func TestRestockOnceAndAfterTheMoney(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, p := reversing(t, s)
		order, err := s.Restock(t.Context(), domain.Restock{OrderID: id})
		if err != nil || order.Status != domain.StatusCanceling {
			t.Fatalf("before the money: %s, %v", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 1, 0, 2)
		refundOf(t, s, id)
		together(20, func(int) {
			if order, err := s.Restock(t.Context(), domain.Restock{OrderID: id}); err != nil || order.Status != domain.StatusCanceled {
				t.Errorf("restock: %s, %v", order.Status, err)
			}
		})
		storetest.WantStock(t, s, p.ID, 3, 0, 0)
		if order, err = s.Order(t.Context(), id); err != nil || order.Reason != domain.ReasonCanceled || order.Status.Open() {
			t.Errorf("%s (%s), %v", order.Status, order.Reason, err)
		}
	})
}

func TestRestockOfAReturn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, p := delivered(t, s)
		move(t, s, domain.Move{OrderID: id, To: domain.StatusReturning}, domain.StatusReturning)
		refundOf(t, s, id)
		if order, err := s.Restock(t.Context(), domain.Restock{OrderID: id}); err != nil || order.Status != domain.StatusReturned {
			t.Errorf("%s, %v", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 3, 0, 0)
	})
}

func TestRestockOfAnOrderThatIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, p := placed(t, s)
		if order, err := s.Restock(t.Context(), domain.Restock{OrderID: id}); err != nil || order.Status != domain.StatusPlaced {
			t.Errorf("%s, %v", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 1, 0, 2)
	})
}

// The sweeper is given paid orders that should have moved on, and no others.
func TestPaidOrdersThatAreOverdue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fresh, _ := placed(t, s)
		lost, _ := placed(t, s)
		stuck, _ := reversing(t, s)
		storetest.Exec(t, s, "UPDATE orders SET dispatch_after = 1 WHERE id IN (?, ?)", lost, stuck)
		claimed, err := s.ClaimOverdue(t.Context(), 10, time.Minute, time.Hour)
		var ids []domain.OrderID
		for _, o := range claimed {
			ids = append(ids, o.ID)
		}
		if err != nil || len(ids) != 2 || slices.Contains(ids, fresh) || !slices.Contains(ids, lost) || !slices.Contains(ids, stuck) {
			t.Errorf("claimed %v, %v; want %v", ids, err, []domain.OrderID{lost, stuck})
		}
		if again, err := s.ClaimOverdue(t.Context(), 10, time.Minute, time.Hour); err != nil || len(again) != 0 {
			t.Errorf("claimed twice: %v, %v", again, err)
		}
		if open, err := s.Unfinished(t.Context(), []domain.OrderID{fresh, lost, stuck}); err != nil || len(open) != 3 {
			t.Errorf("unfinished: %v, %v", open, err)
		}
	})
}
