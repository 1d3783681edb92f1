package server

import (
	"context"
	"sync"

	"runrun/domain"
)

// turns lets requests that are the same go one after another: the second finds what the first has done. The zero value is
// ready.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the turn ends
}

// take waits for a turn; the returned function ends it.
// Errors: Unavailable if ctx ends first.
func (t *turns) take(ctx context.Context, name string) (end func(), err error) {
	for {
		t.mu.Lock()
		if t.taken == nil {
			t.taken = map[string]chan struct{}{}
		}
		turn, busy := t.taken[name]
		if !busy {
			turn = make(chan struct{})
			t.taken[name] = turn
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				delete(t.taken, name)
				close(turn)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-turn:
		case <-ctx.Done():
			return nil, domain.Because(domain.Unavailable, ctx.Err(), "the same request is still being worked on")
		}
	}
}
