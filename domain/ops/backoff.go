package ops

import (
	"context"
	"time"
)

// Pauses between two tries to reach what a process needs at its start.
const (
	minPause = 250 * time.Millisecond
	maxPause = 5 * time.Second
)

// Backoff is the pause between two tries, which doubles from a quarter of a second to five seconds. The zero value begins at the shortest.
type Backoff struct{ last time.Duration }

// Wait pauses, and reports false if ctx ends before the pause does.
func (b *Backoff) Wait(ctx context.Context) bool {
	b.last = min(max(2*b.last, minPause), maxPause)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(b.last):
		return true
	}
}
