package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"

	"runrun/domain"
)

// counter is where orders are taken: some at once, first come, first served. Whoever comes in a rush waits for a place before
// anything is done for them. Were all of them served at once, each would take so long that most gave up, and came again.
type counter struct {
	places  *semaphore.Weighted // given in the order in which they were asked for
	waiting atomic.Int64
	calm    func() // is told when nobody waits any more
}

const (
	counterWaiting  = 20_000 // shoppers who wait for a place; the next is told OVERLOADED
	counterPatience = 10 * time.Second
)

func newCounter(places int64) *counter {
	return &counter{places: semaphore.NewWeighted(places), calm: func() {}}
}

// place is a request's place at the counter. One goroutine uses it.
type place struct {
	counter *counter
	taken   bool
}

type placeKey struct{}

// serve gives a request for an order its place; all others pass.
func (c *counter) serve(g *gin.Context) {
	if g.Request.Method != http.MethodPost || g.Request.URL.Path != "/v1/orders" {
		return
	}
	ctx := context.WithValue(g.Request.Context(), placeKey{}, &place{counter: c})
	g.Request = g.Request.WithContext(ctx)
	if err := c.comeBack(ctx); err != nil {
		writeProblem(g, err)
		return
	}
	defer leaveCounter(ctx)
	g.Next()
}

// comeBack waits for a place, unless the request has it still.
// Errors: Overloaded if too many wait, or if it takes too long.
func (c *counter) comeBack(ctx context.Context) error {
	p, ok := ctx.Value(placeKey{}).(*place)
	if !ok || p.taken {
		return nil
	}
	if !c.places.TryAcquire(1) {
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
	p.taken = true
	return nil
}

// rush says whether anybody waits for a place.
func (c *counter) rush() bool { return c.waiting.Load() > 0 }

func (c *counter) wait(ctx context.Context) error {
	defer func() {
		if c.waiting.Add(-1) == 0 {
			c.calm()
		}
	}()
	if c.waiting.Add(1) > counterWaiting {
		return errCounter
	}
	ctx, cancel := context.WithTimeout(ctx, counterPatience)
	defer cancel()
	if c.places.Acquire(ctx, 1) != nil {
		return errCounter
	}
	return nil
}

var errCounter = domain.Errorf(domain.Overloaded, "too many are ordering at this moment; nothing was ordered, try again in a moment")

// leaveCounter makes room for the next: the order is taken or refused, or waits for an earlier one of the same shopper.
func leaveCounter(ctx context.Context) {
	if p, ok := ctx.Value(placeKey{}).(*place); ok && p.taken {
		p.taken = false
		p.counter.places.Release(1)
	}
}
