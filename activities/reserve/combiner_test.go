package reserve_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"runrun/activities/reserve"
	"runrun/activities/stocklock"
	"runrun/domain"
	"runrun/domain/redis/redistest"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// locks lets the combiner use the real lock.
type locks struct{ *stocklock.Locker }

func (l locks) Acquire(ctx context.Context, product domain.ProductID, above int64) (reserve.Lease, error) {
	return l.Locker.Acquire(ctx, product, above)
}

func realLocks(t *testing.T, client goredis.UniversalClient) locks {
	t.Helper()
	locker, err := stocklock.New(client, stocklock.Config{Lease: 10 * time.Second, Pause: 2 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return locks{locker}
}

func newCombiner(t *testing.T, s reserve.Store, l reserve.Locker) *reserve.Combiner {
	t.Helper()
	c, err := reserve.NewCombiner(s, l, reserve.Config{MaxBatch: 32, LockWait: 20 * time.Second, BatchLimit: 8 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Wait)
	return c
}

// eachBackend runs a test on SQLite with the embedded Redis, and on MySQL with a real one.
func eachBackend(t *testing.T, test func(t *testing.T, s *store.Store, client goredis.UniversalClient)) {
	t.Run("embedded", func(t *testing.T) {
		client, _ := redistest.Embedded(t)
		test(t, storetest.Open(t, storetest.SQLite(t)), client)
	})
	t.Run("real", func(t *testing.T) {
		s := storetest.Open(t, storetest.MySQL(t))
		test(t, s, redistest.Real(t))
	})
}

func ask(id domain.OrderID, products ...domain.Product) reserve.Request {
	in := reserve.Request{OrderID: id, PayWithin: 10 * time.Minute}
	for _, p := range products {
		in.ProductIDs = append(in.ProductIDs, p.ID)
	}
	return in
}

// unique makes a product that no other test's lock knows: the real Redis is shared.
func unique(p *domain.Product) { p.ID = domain.ProductID(redistest.Unique(domain.ProductPrefix)) }

func orders(t *testing.T, s *store.Store, n int, p domain.Product) []domain.OrderID {
	t.Helper()
	ids := make([]domain.OrderID, n)
	for i := range ids {
		ids[i] = storetest.Received(t, s, domain.UserID(fmt.Sprint("usr_", i)), storetest.Item(p, 1))
	}
	return ids
}

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

// Two hundred buyers at two workers, fifty units, a third of the winners cancels: everything balances.
func TestTwoWorkersTwoHundredBuyersFiftyUnits(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		p := storetest.Product(t, s, 50, unique)
		ids := orders(t, s, 200, p)
		workers := []*reserve.Combiner{newCombiner(t, s, realLocks(t, client)), newCombiner(t, s, realLocks(t, client))}
		var held, refused, canceled atomic.Int64
		together(len(ids), func(i int) {
			order, err := workers[i%2].Reserve(t.Context(), ask(ids[i], p))
			switch {
			case err != nil:
				t.Error(err)
			case order.Status == domain.StatusRefused:
				refused.Add(1)
			case rand.N(3) == 0:
				if _, err := s.Release(t.Context(),
					domain.Release{OrderID: ids[i], End: domain.StatusCanceled, Reason: domain.ReasonCanceled}); err != nil {
					t.Error(err)
				}
				canceled.Add(1)
			default:
				held.Add(1)
			}
		})
		if held.Load()+refused.Load()+canceled.Load() != 200 || held.Load() > 50 {
			t.Errorf("%d held, %d refused, %d canceled", held.Load(), refused.Load(), canceled.Load())
		}
		storetest.WantStock(t, s, p.ID, 50-held.Load(), held.Load(), 0)
	})
}

// The batch grows while the lock is waited for, and one transaction serves it.
func TestOneTransactionServesTheBatchThatGathered(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		p := storetest.Product(t, s, 5, unique)
		ids := orders(t, s, 20, p)
		lock := realLocks(t, client)
		elsewhere, err := lock.Acquire(t.Context(), p.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		counting := &countingStore{Store: s}
		c := newCombiner(t, counting, lock)
		var done sync.WaitGroup
		var joined atomic.Int64
		for _, id := range ids {
			done.Go(func() {
				joined.Add(1)
				if _, err := c.Reserve(t.Context(), ask(id, p)); err != nil {
					t.Error(err)
				}
			})
		}
		until(t, func() bool { return c.Waiting(p.ID) == len(ids) })
		elsewhere.Release(t.Context())
		done.Wait()
		if counting.batches() != 1 {
			t.Errorf("%d transactions for %d orders, want 1", counting.batches(), len(ids))
		}
		storetest.WantStock(t, s, p.ID, 0, 5, 0)
	})
}

