package auth

import (
	"context"
	"sync"

	"runrun/domain"
)

// lane is a semaphore with priority: hashing a password costs a core for a moment and 20 MB, and a crowd of strangers must not keep
// out those who have logged in from their address before.
type lane struct {
	width    int // holders at once
	maxQueue int // waiters of each kind

	mu        sync.Mutex
	held      int
	knownRow  int // known callers served one after another
	known     []chan struct{}
	strangers []chan struct{}
}

// maxKnownRow is how many known callers are served before a stranger is: with an account of one's own anybody becomes known.
const maxKnownRow = 3

// acquire waits for a place; the returned function releases it.
// Errors: Overloaded if too many wait, or if ctx ends first.
func (l *lane) acquire(ctx context.Context, known bool) (release func(), err error) {
	l.mu.Lock()
	if l.held < l.width {
		l.held++
		l.mu.Unlock()
		return l.release, nil
	}
	queue := &l.strangers
	if known {
		queue = &l.known
	}
	if len(*queue) >= l.maxQueue {
		l.mu.Unlock()
		return nil, errLane
	}
	turn := make(chan struct{}, 1)
	*queue = append(*queue, turn)
	l.mu.Unlock()
	select {
	case <-turn:
		return l.release, nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, waiting := range *queue {
		if waiting == turn {
			*queue = append((*queue)[:n], (*queue)[n+1:]...)
			return nil, errLane
		}
	}
	l.pass() // the turn came at the same moment
	return nil, errLane
}

var errLane = domain.Errorf(domain.CodeOverloaded, "too many people are logging in; try again in a moment")

func (l *lane) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pass()
}

// pass gives a place to the next waiter.
func (l *lane) pass() {
	order := []*[]chan struct{}{&l.known, &l.strangers}
	if l.knownRow >= maxKnownRow {
		order = []*[]chan struct{}{&l.strangers, &l.known}
	}
	for _, queue := range order {
		if len(*queue) > 0 {
			if l.knownRow++; queue == &l.strangers {
				l.knownRow = 0
			}
			(*queue)[0] <- struct{}{}
			*queue = (*queue)[1:]
			return
		}
	}
	l.held--
}
