package dispatch

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

// Backoff after a start that failed: an exhausted Temporal is not hammered, and an absent one is asked now and then. It doubles until
// a start is answered.
const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 2 * time.Second
)

// Dispatcher starts the workflows of accepted orders, in ticket order and fair between products, as many at once as Temporal
// bears. Its memory may be lost: the rows are durable, and the Sweeper brings back what has no workflow.
type Dispatcher struct {
	start func(ctx context.Context, order domain.Order) error
	cfg   Config

	mu      sync.Mutex
	changed *sync.Cond
	queue   fairQueue
	known   map[domain.OrderID]bool // those that are queued and those that are being started
	running int
	pacing  pacing
	hold    hold
	backoff backoff
	stopped bool
	done    sync.WaitGroup
}

// Config bounds a Dispatcher.
type Config struct {
	MaxStarts int           // workflows that are started at once
	Queue     int           // orders that wait
	Hold      time.Duration // how long starts are held in a rush; 0 is never
}

// hold keeps starts back while shoppers wait to be told yes or no.
type hold struct {
	rush  func() bool
	since time.Time // zero while there is no rush
}

// backoff is the pause after failed starts.
type backoff struct {
	active bool
	pause  time.Duration // the latest; 0 after an answer
}

// NewDispatcher returns a running Dispatcher that calls start for each order.
func NewDispatcher(start func(context.Context, domain.Order) error, cfg Config) (*Dispatcher, error) {
	d := &Dispatcher{
		start: start, cfg: cfg, hold: hold{rush: func() bool { return false }}, known: map[domain.OrderID]bool{},
		pacing: pacing{most: float64(cfg.MaxStarts), limit: float64(min(cfg.MaxStarts, 4*leastStarts))},
	}
	d.changed = sync.NewCond(&d.mu)
	if err := d.measure(); err != nil {
		return nil, err
	}
	d.done.Go(d.run)
	return d, nil
}

func (d *Dispatcher) measure() error {
	meter := otel.Meter("runrun/dispatcher")
	waiting, err1 := meter.Int64ObservableGauge("runrun_dispatch_backlog",
		metric.WithDescription("Accepted orders whose workflow is still to be started by this process."))
	limit, err2 := meter.Float64ObservableGauge("runrun_dispatch_limit",
		metric.WithDescription("Workflows that are started at once; it follows Temporal's answers."))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		o.ObserveInt64(waiting, int64(d.queue.length+d.running))
		o.ObserveFloat64(limit, d.pacing.limit)
		return nil
	}, waiting, limit)
	return err
}

// Add queues orders, each once. Those that find the queue full are left to the Sweeper.
func (d *Dispatcher) Add(orders ...domain.Order) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.changed.Broadcast()
	for _, o := range orders {
		if d.stopped || d.queue.length >= d.cfg.Queue {
			return
		}
		if !d.known[o.ID] {
			d.known[o.ID] = true
			d.queue.push(&o)
		}
	}
}

// Room returns how many more orders can wait.
func (d *Dispatcher) Room() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.Queue - d.queue.length
}

// Stop starts nothing more and waits for what is being started.
func (d *Dispatcher) Stop() {
	d.mu.Lock()
	d.stopped = true
	d.changed.Broadcast()
	d.mu.Unlock()
	d.done.Wait()
}

func (d *Dispatcher) run() {
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

// next returns the next order as soon as it may be started; false once the Dispatcher is stopped.
func (d *Dispatcher) next() (*domain.Order, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.stopped && (d.backoff.active || d.queue.length == 0 || float64(d.running) >= d.pacing.limit || d.holds()) {
		d.changed.Wait()
	}
	if d.stopped {
		return nil, false
	}
	d.running++
	return d.queue.pop(), true
}

// HoldWhile holds starts while rush reports one, for at most Config.Hold.
func (d *Dispatcher) HoldWhile(rush func() bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold.rush = rush
}

// holds reports whether starts are held back because shoppers still wait at the Requests: for at most Config.Hold from
// the beginning of a rush. The first call in a rush starts that time. The caller holds mu.
func (d *Dispatcher) holds() bool {
	if d.cfg.Hold == 0 || !d.hold.rush() {
		d.hold.since = time.Time{}
		return false
	}
	if d.hold.since.IsZero() {
		d.hold.since = time.Now()
		time.AfterFunc(d.cfg.Hold, d.Wake)
	}
	return time.Since(d.hold.since) < d.cfg.Hold
}

// Wake makes the Dispatcher check again whether it may start orders.
func (d *Dispatcher) Wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changed.Broadcast()
}

// finished takes the result of a start into account.
func (d *Dispatcher) finished(order *domain.Order, took time.Duration, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.changed.Broadcast()
	d.running--
	var invalid *serviceerror.InvalidArgument
	if errors.As(err, &invalid) { // only this order is refused: the others do not wait for it
		slog.Error("workflow start refused by Temporal; order left to the sweeper", "order_id", order.ID, "error", err)
		delete(d.known, order.ID)
		return
	}
	if err != nil { // started or not: to start it again is safe
		d.queue.push(order)
		d.backOff(err)
		return
	}
	delete(d.known, order.ID)
	if d.backoff.pause > 0 {
		slog.Info("Temporal answers again", "waiting", d.queue.length)
	}
	d.backoff.pause = 0
	d.pacing.observe(took, time.Now(), d.queue.length > 0)
}

// backOff starts nothing for a moment. Of many failures at once the first counts.
func (d *Dispatcher) backOff(cause error) {
	if d.backoff.active || d.stopped {
		return
	}
	if d.backoff.pause == 0 {
		slog.Warn("workflow start failed; starts paused", "orders_waiting", d.queue.length, "pause", minBackoff, "error", cause)
	}
	d.pacing.fail()
	d.backoff = backoff{active: true, pause: min(max(2*d.backoff.pause, minBackoff), maxBackoff)}
	time.AfterFunc(d.backoff.pause, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.backoff.active = false
		d.changed.Broadcast()
	})
}

// Position returns an order's position among those that wait here for the same product, and about how long it will wait; false if
// it does not wait here.
func (d *Dispatcher) Position(o *domain.Order) (position int, wait time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	position, before, waits := d.queue.position(o)
	return position, time.Duration(before) * d.pacing.interval, waits
}