// One order that the database chokes on fails alone.
func TestAPoisonedOrderFailsNobodyElse(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		p := storetest.Product(t, s, 50, unique)
		ids := orders(t, s, 16, p)
		poison := ids[11]
		if s.Dialect() == "sqlite" {
			storetest.Exec(
				t,
				s,
				fmt.Sprintf(
					`CREATE TRIGGER poison BEFORE INSERT ON reservations WHEN NEW.order_id = '%s' BEGIN SELECT RAISE(ABORT, 'poison'); END`,
					poison,
				),
			)
		} else {
			storetest.Exec(
				t,
				s,
				fmt.Sprintf(
					`CREATE TRIGGER poison BEFORE INSERT ON reservations FOR EACH ROW IF NEW.order_id = '%s' THEN SIGNAL SQLSTATE '45000'; END IF`,
					poison,
				),
			)
		}
		c := newCombiner(t, s, realLocks(t, client))
		together(len(ids), func(i int) {
			order, err := c.Reserve(t.Context(), ask(ids[i], p))
			if poisoned := ids[i] == poison; poisoned != (err != nil) || !poisoned && order.Status != domain.StatusHeld {
				t.Errorf("order %d: %s, %v", i, order.Status, err)
			}
		})
		storetest.WantStock(t, s, p.ID, 35, 15, 0)
	})
}

// A holder that was overtaken while it slept: its batch is refused by the fence, tried again under a new lock, and right.
func TestAStaleLockHolderIsFencedAndTriesAgain(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		p := storetest.Product(t, s, 2, unique)
		ids := orders(t, s, 3, p)
		lock := realLocks(t, client)
		overtaken := &overtakenLocks{Locker: lock, overtake: func(product domain.ProductID) {
			// Its lease is over; another worker has the lock, and commits.
			if err := client.Del(t.Context(), "runrun:lock:{"+string(product)+"}").Err(); err != nil {
				t.Error(err)
			}
			if order, err := newCombiner(t, s, lock).Reserve(t.Context(), ask(ids[0], p)); err != nil || order.Status != domain.StatusHeld {
				t.Errorf("the overtaker: %s, %v", order.Status, err)
			}
		}}
		counting := &countingStore{Store: s}
		order, err := newCombiner(t, counting, overtaken).Reserve(t.Context(), ask(ids[1], p))
		if err != nil || order.Status != domain.StatusHeld {
			t.Errorf("the overtaken: %s, %v; want HELD", order.Status, err)
		}
		if counting.batches() != 2 {
			t.Errorf("%d transactions, want 2: one fenced, one right", counting.batches())
		}
		storetest.WantStock(t, s, p.ID, 0, 2, 0)
	})
}

func TestRedisRestartedEmptyReloadsTheFence(t *testing.T) {
	client, server := redistest.Embedded(t)
	s := storetest.Open(t, storetest.SQLite(t))
	p := storetest.Product(t, s, 5)
	ids := orders(t, s, 2, p)
	c := newCombiner(t, s, realLocks(t, client))
	storetest.Exec(t, s, "UPDATE stocks SET fence = 100 WHERE product_id = ?", p.ID)
	for _, id := range ids {
		if order, err := c.Reserve(t.Context(), ask(id, p)); err != nil || order.Status != domain.StatusHeld {
			t.Errorf("order %s: %s, %v", id, order.Status, err)
		}
		server.FlushAll()
	}
	storetest.WantStock(t, s, p.ID, 3, 2, 0)
}

// Redis dies in the middle of the drop: the rest is sold right, by the database's guard alone.
func TestRedisKilledInTheMiddle(t *testing.T) {
	client, server := redistest.Embedded(t)
	s := storetest.Open(t, storetest.SQLite(t))
	p := storetest.Product(t, s, 30)
	ids := orders(t, s, 100, p)
	workers := []*reserve.Combiner{newCombiner(t, s, realLocks(t, client)), newCombiner(t, s, realLocks(t, client))}
	reserve := func(i int) domain.OrderStatus {
		order, err := workers[i%2].Reserve(t.Context(), ask(ids[i], p))
		if err != nil {
			t.Error(err)
		}
		return order.Status
	}
	var held atomic.Int64
	count := func(i int) {
		if reserve(i) == domain.StatusHeld {
			held.Add(1)
		}
	}
	together(10, count)
	lock := realLocks(t, client)
	elsewhere, err := lock.Acquire(t.Context(), p.ID, 0) // so that the next ones are in the middle when Redis goes
	if err != nil || elsewhere.Token() == domain.NoFence {
		t.Fatalf("lock: %+v, %v", elsewhere, err)
	}
	var rest sync.WaitGroup
	for i := 10; i < len(ids); i++ {
		rest.Go(func() { count(i) })
	}
	until(t, func() bool { return workers[0].Waiting(p.ID)+workers[1].Waiting(p.ID) == len(ids)-10 })
	server.Close()
	rest.Wait()
	if held.Load() != 30 {
		t.Errorf("%d held, want 30", held.Load())
	}
	storetest.WantStock(t, s, p.ID, 0, 30, 0)
}

