package checkout

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric/noop"

	"runrun/domain"
)

// sums are those of all processes; they can be gone.
type sums struct {
	mu   sync.Mutex
	gone bool
	all  map[domain.ProductID]domain.Demand
}

func (s *sums) AddDemand(_ context.Context, counts map[domain.ProductID]domain.Demand) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return errors.New("gone")
	}
	for id, more := range counts {
		s.all[id] = domain.Demand{Ordered: s.all[id].Ordered + more.Ordered, Refused: s.all[id].Refused + more.Refused}
	}
	return nil
}

// Orders that are taken or refused are counted for each product. Other failures are not counted, and the counts survive an outage of Redis.
func TestDemandIsCountedAndHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sums{all: map[domain.ProductID]domain.Demand{}, gone: true}
		d := NewDemand(s)
		defer d.Stop()
		items := []domain.OrderItem{{ProductID: "prd_a"}, {ProductID: "prd_b"}}
		d.count(t.Context(), items, nil)
		for _, code := range []domain.Code{domain.CodeSoldOut, domain.CodeLimitExceeded, domain.CodeNotOpenYet, domain.CodeClosed,
			domain.CodeOverloaded, domain.CodeUnavailable, domain.CodeUnknownProduct, domain.CodeTooManyRequests} {
			d.count(t.Context(), items[:1], domain.Errorf(code, "no"))
		}
		time.Sleep(3 * demandEvery) // of the test's clock
		synctest.Wait()
		s.mu.Lock()
		s.gone = false
		s.mu.Unlock()
		d.count(t.Context(), items[1:], nil)
		time.Sleep(2 * demandEvery)
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.all["prd_a"] != (domain.Demand{Ordered: 1, Refused: 4}) || s.all["prd_b"] != (domain.Demand{Ordered: 2}) {
			t.Errorf("counted %+v", s.all)
		}
	})
}

// Made-up products do not fill the memory.
func TestDemandIsBounded(t *testing.T) {
	d := &Demand{outcomes: noop.Int64Counter{}, counts: map[domain.ProductID]domain.Demand{}}
	for n := range maxDemanded + 10 {
		d.count(t.Context(), []domain.OrderItem{{ProductID: domain.ProductID(rune(n + 1))}}, nil)
	}
	if len(d.counts) > maxDemanded {
		t.Errorf("%d products are counted", len(d.counts))
	}
}
