package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"runrun/domain"
)

// ledger is a database that can be stopped in the middle of a commit.
type ledger struct {
	mu      sync.Mutex
	batches [][]domain.OrderID
	poison  domain.OrderID
	entered chan struct{} // receives when a commit begins
	leave   chan struct{} // every commit waits for one; nil waits for nothing
}

func (l *ledger) accept(_ context.Context, orders []domain.NewOrder) ([]bool, error) {
	if l.leave != nil {
		l.entered <- struct{}{}
		<-l.leave
	}
	ids := make([]domain.OrderID, len(orders))
	news := make([]bool, len(orders))
	for i, o := range orders {
		if o.ID == l.poison {
			return nil, domain.Errorf(domain.Internal, "poison")
		}
		ids[i], news[i] = o.ID, o.IdempotencyKey != "used"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches = append(l.batches, ids)
	return news, nil
}

func newTestIntake(t *testing.T, l *ledger, accepted func([]domain.NewOrder), backlog int) *batcher[domain.NewOrder, bool] {
	t.Helper()
	i, err := newIntake(l.accept, accepted, batching{actors: 1, most: 8, backlog: backlog, limit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func ignore([]domain.NewOrder) {}

func candidateOrder(n int) domain.NewOrder {
	return domain.NewOrder{ID: domain.OrderID(fmt.Sprintf("ord_%03d", n))}
}

// One order is written at once; what comes during its commit is written together, at most a batch at a time.
func TestIntakeGathersWhileACommitIsOnItsWay(t *testing.T) {
	l := &ledger{entered: make(chan struct{}), leave: make(chan struct{})}
	i := newTestIntake(t, l, ignore, 100)
	var done sync.WaitGroup
	add := func(n int) {
		done.Go(func() {
			if isNew, err := i.ask(t.Context(), candidateOrder(n)); err != nil || !isNew {
				t.Errorf("order %d: %v, %v", n, isNew, err)
			}
		})
	}
	add(0)
	<-l.entered
	for n := 1; n <= 10; n++ {
		add(n)
	}
	for len(i.queue) < 10 { // all are waiting: nothing else happens until the commit is let go
		select {
		case <-t.Context().Done():
			t.Fatal("they do not come")
		default:
		}
	}
	l.leave <- struct{}{}
	for range 2 {
		<-l.entered
		l.leave <- struct{}{}
	}
	done.Wait()
	i.stop()
	var sizes []int
	for _, batch := range l.batches {
		sizes = append(sizes, len(batch))
	}
	if !slices.Equal(sizes, []int{1, 8, 2}) {
		t.Errorf("batches of %v, want 1, then 8, then 2", sizes)
	}
}

func TestIntakePoisonFailsNobodyElse(t *testing.T) {
	l := &ledger{poison: "ord_003"}
	var mu sync.Mutex
	var dispatched []domain.OrderID
	i := newTestIntake(t, l, func(orders []domain.NewOrder) {
		mu.Lock()
		defer mu.Unlock()
		for _, o := range orders {
			dispatched = append(dispatched, o.ID)
		}
	}, 100)
	batch := make([]*asking[domain.NewOrder, bool], 8)
	for n := range batch {
		batch[n] = &asking[domain.NewOrder, bool]{ctx: t.Context(), in: candidateOrder(n), answer: make(chan answered[bool], 1)}
	}
	batch[5].in.IdempotencyKey = "used"
	i.serve(batch)
	for n, c := range batch {
		w := <-c.answer
		if (w.err != nil) != (n == 3) || w.out != (n != 3 && n != 5) {
			t.Errorf("order %d: %+v", n, w)
		}
	}
	if len(dispatched) != 6 || slices.Contains(dispatched, "ord_005") {
		t.Errorf("dispatched %v, want all new ones", dispatched)
	}
	i.stop()
}

func TestIntakeIsBounded(t *testing.T) {
	l := &ledger{entered: make(chan struct{}), leave: make(chan struct{})}
	i := newTestIntake(t, l, ignore, 1)
	var done sync.WaitGroup
	done.Go(func() { _, _ = i.ask(t.Context(), candidateOrder(0)) })
	<-l.entered
	if !i.enqueue(&asking[domain.NewOrder, bool]{ctx: t.Context(), in: candidateOrder(1), answer: make(chan answered[bool], 1)}) {
		t.Error("the one place of the queue is taken")
	}
	if _, err := i.ask(t.Context(), candidateOrder(2)); domain.CodeOf(err) != domain.Overloaded {
		t.Errorf("beyond the backlog: %v, want OVERLOADED", err)
	}
	go func() {
		for range l.entered {
		}
	}()
	close(l.leave)
	done.Wait()
	i.stop()
	if _, err := i.ask(t.Context(), candidateOrder(3)); domain.CodeOf(err) != domain.Overloaded {
		t.Errorf("after the stop: %v, want OVERLOADED", err)
	}
	if len(l.batches) != 2 {
		t.Errorf("%d batches were written, want the two that were waiting", len(l.batches))
	}
}

// The shopper hangs up while the order is being written: it is accepted, and gets its workflow.
func TestIntakeOfAShopperWhoHangsUp(t *testing.T) {
	l := &ledger{entered: make(chan struct{}), leave: make(chan struct{})}
	accepted := make(chan domain.OrderID, 1)
	i := newTestIntake(t, l, func(orders []domain.NewOrder) { accepted <- orders[0].ID }, 1)
	ctx, hangUp := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if _, err := i.ask(ctx, candidateOrder(0)); !errors.Is(err, context.Canceled) || domain.CodeOf(err) != domain.Unavailable {
			t.Errorf("got %v", err)
		}
	})
	<-l.entered
	hangUp()
	done.Wait()
	l.leave <- struct{}{}
	if id := <-accepted; id != "ord_000" {
		t.Errorf("dispatched %s", id)
	}
	i.stop()
}
