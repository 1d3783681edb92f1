package server

import (
	"sync"
	"time"

	"runrun/domain"
)

// What a process believes about a product that the gate said was sold out: it is refused without asking again for soldOutFor;
// then one shopper asks the gate while the others are refused for probeFor more, so that they do not all rush to Redis at
// once. Together that is the second for which the shop may be behind.
const (
	soldOutFor = 900 * time.Millisecond
	probeFor   = 100 * time.Millisecond
)

// soldOut remembers, for a moment, which products were sold out. The zero value is ready.
type soldOut struct {
	mu    sync.Mutex
	since map[domain.ProductID]*belief
}

type belief struct {
	until   time.Time
	probing bool // somebody is asking the gate
}

// is says whether to refuse a product without asking the gate.
func (s *soldOut) is(product domain.ProductID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, there := s.since[product]
	now := time.Now()
	switch {
	case !there:
		return false
	case now.Before(b.until):
		return true
	case b.probing || now.After(b.until.Add(probeFor)):
		delete(s.since, product)
		return false
	default:
		b.until, b.probing = b.until.Add(probeFor), true
		return false
	}
}

// known reports whether a product is about to be refused, without sending anybody to the gate.
func (s *soldOut) known(product domain.ProductID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, there := s.since[product]
	return there && time.Now().Before(b.until)
}

// maxSoldOut bounds the products that are remembered.
const maxSoldOut = 1000

func (s *soldOut) set(product domain.ProductID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since == nil || len(s.since) >= maxSoldOut {
		s.since = map[domain.ProductID]*belief{}
	}
	s.since[product] = &belief{until: time.Now().Add(soldOutFor)}
}

// clear forgets a product: units came back.
func (s *soldOut) clear(product domain.ProductID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.since, product)
}
