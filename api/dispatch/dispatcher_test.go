package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"runrun/domain"
)

func order(ticket int64) domain.Order {
	return domain.Order{ID: domain.OrderID(fmt.Sprint("ord_", ticket)), Ticket: ticket}
}

func waiting(ticket int64) *domain.Order {
	o := order(ticket)
	return &o
}

// starts is a Temporal that answers one start at a time, when told to.
type starts struct {
	asked  chan domain.Order
	answer chan error
}

func newStarts() *starts { return &starts{asked: make(chan domain.Order), answer: make(chan error)} }

func (s *starts) start(_ context.Context, o domain.Order) error {
	s.asked <- o
	return <-s.answer
}

func newTestDispatcher(t *testing.T, start func(context.Context, domain.Order) error, most, queue int) *Dispatcher {
	t.Helper()
	d, err := NewDispatcher(start, Config{MaxStarts: most, Queue: queue})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *Dispatcher) setLimit(limit float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pacing.limit = limit
}

func (d *Dispatcher) getLimit() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pacing.limit
}

func (d *Dispatcher) isStopped() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped
}

func TestDispatchInTicketOrder(t *testing.T) {
	temporal := newStarts()
	d := newTestDispatcher(t, temporal.start, 1, 100)
	d.setLimit(1)
	d.Add(order(9))
	first := <-temporal.asked // the rest comes while this one is being started
	for _, ticket := range []int64{5, 0, 7, 2} {
		d.Add(order(ticket))
	}
	got := []int64{first.Ticket}
	for range 4 {
		temporal.answer <- nil
		got = append(got, (<-temporal.asked).Ticket)
	}
	temporal.answer <- nil
	d.Stop()
	if want := []int64{9, 2, 5, 7, 0}; !slices.Equal(got, want) {
		t.Errorf("started %v, want %v: by ticket, those without one last", got, want)
	}
}

// Temporal is gone for a minute: it is not hammered, and no order is forgotten or started by the side of itself.
func TestDispatchRestsWhileTemporalIsAbsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		absent, tries, started := true, 0, map[domain.OrderID]int{}
		d := newTestDispatcher(t, func(_ context.Context, o domain.Order) error {
			mu.Lock()
			defer mu.Unlock()
			if absent {
				tries++
				return errors.New("connection refused")
			}
			started[o.ID]++
			return nil
		}, 64, 1000)
		for ticket := range int64(500) {
			d.Add(order(ticket + 1))
		}
		time.Sleep(time.Minute)
		mu.Lock()
		if tries == 0 || tries > 60*leastStarts {
			t.Errorf("asked %d times in a minute, want now and then", tries)
		}
		absent = false
		mu.Unlock()
		d.Add(order(1), order(500)) // the sweeper brings what still waits
		time.Sleep(maxBackoff)
		synctest.Wait()
		d.Stop()
		if len(started) != 500 || started["ord_1"] != 1 || started["ord_500"] != 1 {
			t.Errorf("%d of 500 were started", len(started))
		}
	})
}

// One order that Temporal will not have keeps nobody else waiting, not even for a rest, and is not tried in a loop.
func TestDispatchOfAPoisonedOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		tries := map[domain.OrderID]int{}
		d := newTestDispatcher(t, func(_ context.Context, o domain.Order) error {
			mu.Lock()
			defer mu.Unlock()
			tries[o.ID]++
			if o.Ticket == 1 {
				return domain.Wrap(domain.CodeUnavailable, serviceerror.NewInvalidArgument("too large"), "refused")
			}
			return nil
		}, 8, 1000)
		for ticket := range int64(100) {
			d.Add(order(ticket + 1))
		}
		synctest.Wait() // no time passes: nobody rests
		mu.Lock()
		if len(tries) != 100 || tries["ord_1"] != 1 {
			t.Errorf("%d of 100 were tried, the poisoned one %d times, want once", len(tries), tries["ord_1"])
		}
		mu.Unlock()
		d.Add(order(1)) // the sweeper brings it again
		synctest.Wait()
		if tries["ord_1"] != 2 {
			t.Error("the sweeper's order was not tried again")
		}
		d.Stop()
	})
}

// An exhausted Temporal is asked for less, and the order is not forgotten.
func TestDispatchSlowsDownWhenTemporalIsExhausted(t *testing.T) {
	temporal := newStarts()
	d := newTestDispatcher(t, temporal.start, 64, 100)
	d.setLimit(40)
	d.Add(order(1))
	<-temporal.asked
	temporal.answer <- domain.Wrap(domain.CodeUnavailable,
		&serviceerror.ResourceExhausted{Cause: enums.RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT}, "busy")
	if again := <-temporal.asked; again.Ticket != 1 {
		t.Errorf("asked again for %d, want 1", again.Ticket)
	}
	if limit := d.getLimit(); limit != 20 {
		t.Errorf("the limit is %g, want half of 40", limit)
	}
	temporal.answer <- nil
	d.Stop()
	if limit := d.getLimit(); limit <= 20 || limit > 21 {
		t.Errorf("after a good answer the limit is %g, want a little more than 20", limit)
	}
}

func TestDispatchSlowsDownWhenAnswersTakeLong(t *testing.T) {
	d := newTestDispatcher(t, func(context.Context, domain.Order) error { return nil }, 64, 100)
	defer d.Stop()
	d.setLimit(40)
	d.mu.Lock()
	d.pacing.best, d.running = 10*time.Millisecond, 2
	d.mu.Unlock()
	d.finished(waiting(1), time.Second, nil)
	if limit := d.getLimit(); limit != 36 {
		t.Errorf("after a slow answer the limit is %g, want 36", limit)
	}
	d.finished(waiting(2), 10*time.Millisecond, nil)
	if limit := d.getLimit(); limit <= 36 {
		t.Errorf("after a quick answer the limit is %g, want more than 36", limit)
	}
}

