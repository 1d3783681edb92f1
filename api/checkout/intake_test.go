package checkout

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"runrun/api/batch"
	"runrun/domain"
)

// ledger is a database that can be stopped in the middle of a commit. The key "used" has an order already.
type ledger struct {
	Rows
	failure error
	entered chan struct{} // receives when a commit begins
	leave   chan struct{} // every commit waits for one; nil waits for nothing
}

func (l *ledger) Accept(_ context.Context, orders []domain.NewOrder) ([]bool, error) {
	if l.leave != nil {
		l.entered <- struct{}{}
		<-l.leave
	}
	news := make([]bool, len(orders))
	for i, o := range orders {
		news[i] = o.IdempotencyKey != "used"
	}
	return news, l.failure
}

// handedOver collects what the intake hands over: orders to the dispatcher, tickets to the gate.
type handedOver struct {
	Gate
	mu        sync.Mutex
	orders    []domain.OrderID
	confirmed []domain.OrderID
	come      chan struct{}
}

func (h *handedOver) Add(orders ...domain.Order) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range orders {
		h.orders = append(h.orders, o.ID)
	}
}

func (h *handedOver) Room() int { return 1 }

func (h *handedOver) ConfirmTickets(_ context.Context, orders []domain.NewOrder) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range orders {
		h.confirmed = append(h.confirmed, o.ID)
	}
	if h.come != nil {
		h.come <- struct{}{}
	}
	return domain.Errorf(domain.CodeUnavailable, "the reconciler will")
}

func newTestIntake(t *testing.T, l *ledger, h *handedOver) *Intake {
	t.Helper()
	i, err := NewIntake(l, h, h, batch.Config{Writers: 1, Size: 8, Queue: 10, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Stop)
	return i
}

// New orders go to the dispatcher and to the gate, even if the gate does not answer; a key that was used makes no order.
func TestIntakeHandsOverNewOrders(t *testing.T) {
	h := &handedOver{}
	i := newTestIntake(t, &ledger{}, h)
	for id, key := range map[domain.OrderID]string{"ord_a": "new", "ord_b": "used"} {
		isNew, err := i.Accept(t.Context(), domain.NewOrder{ID: id, IdempotencyKey: key})
		if err != nil || isNew != (key == "new") {
			t.Errorf("%s: new %t, %v", id, isNew, err)
		}
	}
	if want := []domain.OrderID{"ord_a"}; !slices.Equal(h.orders, want) || !slices.Equal(h.confirmed, want) {
		t.Errorf("dispatched %v, confirmed %v, want %v", h.orders, h.confirmed, want)
	}
}

// An order that may have been written is not handed over: the sweeper finds it.
func TestIntakeOfALostCommitHandsNothingOver(t *testing.T) {
	h := &handedOver{}
	i := newTestIntake(t, &ledger{failure: &domain.UncertainError{Cause: domain.Errorf(domain.CodeUnavailable, "gone")}}, h)
	if _, err := i.Accept(t.Context(), domain.NewOrder{ID: "ord_a"}); !domain.MayBeWritten(err) ||
		domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	if len(h.orders)+len(h.confirmed) != 0 {
		t.Errorf("dispatched %v, confirmed %v", h.orders, h.confirmed)
	}
}

// The shopper hangs up while the order is being written: it is accepted, and gets its workflow.
func TestIntakeOfAShopperWhoHangsUp(t *testing.T) {
	l := &ledger{entered: make(chan struct{}), leave: make(chan struct{})}
	h := &handedOver{come: make(chan struct{}, 1)}
	i := newTestIntake(t, l, h)
	ctx, hangUp := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if _, err := i.Accept(ctx, domain.NewOrder{ID: "ord_a"}); !errors.Is(err, context.Canceled) ||
			domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("got %v", err)
		}
	})
	<-l.entered
	hangUp()
	done.Wait()
	l.leave <- struct{}{}
	<-h.come
	if !slices.Equal(h.orders, []domain.OrderID{"ord_a"}) {
		t.Errorf("dispatched %v", h.orders)
	}
}
