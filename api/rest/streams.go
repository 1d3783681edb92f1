package rest

import (
	"sync"

	"runrun/domain"
)

// streams bounds the connections that wait for something to happen: all of one kind, and those of one caller. Each kind has its own:
// strangers who watch products must not take the places of shoppers who follow their orders.
type streams struct {
	limits StreamLimits

	mu   sync.Mutex
	open int
	of   map[string]int // by caller
}

// StreamLimits bound event streams and long polls that are open at once.
type StreamLimits struct {
	Most, Each int // of all callers, and of one
}

func newStreams(limits StreamLimits) *streams {
	return &streams{limits: limits, of: map[string]int{}}
}

// enter takes a place for a caller; the returned function gives it back.
// Errors: TooManyRequests if the caller has too many, Overloaded if all have.
func (s *streams) enter(caller string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[caller] >= s.limits.Each:
		return nil, domain.Errorf(domain.CodeTooManyRequests, "you have too many streams open: at most %d", s.limits.Each)
	case s.open >= s.limits.Most:
		return nil, domain.Errorf(domain.CodeOverloaded, "too many are waiting for something to happen; ask again in a moment")
	}
	s.open++
	s.of[caller]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.of[caller]--; s.of[caller] == 0 {
			delete(s.of, caller)
		}
	}), nil
}
