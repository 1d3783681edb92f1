package server

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/api/serviceerror"

	"runrun/domain"
)

// Bounds of the number of workflows that are started at once. It grows by one for every round of good answers, and shrinks
// by half when Temporal says that it is exhausted, by a tenth when its answers take much longer than its best.
const (
	leastStarts   = 4
	slowerThan    = 4 // times the usual
	slowAllowance = 50 * time.Millisecond
)

// dispatcher starts the workflows of accepted orders in ticket order, as many at once as Temporal bears. It may forget: the
// rows are durable, and the sweeper brings back what has no workflow.
type dispatcher struct {
	start   func(ctx context.Context, order domain.Order) error
	backlog int
	most    float64

	mu      sync.Mutex
	changed *sync.Cond
	waiting byOrderTicket
	running int
	limit   float64
	usual   time.Duration // a slow average of the time that a start takes
	pace    time.Duration // a slow average of the time between two starts, while there is something to start
	latest  time.Time     // when the latest start was answered
	absent  bool          // Temporal does not answer: everything is left to the sweeper until it does
	stopped bool
	done    sync.WaitGroup
}

// newDispatcher starts at most that many workflows at once. At most backlog orders wait.
func newDispatcher(start func(context.Context, domain.Order) error, most, backlog int) (*dispatcher, error) {
	d := &dispatcher{start: start, backlog: backlog, most: float64(most), limit: float64(min(most, 4*leastStarts))}
	d.changed = sync.NewCond(&d.mu)
	if err := d.measure(); err != nil {
		return nil, err
	}
	d.done.Go(d.run)
	return d, nil
}

func (d *dispatcher) measure() error {
	meter := otel.Meter("runrun/dispatcher")
	waiting, err1 := meter.Int64ObservableGauge("runrun_dispatch_backlog", metric.WithDescription("Accepted orders whose workflow is still to be started by this process."))
	limit, err2 := meter.Float64ObservableGauge("runrun_dispatch_limit", metric.WithDescription("Workflows that are started at once; it follows Temporal's answers."))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		o.ObserveInt64(waiting, int64(len(d.waiting)+d.running))
		o.ObserveFloat64(limit, d.limit)
		return nil
	}, waiting, limit)
	return err
}

// add queues orders. Those that find the queue full, or Temporal absent, are left to the sweeper.
func (d *dispatcher) add(orders ...domain.Order) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range orders {
		if d.absent || d.stopped || len(d.waiting) >= d.backlog {
			return
		}
		heap.Push(&d.waiting, o)
	}
	d.changed.Broadcast()
}

// room is how many more orders can wait.
func (d *dispatcher) room() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.backlog - len(d.waiting)
}

// present says that Temporal answers again.
func (d *dispatcher) present() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.absent = false
}

// stop starts nothing more and waits for what is being started.
func (d *dispatcher) stop() {
	d.mu.Lock()
	d.stopped = true
	d.changed.Broadcast()
	d.mu.Unlock()
	d.done.Wait()
}

func (d *dispatcher) run() {
	for {
		order, ok := d.next()
		if !ok {
			return
		}
		d.done.Go(func() {
			began := time.Now()
			err := d.start(context.Background(), order)
			d.finished(order, time.Since(began), err)
		})
	}
}

// next waits for an order and for leave to start it.
func (d *dispatcher) next() (domain.Order, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.stopped && (len(d.waiting) == 0 || float64(d.running) >= d.limit) {
		d.changed.Wait()
	}
	if d.stopped {
		return domain.Order{}, false
	}
	d.running++
	order, _ := heap.Pop(&d.waiting).(domain.Order)
	return order, true
}

// finished learns from an answer.
func (d *dispatcher) finished(order domain.Order, took time.Duration, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running--
	d.changed.Broadcast()
	var exhausted *serviceerror.ResourceExhausted
	switch {
	case errors.As(err, &exhausted):
		d.limit = max(leastStarts, d.limit/2)
		if !d.stopped {
			heap.Push(&d.waiting, order)
		}
	case err != nil:
		if !d.absent {
			slog.Warn("Temporal does not answer; accepted orders are left to the sweeper", "error", err)
		}
		d.absent, d.waiting, d.limit = true, nil, leastStarts
	case d.usual > 0 && took > slowerThan*d.usual+slowAllowance:
		d.limit = max(leastStarts, d.limit*0.9)
	default:
		d.limit = min(d.most, d.limit+1/d.limit)
	}
	if err == nil {
		d.learn(took)
	}
}

// learn follows the averages of what a start takes and of how often one is answered.
func (d *dispatcher) learn(took time.Duration) {
	now := time.Now()
	between := took
	if len(d.waiting) > 0 && !d.latest.IsZero() {
		between = now.Sub(d.latest)
	}
	d.latest = now
	if d.usual == 0 {
		d.usual, d.pace = took, between
	}
	d.usual += (took - d.usual) / 64
	d.pace += (between - d.pace) / 64
}

// place says how many orders this process starts before the given one, counting it, and how long that will take about; false
// if the order does not wait here.
func (d *dispatcher) place(id domain.OrderID) (position int, wait time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.waiting, func(o domain.Order) bool { return o.ID == id })
	if at < 0 {
		return 0, 0, false
	}
	position = 1
	for n := range d.waiting {
		if d.waiting.Less(n, at) {
			position++
		}
	}
	return position, time.Duration(position) * d.pace, true
}

// byOrderTicket is a heap of orders, the lowest ticket first; those without a ticket come last, by age.
type byOrderTicket []domain.Order

// Len is part of heap.Interface.
func (h *byOrderTicket) Len() int { return len(*h) }

// Swap is part of heap.Interface.
func (h *byOrderTicket) Swap(i, j int) { (*h)[i], (*h)[j] = (*h)[j], (*h)[i] }

// Less is part of heap.Interface.
func (h *byOrderTicket) Less(i, j int) bool {
	a, b := (*h)[i], (*h)[j]
	if (a.Ticket == 0) != (b.Ticket == 0) {
		return a.Ticket != 0
	}
	return cmp.Or(cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.ID, b.ID)) < 0
}

// Push adds an order; heap calls it.
func (h *byOrderTicket) Push(order any) { *h = append(*h, order.(domain.Order)) } //nolint:forcetypeassert // only orders are pushed

// Pop removes the last order; heap calls it.
func (h *byOrderTicket) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
