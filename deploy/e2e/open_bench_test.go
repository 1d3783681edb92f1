package e2e

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// openFlag is how many workflows are open at once. Each of them is decided first, so ten thousand take minutes.
var openFlag = flag.Int("open", 10_000, "orders that are open in BenchmarkOpenOrders")

// openFor is how long the orders stay open: longer than it takes to open them all.
func openFor() time.Duration { return 20*time.Second + time.Duration(*openFlag)*28*time.Millisecond }

// BenchmarkOpenOrders measures a paid order beside ten thousand open ones, and how long it takes until the units of all of them are
// available again if they expire at the same moment: the worker is away when they do.
func BenchmarkOpenOrders(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 4 * atOnce
	slog.SetDefault(slog.New(slog.DiscardHandler))
	r := own(b, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) {
		s.API.PayWithin, s.API.OrphansEvery = openFor(), time.Hour // the sweeper would help
	})
	worker := r.startWorkerProcess()
	product := r.product(int64(*openFlag), func(p *domain.Product) { p.LimitPerShopper = 1 })
	r.openOrders(b, product, *openFlag)
	b.Run("paid order beside the open ones", func(b *testing.B) { r.benchmarkPaidOrder(b, r.API.URL()) })
	worker.kill()
	r.awaitCount(b, 2*openFor(), "SELECT COUNT(*) FROM orders WHERE status = 'HELD' AND pay_by > ?", func(left int) bool { return left == 0 })
	began := time.Now()
	r.startWorkerProcess()
	r.awaitCount(b, 2*openFor(), "SELECT COUNT(*) FROM orders WHERE status = 'HELD' AND pay_by < ?", func(left int) bool { return left == 0 })
	took := time.Since(began)
	b.Run("all expire at once", func(b *testing.B) { // measured above: an order expires only once
		b.ReportMetric(took.Seconds(), "s/all")
		b.ReportMetric(float64(*openFlag)/took.Seconds(), "orders/s")
	})
	storetest.WantStock(b, r.Store, product, int64(*openFlag), 0, 0)
}

// openOrders makes that many orders, and returns when all are held.
func (r harness) openOrders(b *testing.B, product domain.ProductID, count int) {
	b.Helper()
	var next atomic.Int64
	var lanes sync.WaitGroup
	for range atOnce {
		lanes.Go(func() {
			for n := next.Add(1); n <= int64(count); n = next.Add(1) {
				shopper := r.mint(domain.UserID(fmt.Sprint("usr_open", n)))
				got := shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", "open", "Prefer", "wait=0")
				if got.Status >= http.StatusMultipleChoices {
					b.Errorf("order: %d %s", got.Status, got.rawBody)
					return
				}
			}
		})
	}
	lanes.Wait()
	r.awaitCount(b, openFor(), "SELECT COUNT(*) FROM orders WHERE status = 'HELD' AND pay_by > ?", func(held int) bool { return held == count })
}

// awaitCount waits until what a query counts, given the time, is as wanted.
func (r harness) awaitCount(b *testing.B, limit time.Duration, query string, wanted func(count int) bool) {
	b.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for began := time.Now(); ; <-ticker.C {
		count := storetest.Count(b, r.Store, query, time.Now().UnixMilli())
		if wanted(count) {
			return
		}
		if time.Since(began) > limit {
			b.Fatalf("%d after %s: %s", count, limit, query)
		}
	}
}
