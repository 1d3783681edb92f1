package checkout

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"golang.org/x/sync/semaphore"

	"runrun/domain"
)

// RequestQueue bounds the order requests that are processed at once; the others wait in order of arrival, before anything is done
// for them. If all requests of a rush were processed at once, each would take so long that most clients would give up and retry.
type RequestQueue struct {
	slots        *semaphore.Weighted // first come, first served
	waiting      atomic.Int64
	turnedAway   atomic.Int64
	onQueueEmpty func() // called when no request waits any more
}

const (
	maxQueued    = 20_000 // requests that wait; one more is OVERLOADED
	queueTimeout = 10 * time.Second
)

// NewRequestQueue returns a queue that processes that many requests at once.
func NewRequestQueue(slots int64) *RequestQueue {
	return &RequestQueue{slots: semaphore.NewWeighted(slots), onQueueEmpty: func() {}}
}

// Observe shows operators how many wait, and how many were turned away.
func (q *RequestQueue) Observe() error {
	meter := otel.Meter("runrun/orders")
	waiting, err1 := meter.Int64ObservableGauge("runrun_order_requests_waiting",
		metric.WithDescription("Requests for an order that wait for a slot of this process, before anything is done for them."))
	away, err2 := meter.Int64ObservableCounter("runrun_order_requests_turned_away",
		metric.WithDescription("Requests for an order that waited in vain for a slot, and were told OVERLOADED."))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(waiting, q.waiting.Load())
		o.ObserveInt64(away, q.turnedAway.Load())
		return nil
	}, waiting, away)
	return err
}

// OnQueueEmpty sets what is called when no request waits any more. It is set before the first request.
func (q *RequestQueue) OnQueueEmpty(notify func()) { q.onQueueEmpty = notify }

// slot is what a request holds while it is processed. One goroutine uses it.
type slot struct {
	queue *RequestQueue
	held  bool
}

type slotKey struct{}

// Enter waits for a slot, and returns a context that carries it and a function that releases it.
// Errors: Overloaded if too many wait, or if it takes too long.
func (q *RequestQueue) Enter(ctx context.Context) (withSlot context.Context, release func(), err error) {
	ctx = context.WithValue(ctx, slotKey{}, &slot{queue: q})
	return ctx, func() { releaseSlot(ctx) }, q.reenter(ctx)
}

// reenter waits for a slot, unless the request still holds one.
// Errors: as of Enter.
func (q *RequestQueue) reenter(ctx context.Context) error {
	s, ok := ctx.Value(slotKey{}).(*slot)
	if !ok || s.held {
		return nil
	}
	if !q.slots.TryAcquire(1) {
		if err := q.wait(ctx); err != nil {
			return err
		}
	}
	s.held = true
	return nil
}

// Rush reports whether requests wait for a slot.
func (q *RequestQueue) Rush() bool { return q.waiting.Load() > 0 }

func (q *RequestQueue) wait(ctx context.Context) error {
	defer func() {
		if q.waiting.Add(-1) == 0 {
			q.onQueueEmpty()
		}
	}()
	if q.waiting.Add(1) > maxQueued {
		q.turnedAway.Add(1)
		return errQueueFull
	}
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	if q.slots.Acquire(ctx, 1) != nil {
		q.turnedAway.Add(1)
		return errQueueFull
	}
	return nil
}

var errQueueFull = domain.Errorf(domain.CodeOverloaded, "too many are ordering at this moment; nothing was ordered, try again in a moment")

// releaseSlot releases the request's slot: the order is accepted or refused, or waits for an earlier one of the same shopper.
func releaseSlot(ctx context.Context) {
	if s, ok := ctx.Value(slotKey{}).(*slot); ok && s.held {
		s.held = false
		s.queue.slots.Release(1)
	}
}
