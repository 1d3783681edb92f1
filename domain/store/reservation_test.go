package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func TestReserveHoldsUnitsUntilPayBy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 5)
		id := storetest.Received(t, s, "usr_a", storetest.Item(p, 2))
		order := storetest.Reserve(t, s, id)[0]
		if order.Status != domain.StatusHeld || order.Version != 2 {
			t.Fatalf("order is %s at version %d, want HELD at 2", order.Status, order.Version)
		}
		if within := order.PayBy.Sub(order.UpdatedAt); within != 10*time.Minute {
			t.Errorf("pay by %s after the reservation, want 10m", within)
		}
		storetest.WantStock(t, s, p.ID, 3, 2, 0)
	})
}

func TestReserveAskedAgainGivesTheSameAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		winner := storetest.Received(t, s, "usr_a", storetest.Item(p, 1))
		loser := storetest.Received(t, s, "usr_b", storetest.Item(p, 1))
		first := storetest.Reserve(t, s, winner, loser)
		second := storetest.Reserve(t, s, winner, loser)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("the second answer differs (-first +second):\n%s", diff)
		}
		if first[1].Status != domain.StatusRefused || first[1].Reason != domain.ReasonSoldOut {
			t.Errorf("the second buyer got %s (%s), want REFUSED (SOLD_OUT)", first[1].Status, first[1].Reason)
		}
		storetest.WantStock(t, s, p.ID, 0, 1, 0)
	})
}

func TestReserveDecidesInTicketOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 2)
		tickets := []int64{7, 0, 3, 5} // 0: drawn without Redis, so after all others
		orders := make([]domain.NewOrder, len(tickets))
		ids := make([]domain.OrderID, len(tickets))
		for i, ticket := range tickets {
			orders[i] = storetest.NewOrder(domain.UserID(fmt.Sprint("usr_", i)), storetest.Item(p, 1))
			orders[i].Ticket = ticket
			ids[i] = orders[i].ID
		}
		if _, err := s.Accept(t.Context(), orders); err != nil {
			t.Fatal(err)
		}
		var got []domain.OrderStatus
		for _, order := range storetest.Reserve(t, s, ids...) {
			got = append(got, order.Status)
		}
		want := []domain.OrderStatus{domain.StatusRefused, domain.StatusRefused, domain.StatusHeld, domain.StatusHeld}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("statuses of tickets %v (-want +got):\n%s", tickets, diff)
		}
	})
}

func TestReserveCountsWhatAShopperHoldsAndBought(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 10, storetest.Limit(2))
		first := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
		second := storetest.Received(t, s, "usr_a", storetest.Item(p, 1))
		if got := storetest.Reserve(t, s, second)[0]; got.Reason != domain.ReasonLimitExceeded {
			t.Errorf("above the limit the order is %s (%s), want LIMIT_EXCEEDED", got.Status, got.Reason)
		}
		storetest.PassDeadline(t, s, first)
		if _, err := s.Release(t.Context(), domain.Release{OrderID: first, End: domain.StatusExpired, Reason: domain.ReasonUnpaid}); err != nil {
			t.Fatal(err)
		}
		storetest.Held(t, s, "usr_a", storetest.Item(p, 2)) // what expired does not count
		// Two orders of one shopper in one batch count together.
		a, b := storetest.Received(t, s, "usr_b", storetest.Item(p, 2)), storetest.Received(t, s, "usr_b", storetest.Item(p, 1))
		if got := storetest.Reserve(t, s, a, b); got[0].Status != domain.StatusHeld || got[1].Reason != domain.ReasonLimitExceeded {
			t.Errorf("in one batch the orders are %s and %s (%s), want HELD and LIMIT_EXCEEDED", got[0].Status, got[1].Status, got[1].Reason)
		}
		storetest.WantStock(t, s, p.ID, 6, 4, 0)
	})
}

func TestReserveTakesABasketWholeOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		plenty, scarce := storetest.Product(t, s, 5), storetest.Product(t, s, 1)
		id := storetest.Received(t, s, "usr_a", storetest.Item(plenty, 1), storetest.Item(scarce, 2))
		if got := storetest.Reserve(t, s, id)[0]; got.Reason != domain.ReasonSoldOut {
			t.Errorf("the basket is %s (%s), want SOLD_OUT", got.Status, got.Reason)
		}
		storetest.WantStock(t, s, plenty.ID, 5, 0, 0)
		storetest.WantStock(t, s, scarce.ID, 1, 0, 0)
	})
}

func TestReserveRefusesWhatCameAfterClosing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 5)
		early := storetest.Received(t, s, "usr_a", storetest.Item(p, 1))
		order, err := s.Order(t.Context(), early)
		if err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, s, "UPDATE products SET closes_at = ? WHERE id = ?", order.CreatedAt.Add(time.Millisecond).UnixMilli(), p.ID)
		late := storetest.Received(t, s, "usr_b", storetest.Item(p, 1))
		storetest.Exec(t, s, "UPDATE orders SET created_at = created_at + 1000 WHERE id = ?", late)
		got := storetest.Reserve(t, s, early, late)
		if got[0].Status != domain.StatusHeld || got[1].Reason != domain.ReasonClosed {
			t.Errorf("got %s and %s (%s), want HELD for the early and CLOSED for the late order", got[0].Status, got[1].Status, got[1].Reason)
		}
	})
}

