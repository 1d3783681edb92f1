package server

import (
	"context"
	"sync"

	"runrun/domain"
)

// lane lets a few in at once, and who is known first: hashing a password costs a core for a moment and 20 MB, and a crowd of
// strangers must not keep those out who have logged in from their address before.
type lane struct {
	width, longest int // at once, and waiting of each kind

	mu      sync.Mutex
	inside  int
	passed  int // to those who are known, one after another
	known   []chan struct{}
	strange []chan struct{}
}

// knownInARow is how many who are known go before a stranger does: with an account of one's own anybody becomes known.
const knownInARow = 3

// enter waits for a place; the returned function gives it back.
// Errors: Overloaded if too many wait, or if ctx ends first.
func (l *lane) enter(ctx context.Context, known bool) (leave func(), err error) {
	l.mu.Lock()
	if l.inside < l.width {
		l.inside++
		l.mu.Unlock()
		return l.leave, nil
	}
	queue := &l.strange
	if known {
		queue = &l.known
	}
	if len(*queue) >= l.longest {
		l.mu.Unlock()
		return nil, errLane
	}
	turn := make(chan struct{}, 1)
	*queue = append(*queue, turn)
	l.mu.Unlock()
	select {
	case <-turn:
		return l.leave, nil
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

var errLane = domain.Errorf(domain.Overloaded, "too many people are logging in; try again in a moment")

func (l *lane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pass()
}

// pass gives a place to whoever is next.
func (l *lane) pass() {
	order := []*[]chan struct{}{&l.known, &l.strange}
	if l.passed >= knownInARow {
		order = []*[]chan struct{}{&l.strange, &l.known}
	}
	for _, queue := range order {
		if len(*queue) > 0 {
			if l.passed++; queue == &l.strange {
				l.passed = 0
			}
			(*queue)[0] <- struct{}{}
			*queue = (*queue)[1:]
			return
		}
	}
	l.inside--
}
