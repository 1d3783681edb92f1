package cache

import (
	"sync"
	"time"

	"runrun/domain"
)

// A SOLD_OUT answer of the gate is cached in the process. For soldOutFor every request for the product is refused
// without a call to the gate. Then one request probes the gate, while the others are refused for at most probeFor more:
// Redis sees one call instead of all. So a cached refusal is at most one second old.
const (
	soldOutFor = 900 * time.Millisecond
	probeFor   = 100 * time.Millisecond
)

// maxSoldOut bounds the products that are remembered.
const maxSoldOut = 1000

// SoldOut remembers for a moment which products were sold out. The zero value is ready.
type SoldOut struct {
	mu       sync.Mutex
	products map[domain.ProductID]*soldOutEntry
}

type soldOutEntry struct {
	until   time.Time
	probing bool // a request is asking the gate
}

// Refuses reports whether to refuse a product without asking the gate. Of those who ask when the entry has expired, it lets one
// through.
func (s *SoldOut) Refuses(product domain.ProductID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.products[product]
	now := time.Now()
	switch {
	case !there:
		return false
	case now.Before(e.until):
		return true
	case e.probing || now.After(e.until.Add(probeFor)):
		delete(s.products, product)
		return false
	default:
		e.until, e.probing = e.until.Add(probeFor), true
		return false
	}
}

// Known reports whether a product is about to be refused, and lets nobody through to the gate.
func (s *SoldOut) Known(product domain.ProductID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.products[product]
	return there && time.Now().Before(e.until)
}

// Set remembers that the gate has just refused a product.
func (s *SoldOut) Set(product domain.ProductID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.products == nil || len(s.products) >= maxSoldOut {
		s.products = map[domain.ProductID]*soldOutEntry{}
	}
	s.products[product] = &soldOutEntry{until: time.Now().Add(soldOutFor)}
}

// Clear forgets a product: units came back.
func (s *SoldOut) Clear(product domain.ProductID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.products, product)
}
