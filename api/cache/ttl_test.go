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

// Ten thousand who look at one product cost one statement a second, and nobody sees a count that is older.
func TestStockIsCountedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var counts atomic.Int64
		stocks := NewStocks(func(context.Context, domain.ProductID) (domain.Stock, error) {
			time.Sleep(10 * time.Millisecond) // the clock of this test stands still but for waiting
			return domain.Stock{Available: counts.Add(1)}, nil
		})
		look := func(want int64) {
			t.Helper()
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() {
					if stock, err := stocks.Get(t.Context(), "prd_a"); err != nil || stock.Available != want {
						t.Errorf("count %d, %v; want count %d", stock.Available, err, want)
					}
				})
			}
			all.Wait()
		}
		look(1)
		time.Sleep(StockTTL - 20*time.Millisecond)
		look(1)
		time.Sleep(20 * time.Millisecond)
		look(2)
		stocks.Invalidate("prd_a") // units came back
		look(3)
	})
}

func TestStockOfNoProduct(t *testing.T) {
	stocks := NewStocks(func(context.Context, domain.ProductID) (domain.Stock, error) {
		return domain.Stock{}, domain.Errorf(domain.CodeNotFound, "none")
	})
	if _, err := stocks.Get(t.Context(), "prd_none"); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("got %v, want NOT_FOUND", err)
	}
	if len(stocks.entries) != 0 {
		t.Error("an error was kept")
	}
}
