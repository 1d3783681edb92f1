package checkout

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"runrun/api/batch"
	"runrun/domain"
)

// orderRows is a database of one order, whose readings are counted.
type orderRows struct {
	Rows
	mu    sync.Mutex
	row   domain.Order
	gone  error
	reads int
}

func (r *orderRows) OrdersByID(context.Context, []domain.OrderID) (map[domain.OrderID]domain.Order, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	return map[domain.OrderID]domain.Order{r.row.ID: r.row}, r.gone
}

func (r *orderRows) set(status domain.OrderStatus, version int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.row.Status, r.row.Version = status, version
}

func (r *orderRows) readings() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reads
}

// changes announces by hand.
type changes struct {
	changed  chan struct{}
	watchers atomic.Int64
}

func (c *changes) WatchOrder(domain.OrderID) (<-chan struct{}, func()) {
	c.watchers.Add(1)
	return c.changed, func() { c.watchers.Add(-1) }
}

func newTestOrders(t *testing.T, rows *orderRows, announced *changes) (*Orders, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	orders, err := NewOrders(ctx, rows, announced, func() bool { return false }, func(domain.Order) {},
		batch.Config{Writers: 1, Size: 10, Queue: 100, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return orders, func() {
		cancel()
		orders.Stop()
	}
}

var received = domain.Order{ID: "ord_a", UserID: "usr_a", Status: domain.StatusReceived, Version: 1}

// A hundred who wait for one order cost one reading when it is announced to have changed.
func TestManyWaitersOfAnOrderReadItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows, announced := &orderRows{row: received}, &changes{changed: make(chan struct{}, 1)}
		orders, stop := newTestOrders(t, rows, announced)
		defer stop()
		var done sync.WaitGroup
		for range 100 {
			done.Go(func() {
				if o, err := orders.Decided(t.Context(), received, 20*time.Second); err != nil || o.Status != domain.StatusHeld {
					t.Errorf("%s, %v", o.Status, err)
				}
			})
		}
		synctest.Wait()
		if rows.readings() != 0 || announced.watchers.Load() != 1 { // they know the row that they wait for
			t.Errorf("%d readings by %d watchers, want none by one", rows.readings(), announced.watchers.Load())
		}
		rows.set(domain.StatusHeld, 2)
		announced.changed <- struct{}{}
		done.Wait()
		synctest.Wait()
		if rows.readings() != 1 || announced.watchers.Load() != 0 || len(orders.watching) != 0 {
			t.Errorf("%d readings, %d watchers left, want one and none", rows.readings(), announced.watchers.Load())
		}
	})
}

// An announcement that is lost delays the answer by 0.1 s if it came just before the wait and by a second if it came after, and the
// limit ends every wait.
func TestAwaitWithoutAnnouncements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &orderRows{row: received}
		orders, stop := newTestOrders(t, rows, &changes{changed: make(chan struct{})})
		defer stop()
		began := time.Now()
		if o, err := orders.Decided(t.Context(), received,
			100*time.Millisecond); err != nil || o.Status != domain.StatusReceived ||
			time.Since(began) != 100*time.Millisecond {
			t.Errorf("after %s: %s, %v", time.Since(began), o.Status, err)
		}
		for lost, want := range map[time.Duration]time.Duration{0: firstPause, 500 * time.Millisecond: firstPause + announcedPause} {
			rows.set(domain.StatusReceived, 1)
			time.AfterFunc(lost, func() { rows.set(domain.StatusHeld, 2) })
			began = time.Now()
			if o, err := orders.Decided(t.Context(), received, time.Minute); err != nil || o.Status != domain.StatusHeld ||
				time.Since(began) != want {
				t.Errorf("after %s: %s, %v; want HELD after %s", time.Since(began), o.Status, err, want)
			}
		}
	})
}

func TestAwaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &orderRows{row: received}
		orders, stop := newTestOrders(t, rows, &changes{changed: make(chan struct{})})
		ctx, hangUp := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, hangUp)
		if _, err := orders.Changed(ctx, received, time.Minute); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("a shopper who hangs up: %v, want UNAVAILABLE", err)
		}
		time.AfterFunc(time.Second, stop)
		if o, err := orders.Changed(t.Context(), received, time.Minute); err != nil || o.Version != 1 {
			t.Errorf("a process that stops: %d, %v", o.Version, err)
		}
	})
}

// A database that does not answer ends the wait with its error.
func TestAwaitOfADatabaseThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &orderRows{row: received, gone: domain.Errorf(domain.CodeUnavailable, "gone")}
		orders, stop := newTestOrders(t, rows, &changes{changed: make(chan struct{})})
		defer stop()
		if _, err := orders.Decided(t.Context(), received, time.Minute); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
	})
}

// An order of another shopper does not exist.
func TestOrdersOfOthers(t *testing.T) {
	orders, stop := newTestOrders(t, &orderRows{row: received}, &changes{})
	defer stop()
	if o, err := orders.Of(t.Context(), "usr_a", "ord_a"); err != nil || o.ID != "ord_a" {
		t.Errorf("mine: %v, %v", o, err)
	}
	if _, err := orders.Of(t.Context(), "usr_b", "ord_a"); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("another's: %v, want NOT_FOUND", err)
	}
	if _, err := orders.Of(t.Context(), "usr_a", "ord_b"); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("none: %v, want NOT_FOUND", err)
	}
}
