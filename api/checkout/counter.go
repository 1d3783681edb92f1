package checkout

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"runrun/domain"
)

// Counter bounds the requests for orders that are worked on at once; the others wait in the order in which they came, before
// anything is done for them. Were all of a rush worked on at once, each would take so long that most gave up, and came again.
type Counter struct {
	places  *semaphore.Weighted // first come, first served
	waiting atomic.Int64
	calm    func() // called when nobody waits any more
}

const (
	counterQueue   = 20_000 // requests that wait; the next gets OVERLOADED
	counterTimeout = 10 * time.Second
)

// NewCounter returns a Counter for that many requests at once.
func NewCounter(places int64) *Counter {
	return &Counter{places: semaphore.NewWeighted(places), calm: func() {}}
}

// OnCalm sets what is called when nobody waits any more. It is set before the first request.
func (c *Counter) OnCalm(notify func()) { c.calm = notify }

// place is a request's place at the Counter. One goroutine uses it.
type place struct {
	counter *Counter
	held    bool
}

type placeKey struct{}

// Enter waits for a place, and returns a context that carries it and a function that releases it.
// Errors: Overloaded if too many wait, or if it takes too long.
func (c *Counter) Enter(ctx context.Context) (withPlace context.Context, leave func(), err error) {
	ctx = context.WithValue(ctx, placeKey{}, &place{counter: c})
	return ctx, func() { leaveCounter(ctx) }, c.reenter(ctx)
}

// reenter waits for a place, unless the request still holds it.
// Errors: as of Enter.
func (c *Counter) reenter(ctx context.Context) error {
	p, ok := ctx.Value(placeKey{}).(*place)
	if !ok || p.held {
		return nil
	}
	if !c.places.TryAcquire(1) {
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
	p.held = true
	return nil
}

// Rush reports whether anybody waits for a place.
func (c *Counter) Rush() bool { return c.waiting.Load() > 0 }

func (c *Counter) wait(ctx context.Context) error {
	defer func() {
		if c.waiting.Add(-1) == 0 {
			c.calm()
		}
	}()
	if c.waiting.Add(1) > counterQueue {
		return errCounter
	}
	ctx, cancel := context.WithTimeout(ctx, counterTimeout)
	defer cancel()
	if c.places.Acquire(ctx, 1) != nil {
		return errCounter
	}
	return nil
}

var errCounter = domain.Errorf(domain.CodeOverloaded, "too many are ordering at this moment; nothing was ordered, try again in a moment")

// leaveCounter releases the request's place: the order is accepted or refused, or waits for an earlier one of the same shopper.
func leaveCounter(ctx context.Context) {
	if p, ok := ctx.Value(placeKey{}).(*place); ok && p.held {
		p.held = false
		p.counter.places.Release(1)
	}
}