// Who waits is told how many are before, and about how long it takes.
func TestDispatchTellsThePlaceInTheQueue(t *testing.T) {
	temporal := newStarts()
	d := newTestDispatcher(t, temporal.start, 1, 100)
	d.setLimit(1)
	d.Add(order(1))
	<-temporal.asked
	d.Add(order(9), order(5), order(7))
	d.mu.Lock()
	d.pacing.interval = 20 * time.Millisecond
	d.mu.Unlock()
	for ticket, want := range map[int64]int{5: 1, 7: 2, 9: 3} {
		if position, wait, ok := d.Position(waiting(ticket)); !ok || position != want || wait != time.Duration(want)*20*time.Millisecond {
			t.Errorf("ticket %d: position %d, wait %s, %t; want position %d", ticket, position, wait, ok, want)
		}
	}
	if _, _, ok := d.Position(waiting(1)); ok {
		t.Error("an order that is being started still waits")
	}
	done := make(chan struct{})
	go func() { d.Stop(); close(done) }()
	for !d.isStopped() {
		time.Sleep(time.Millisecond)
	}
	temporal.answer <- nil
	<-done
}

// A batch that is larger than the backlog fills it, and what fits is started.
func TestDispatchOfMoreThanFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan domain.Order, 10)
		d := newTestDispatcher(t, func(_ context.Context, o domain.Order) error { started <- o; return nil }, 4, 3)
		synctest.Wait() // it sleeps
		d.Add(order(1), order(2), order(3), order(4), order(5))
		synctest.Wait()
		d.Stop()
		if len(started) != 3 || d.Room() != 3 {
			t.Errorf("%d started, room for %d; want the three that fit, and room again", len(started), d.Room())
		}
	})
}

// An hour without orders is no slow start: who comes first after it is not told to wait for hours.
func TestIdleTimeIsNotWaitingTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestDispatcher(t, func(context.Context, domain.Order) error { time.Sleep(10 * time.Millisecond); return nil }, 1, 1000)
		d.setLimit(1)
		d.Add(order(1))
		time.Sleep(time.Hour)
		for ticket := range int64(100) {
			d.Add(order(ticket + 2))
		}
		time.Sleep(100 * time.Millisecond)
		position, wait, waits := d.Position(waiting(101))
		if !waits || wait > time.Duration(position)*20*time.Millisecond {
			t.Errorf("position %d, wait %s, %t; a start takes 10 ms", position, wait, waits)
		}
		time.Sleep(time.Minute)
		d.Stop()
	})
}

func TestDispatchIsBounded(t *testing.T) {
	temporal := newStarts()
	d := newTestDispatcher(t, temporal.start, 1, 2)
	d.setLimit(1)
	d.Add(order(1))
	<-temporal.asked
	d.Add(order(2), order(3), order(4))
	if d.Room() != 0 {
		t.Errorf("room for %d, want none", d.Room())
	}
	done := make(chan struct{})
	go func() { d.Stop(); close(done) }()
	for !d.isStopped() {
		time.Sleep(time.Millisecond)
	}
	temporal.answer <- nil
	<-done
}

// A new drop, whose tickets begin at 1, does not starve an order of another product with a high ticket: products take turns.
func TestDispatchIsFairBetweenProducts(t *testing.T) {
	var q fairQueue
	of := func(product domain.ProductID, ticket int64) *domain.Order {
		o := order(ticket)
		o.ID = domain.OrderID(fmt.Sprint("ord_", product, ticket))
		o.Items = []domain.OrderItem{{ProductID: product}}
		return &o
	}
	for ticket := range int64(5) {
		q.push(of("prd_new", 5-ticket))
	}
	old := of("prd_old", 1_000_000)
	q.push(old)
	q.push(of("prd_old", 1_000_001))
	if position, taken, found := q.position(old); position != 1 || taken != 2 || !found {
		t.Errorf("position %d after %d orders, %t", position, taken, found)
	}
	var got []domain.OrderID
	for q.length > 0 {
		got = append(got, q.pop().ID)
	}
	want := []domain.OrderID{
		"ord_prd_new1",
		"ord_prd_old1000000",
		"ord_prd_new2",
		"ord_prd_old1000001",
		"ord_prd_new3",
		"ord_prd_new4",
		"ord_prd_new5",
	}
	if !slices.Equal(got, want) {
		t.Errorf("taken in the order %v, want %v", got, want)
	}
	if _, _, found := q.position(old); found {
		t.Error("it still has a place")
	}
}

// In a rush starts wait until everybody has been told yes or no, but not for longer than hold, and once.
func TestStartsAreHeldInARush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rush atomic.Bool
		started := make(chan domain.Order, 10)
		d := newTestDispatcher(t, func(_ context.Context, o domain.Order) error {
			started <- o
			return nil
		}, 64, 1000)
		defer d.Stop()
		d.cfg.Hold = 3 * time.Second
		d.HoldWhile(rush.Load)
		want := func(number int, when string) {
			t.Helper()
			synctest.Wait()
			if got := len(started); got != number {
				t.Fatalf("%d started %s, want %d", got, when, number)
			}
		}
		rush.Store(true)
		d.Add(order(1))
		want(0, "at once")
		time.Sleep(time.Second)
		rush.Store(false)
		d.Wake()
		want(1, "when everybody was told")
		rush.Store(true)
		d.Add(order(2))
		time.Sleep(2 * time.Second)
		want(1, "in the next rush")
		time.Sleep(2 * time.Second)
		want(2, "after the hold")
		d.Add(order(3))
		want(3, "later in the same rush")
	})
}