// An order whose shopper went away is decided all the same, and its limit ends nobody else's wait.
func TestAnAbandonedOrderFailsNobodyElse(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		p := storetest.Product(t, s, 5, unique)
		ids := orders(t, s, 2, p)
		lock := realLocks(t, client)
		elsewhere, err := lock.Acquire(t.Context(), p.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		c := newCombiner(t, s, lock)
		gone, leave := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() {
			if _, err := c.Reserve(gone, ask(ids[0], p)); domain.CodeOf(err) != domain.CodeUnavailable {
				t.Errorf("the abandoned order: %v, want UNAVAILABLE", err)
			}
		})
		until(t, func() bool { return c.Waiting(p.ID) == 1 })
		leave()
		// Its compensation runs first, the Reserve that it gave up commits later: no unit is lost.
		if _, err := s.Release(t.Context(),
			domain.Release{OrderID: ids[0], End: domain.StatusCanceled, Reason: domain.ReasonStopped}); err != nil {
			t.Fatal(err)
		}
		done.Go(func() {
			if order, err := c.Reserve(t.Context(), ask(ids[1], p)); err != nil || order.Status != domain.StatusHeld {
				t.Errorf("the neighbour: %s, %v; want HELD", order.Status, err)
			}
		})
		until(t, func() bool { return c.Waiting(p.ID) == 2 })
		elsewhere.Release(t.Context())
		done.Wait()
		c.Wait()
		order, err := s.Order(t.Context(), ids[0])
		if err != nil || order.Status != domain.StatusCanceled {
			t.Errorf("the abandoned order is %s, %v; want CANCELED", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 4, 1, 0)
	})
}

func TestBasketsAreAllOrNothing(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		a, b := storetest.Product(t, s, 10, unique), storetest.Product(t, s, 3, unique)
		c := newCombiner(t, s, realLocks(t, client))
		var mu sync.Mutex
		got := map[domain.OrderStatus]int{}
		together(8, func(i int) {
			items := []domain.OrderItem{storetest.Item(a, 1), storetest.Item(b, 1)}
			products := []domain.Product{a, b}
			if i%2 == 0 { // the other way round: the locks are taken in one order all the same
				slices.Reverse(items)
				slices.Reverse(products)
			}
			id := storetest.Received(t, s, domain.UserID(fmt.Sprint("usr_", i)), items...)
			order, err := c.Reserve(t.Context(), ask(id, products...))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[order.Status]++
		})
		if diff := cmp.Diff(map[domain.OrderStatus]int{domain.StatusHeld: 3, domain.StatusRefused: 5}, got); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		storetest.WantStock(t, s, a.ID, 7, 3, 0)
		storetest.WantStock(t, s, b.ID, 0, 3, 0)
	})
}

func TestReserveOfNoOrder(t *testing.T) {
	client, _ := redistest.Embedded(t)
	s := storetest.Open(t, storetest.SQLite(t))
	p := storetest.Product(t, s, 1)
	if _, err := newCombiner(t, s, realLocks(t, client)).Reserve(t.Context(), ask("ord_none", p)); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("got %v, want NOT_FOUND", err)
	}
}

// countingStore counts the transactions.
type countingStore struct {
	reserve.Store
	n atomic.Int64
}

func (c *countingStore) Reserve(ctx context.Context, batch domain.ReserveBatch) ([]domain.ReserveAnswer, error) {
	c.n.Add(1)
	return c.Store.Reserve(ctx, batch)
}

func (c *countingStore) batches() int64 { return c.n.Load() }

// overtakenLocks lets another worker overtake the first holder, once.
type overtakenLocks struct {
	reserve.Locker
	once     sync.Once
	overtake func(domain.ProductID)
}

func (o *overtakenLocks) Acquire(ctx context.Context, product domain.ProductID, above int64) (reserve.Lease, error) {
	lease, err := o.Locker.Acquire(ctx, product, above)
	o.once.Do(func() { o.overtake(product) })
	return lease, err
}

func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("it did not happen within ten seconds")
}