func TestReserveRefusesAnOvertakenLockHolder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 5)
		reserve := func(fence int64) error {
			id := storetest.Received(t, s, "usr_a", storetest.Item(p, 1))
			_, err := s.Reserve(t.Context(), domain.ReserveBatch{
				Orders: []domain.OrderID{
					id,
				},
				Products:  []domain.ProductID{p.ID},
				Fences:    map[domain.ProductID]int64{p.ID: fence},
				PayWithin: time.Minute,
			})
			return err
		}
		if err := reserve(6); err != nil {
			t.Fatal(err)
		}
		var stale *domain.StaleFenceError
		if err := reserve(5); !errors.As(err, &stale) || stale.RowFence != 6 || domain.CodeOf(err) != domain.CodeFenced {
			t.Errorf("the overtaken holder got %v, want StaleFenceError with row fence 6", err)
		}
		if err := reserve(domain.NoFence); err != nil {
			t.Errorf("without a lock: %v", err)
		}
		if err := reserve(6); !errors.As(err, &stale) || stale.RowFence != 7 {
			t.Errorf("after a writer without a lock the old holder got %v, want StaleFenceError with row fence 7", err)
		}
		storetest.WantStock(t, s, p.ID, 3, 2, 0)
	})
}

// What the database refuses goes back to the gate: for that the answer has to know the tickets.
func TestARefusedOrderKnowsItsTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		item := storetest.Item(storetest.Product(t, s, 0), 1)
		item.Ticket = 7
		got := storetest.Reserve(t, s, storetest.Received(t, s, "usr_a", item))[0]
		if got.Status != domain.StatusRefused || len(got.Items) != 1 || got.Items[0].Ticket != 7 || got.Items[0].Quantity != 1 {
			t.Errorf("%s with %+v, want REFUSED with ticket 7", got.Status, got.Items)
		}
	})
}

func TestTwentyBuyersOneUnit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		ids := make([]domain.OrderID, 20)
		for i := range ids {
			ids[i] = storetest.Received(t, s, domain.UserID(fmt.Sprint("usr_", i)), storetest.Item(p, 1))
		}
		statuses := make(chan domain.OrderStatus, len(ids))
		together(len(ids), func(i int) { statuses <- storetest.Reserve(t, s, ids[i])[0].Status })
		close(statuses)
		counts := map[domain.OrderStatus]int{}
		for status := range statuses {
			counts[status]++
		}
		if diff := cmp.Diff(map[domain.OrderStatus]int{domain.StatusHeld: 1, domain.StatusRefused: 19}, counts); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		storetest.WantStock(t, s, p.ID, 0, 1, 0)
	})
}

// Promise 1, under two hundred buyers of fifty units of whom a third cancels at random: everything balances at every moment.
func TestTwoHundredBuyersFiftyUnitsRandomCancels(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 50)
		ids := make([]domain.OrderID, 200)
		for i := range ids {
			ids[i] = storetest.Received(t, s, domain.UserID(fmt.Sprint("usr_", i)), storetest.Item(p, 1))
		}
		watching, watched := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(watched)
			for {
				select {
				case <-watching:
					return
				default:
				}
				if stock, err := s.CountStock(t.Context(), p.ID); err != nil || !stock.Balanced() {
					t.Errorf("in the middle: %+v, %v", stock, err)
					return
				}
			}
		}()
		together(len(ids), func(i int) {
			order := storetest.Reserve(t, s, ids[i])[0]
			if order.Status == domain.StatusHeld && rand.N(3) == 0 {
				if _, err := s.Release(t.Context(),
					domain.Release{OrderID: ids[i], End: domain.StatusCanceled, Reason: domain.ReasonCanceled}); err != nil {
					t.Error(err)
				}
			}
		})
		close(watching)
		<-watched
		stock, err := s.CountStock(t.Context(), p.ID)
		if err != nil || !stock.Balanced() || stock.Total != 50 {
			t.Fatalf("in the end: %+v, %v", stock, err)
		}
		if stock.Available > 0 {
			t.Logf("%d units came back after the last buyer had been refused", stock.Available)
		}
	})
}

// together releases n goroutines at once and waits for them.
func together(n int, act func(i int)) {
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-start
			act(i)
		})
	}
	close(start)
	done.Wait()
}

// One shopper, a limit of one, twenty orders that are decided at once and apart: one is held, on every database.
func TestTheLimitHoldsUnderConcurrency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 50, storetest.Limit(1))
		var ids []domain.OrderID
		for range 20 {
			ids = append(ids, storetest.Received(t, s, "usr_a", storetest.Item(p, 1)))
		}
		together(len(ids), func(n int) {
			if _, err := s.Reserve(t.Context(),
				domain.ReserveBatch{Orders: ids[n : n+1], Products: []domain.ProductID{p.ID}, PayWithin: time.Minute}); err != nil {
				t.Error(err)
			}
		})
		storetest.WantStock(t, s, p.ID, 49, 1, 0)
	})
}

// Promise 1 stands on the condition of one update, not on any lock: who decides on a stock that is not so any more writes nothing, and
// is told to read again. Neither does who was overtaken.
func TestTheUpdateTakesNoMoreThanThereIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		if err := s.TakeStock(t.Context(), p.ID, 4, 1); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("4 of 3: %v, want UNAVAILABLE: read again", err)
		}
		if n := storetest.Count(t, s, "SELECT available FROM stocks WHERE product_id = ?", p.ID); n != 3 {
			t.Errorf("%d are available, want 3", n)
		}
		if err := s.TakeStock(t.Context(), p.ID, 1, 5); err != nil {
			t.Fatal(err)
		}
		if err := s.TakeStock(t.Context(), p.ID, 1, 4); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("with an old fence: %v, want UNAVAILABLE", err)
		}
		if n := storetest.Count(t, s, "SELECT available FROM stocks WHERE product_id = ?", p.ID); n != 2 {
			t.Errorf("%d are available, want 2", n)
		}
	})
}
