package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// sharedOffers is a Redis that may be gone.
type sharedOffers struct {
	sync.Mutex
	kept map[domain.ProductID]domain.Offer
	gone bool
}

func (s *sharedOffers) Get(_ context.Context, id domain.ProductID) (domain.Offer, bool, error) {
	s.Lock()
	defer s.Unlock()
	if s.gone {
		return domain.Offer{}, false, domain.Errorf(domain.CodeUnavailable, "gone")
	}
	offer, kept := s.kept[id]
	return offer, kept, nil
}

func (s *sharedOffers) Put(_ context.Context, offer domain.Offer) error {
	s.Lock()
	defer s.Unlock()
	if s.gone {
		return domain.Errorf(domain.CodeUnavailable, "gone")
	}
	s.kept[offer.Product.ID] = offer
	return nil
}

// Two processes, one Redis, one database, whose reads are counted.
func testOffers(reads *atomic.Int64) (first, second *Offers, shared *sharedOffers) {
	shared = &sharedOffers{kept: map[domain.ProductID]domain.Offer{}}
	catalog := catalog{reads}
	return NewOffers(shared, catalog), NewOffers(shared, catalog), shared
}

// catalog is a database whose prices count how often it was read.
type catalog struct{ reads *atomic.Int64 }

func (c catalog) ProductsByID(_ context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error) {
	time.Sleep(10 * time.Millisecond) // the clock of this test stands still but for waiting
	if ids[0] == "prd_none" {
		return nil, nil
	}
	return map[domain.ProductID]domain.Product{ids[0]: {ID: ids[0], BrandID: "brd_a", Price: domain.Won(c.reads.Add(1))}}, nil
}

func (c catalog) BrandsByID(_ context.Context, ids []domain.BrandID) (map[domain.BrandID]domain.Brand, error) {
	return map[domain.BrandID]domain.Brand{ids[0]: {ID: ids[0]}}, nil
}

func wantPrice(t *testing.T, c *Offers, want int64) {
	t.Helper()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if offer, err := c.Get(context.Background(), "prd_a"); err != nil || offer.Product.Price.Amount != want {
				t.Errorf("price %d, %v; want %d", offer.Product.Price.Amount, err, want)
			}
		})
	}
	all.Wait()
}

func TestAProductIsReadOnceForAllProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int64
		first, second, _ := testOffers(&reads)
		wantPrice(t, first, 1)
		wantPrice(t, second, 1)
		time.Sleep(2 * offerTTL)
		wantPrice(t, first, 1)
	})
}

func TestAnEditedProductIsReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int64
		first, second, shared := testOffers(&reads)
		wantPrice(t, first, 1)
		wantPrice(t, second, 1)
		delete(shared.kept, "prd_a") // what redis.Products.Edited does …
		first.Invalidate("prd_a")    // … and what every process does that hears of it
		second.Invalidate("prd_a")
		wantPrice(t, second, 2)
		wantPrice(t, first, 2)
	})
}

func TestProductsAreShownWithoutRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int64
		first, _, shared := testOffers(&reads)
		shared.gone = true
		wantPrice(t, first, 1)
		time.Sleep(2 * offerTTL)
		wantPrice(t, first, 2)
	})
}

func TestAMissingProductIsNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, _, shared := testOffers(new(atomic.Int64))
		if _, err := first.Get(t.Context(), "prd_none"); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("got %v, want NOT_FOUND", err)
		}
		if len(first.entries) != 0 || len(shared.kept) != 0 {
			t.Error("nothing was remembered as something")
		}
	})
}
