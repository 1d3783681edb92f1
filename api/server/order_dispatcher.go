package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/api/serviceerror"

	"runrun/domain"
)

// Bounds of the number of workflows that are started at once. It grows by one for every round of good answers, shrinks by a
// tenth when answers take much longer than the best, and by half when there is none.
const (
	leastStarts   = 4
	slowerThan    = 4 // times the best
	slowAllowance = 50 * time.Millisecond
)

// Rests after a start that failed: an exhausted Temporal is not hammered, and an absent one is asked now and then. Each is
// twice as long as the one before, until a start is answered.
const (
	firstRest   = 100 * time.Millisecond
	longestRest = 2 * time.Second
)

// dispatcher starts the workflows of accepted orders, in ticket order and fair between products, as many at once as Temporal
// bears. Its memory may be lost: the rows are durable, and the sweeper brings back what has no workflow.
type dispatcher struct {
	start   func(ctx context.Context, order domain.Order) error
	backlog int
	most    float64
	// rush says whether shoppers wait to be told yes or no; then starts are held for a while, where hold is not 0.
	rush func() bool
	hold time.Duration

	mu      sync.Mutex
	changed *sync.Cond
	waiting fairQueue
	known   map[domain.OrderID]bool // those that wait and those that are being started
	running int
	limit   float64
	best    time.Duration // what a start takes at best, of late
	pace    time.Duration // a slow average of the time between two starts, while there is something to start
	latest  time.Time     // when the latest start was answered
	held    time.Time     // since when starts are held; zero while there is no rush
	resting bool
	rest    time.Duration // of the latest rest; 0 after an answer
	stopped bool
	done    sync.WaitGroup
}

// newDispatcher starts at most that many workflows at once. At most backlog orders wait.
func newDispatcher(start func(context.Context, domain.Order) error, most, backlog int) (*dispatcher, error) {
	d := &dispatcher{start: start, rush: func() bool { return false }, backlog: backlog, most: float64(most), limit: float64(min(most, 4*leastStarts)), known: map[domain.OrderID]bool{}}
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
		o.ObserveInt64(waiting, int64(d.waiting.length+d.running))
		o.ObserveFloat64(limit, d.limit)
		return nil
	}, waiting, limit)
	return err
}

// add queues orders, each once. Those that find the queue full are left to the sweeper.
func (d *dispatcher) add(orders ...domain.Order) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.changed.Broadcast()
	for _, o := range orders {
		if d.stopped || d.waiting.length >= d.backlog {
			return
		}
		if !d.known[o.ID] {
			d.known[o.ID] = true
			d.waiting.push(&o)
		}
	}
}

// room is how many more orders can wait.
func (d *dispatcher) room() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.backlog - d.waiting.length
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
			err := d.start(context.Background(), *order)
			d.finished(order, time.Since(began), err)
		})
	}
}

// next waits for an order and for leave to start it.
func (d *dispatcher) next() (*domain.Order, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.stopped && (d.resting || d.waiting.length == 0 || float64(d.running) >= d.limit || d.holds()) {
		d.changed.Wait()
	}
	if d.stopped {
		return nil, false
	}
	d.running++
	return d.waiting.pop(), true
}

// holdWhile lets starts wait while there is a rush, for at most that long.
func (d *dispatcher) holdWhile(rush func() bool, hold time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rush, d.hold = rush, hold
}

// holds says whether starts wait until everybody in the line has been answered: once in a rush, and only for so long.
func (d *dispatcher) holds() bool {
	if d.hold == 0 || !d.rush() {
		d.held = time.Time{}
		return false
	}
	if d.held.IsZero() {
		d.held = time.Now()
		time.AfterFunc(d.hold, d.look)
	}
	return time.Since(d.held) < d.hold
}

// look lets the dispatcher see whether it may go on.
func (d *dispatcher) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changed.Broadcast()
}

// finished learns from an answer, or from its absence.
func (d *dispatcher) finished(order *domain.Order, took time.Duration, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.changed.Broadcast()
	d.running--
	var invalid *serviceerror.InvalidArgument
	if errors.As(err, &invalid) { // it is this order that Temporal will not have: the others do not wait for it
		slog.Error("Temporal refuses to start an order; it is left to the sweeper", "order", order.ID, "error", err)
		delete(d.known, order.ID)
		return
	}
	if err != nil { // started or not: to start it again is safe
		d.waiting.push(order)
		d.takeRest(err)
		return
	}
	delete(d.known, order.ID)
	if d.rest > 0 {
		slog.Info("Temporal answers again", "waiting", d.waiting.length)
	}
	d.rest = 0
	if d.best > 0 && took > slowerThan*d.best+slowAllowance {
		d.limit = max(leastStarts, d.limit*0.9)
	} else {
		d.limit = min(d.most, d.limit+1/d.limit)
	}
	d.learn(took)
}

// takeRest starts nothing for a moment. Of many failures at once the first counts.
func (d *dispatcher) takeRest(cause error) {
	if d.resting || d.stopped {
		return
	}
	if d.rest == 0 {
		slog.Warn("Temporal does not start workflows; accepted orders wait", "error", cause)
	}
	d.limit, d.latest = max(leastStarts, d.limit/2), time.Time{}
	d.rest = min(max(2*d.rest, firstRest), longestRest)
	d.resting = true
	time.AfterFunc(d.rest, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.resting = false
		d.changed.Broadcast()
	})
}

// learn follows what a start takes at best, which it lets rise by a thousandth with every answer, and how often one is answered.
func (d *dispatcher) learn(took time.Duration) {
	now := time.Now()
	between := took
	if !d.latest.IsZero() {
		between = now.Sub(d.latest)
	}
	if d.latest = now; d.waiting.length == 0 { // the next start is not late, it was not asked for
		d.latest = time.Time{}
	}
	if d.best == 0 {
		d.best, d.pace = took, between
	}
	d.best = min(took, d.best+d.best/1000)
	d.pace += (between - d.pace) / 64
}

// place returns an order's place among those that wait here for the same product, and about how long it will wait; false if it
// does not wait here.
func (d *dispatcher) place(o *domain.Order) (position int, wait time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	position, taken, waits := d.waiting.position(o)
	return position, time.Duration(taken) * d.pace, waits
}
