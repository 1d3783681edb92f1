package server

import (
	"context"
	"sync"

	"runrun/domain"
)

// turns lets requests of the same name go one after another, in the order in which they came: the second finds what the first has
// done. The zero value is ready.
type turns struct {
	mu    sync.Mutex
	lines map[string][]chan struct{} // who waits for a turn that is taken, by name
}

// mostWaiting bounds the requests of one name that wait for their turn.
const mostWaiting = 64

// take waits for a turn; the returned function ends it.
// Errors: TooManyRequests if too many wait; Unavailable if ctx ends first.
func (t *turns) take(ctx context.Context, name string) (end func(), err error) {
	t.mu.Lock()
	if t.free(name) {
		t.mu.Unlock()
		return func() { t.pass(name) }, nil
	}
	line := t.lines[name]
	if len(line) >= mostWaiting {
		t.mu.Unlock()
		return nil, domain.Errorf(domain.TooManyRequests, "too many of your requests are under way; try again in a moment")
	}
	turn := make(chan struct{}, 1)
	t.lines[name] = append(line, turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return func() { t.pass(name) }, nil
	case <-ctx.Done():
		t.leave(name, turn)
		return nil, domain.Because(domain.Unavailable, ctx.Err(), "an earlier request of yours is still being worked on")
	}
}

// takeFree takes a turn if nobody has it; the returned function ends it.
func (t *turns) takeFree(name string) (end func(), free bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return func() { t.pass(name) }, t.free(name)
}

// free takes a turn if nobody has it.
func (t *turns) free(name string) bool {
	if t.lines == nil {
		t.lines = map[string][]chan struct{}{}
	}
	if _, taken := t.lines[name]; taken {
		return false
	}
	t.lines[name] = nil
	return true
}

// pass gives the turn to whoever waits longest.
func (t *turns) pass(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := t.lines[name]
	if len(line) == 0 {
		delete(t.lines, name)
		return
	}
	line[0] <- struct{}{}
	t.lines[name] = line[1:]
}

// leave gives a place in the line up, or the turn if it came at the same moment.
func (t *turns) leave(name string, turn chan struct{}) {
	t.mu.Lock()
	for n, waiting := range t.lines[name] {
		if waiting == turn {
			t.lines[name] = append(t.lines[name][:n:n], t.lines[name][n+1:]...)
			t.mu.Unlock()
			return
		}
	}
	t.mu.Unlock()
	t.pass(name)
}
