package cache

import (
	"context"
	"time"
)

// offsetTTL is how long the difference between the database's clock and ours is cached.
const offsetTTL = 10 * time.Second

// Clock is the database's clock, as near as ten seconds of drift allow. It is for readers, and for admission without a gate; the
// reservation reads the database's clock itself.
type Clock struct {
	offset *TTL[string, time.Duration] // of the database's clock from ours
}

// NewClock returns a clock that follows what now returns.
func NewClock(now func(context.Context) (time.Time, error)) *Clock {
	return &Clock{NewTTL(offsetTTL, func(ctx context.Context, _ string) (time.Duration, error) {
		at, err := now(ctx)
		return time.Until(at), err
	})}
}

// Now returns the database's time.
// Errors: Unavailable.
func (c *Clock) Now(ctx context.Context) (time.Time, error) {
	offset, err := c.offset.Get(ctx, "")
	return time.Now().Add(offset).UTC(), err
}
