package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// What is in the database beside the past.
const (
	openOrders    = 10_000 // HELD, all of the product that is on sale
	pastShoppers  = 10_000
	benchmarkUnit = 64 // orders of a batch
)

// BenchmarkGrowth measures what the shop does all day while the past grows: paid orders, every tenth of them of the product that is
// still on sale, and 10,000 orders that are open. It runs on MySQL where MYSQL_DSN names it, else on SQLite.
func BenchmarkGrowth(b *testing.B) {
	cfg := storetest.SQLite
	if os.Getenv("MYSQL_DSN") != "" {
		cfg = storetest.MySQL
	}
	s := storetest.Open(b, cfg(b))
	storetest.Product(b, s, domain.MaxUnits, func(p *domain.Product) { p.ID = onSale })
	writeOrders(b, s, written{domain.StatusHeld, allOnSale, pastShoppers, 0, openOrders})
	from := 0
	for _, past := range []int{10_000, 100_000, 1_000_000} {
		writeOrders(b, s, written{domain.StatusPlaced, everyTenth, pastShoppers, from, past})
		from = past
		settle(b, s)
		run := func(name string, act func(b *testing.B, s *store.Store)) {
			b.Run(fmt.Sprintf("%s/past=%d", name, past), func(b *testing.B) { act(b, s) })
		}
		run("intake of 64 orders", benchmarkAccept)
		run("reserve 64 orders", benchmarkReserveBatch)
		for name, act := range reads {
			run(name, repeated(act))
		}
		run("gate: loaded anew", repeated(func(ctx context.Context, s *store.Store) error { // grows with what was sold of the product
			_, err := s.Owned(ctx, onSale)
			return err
		}))
		run("an order expires", benchmarkExpire)
	}
}

func repeated(act read) func(b *testing.B, s *store.Store) {
	return func(b *testing.B, s *store.Store) {
		for b.Loop() {
			if err := act(b.Context(), s); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func newBatch() []domain.NewOrder {
	batch := make([]domain.NewOrder, benchmarkUnit)
	for n := range batch {
		batch[n] = storetest.NewOrder(domain.UserID(fmt.Sprint("usr_past", n)),
			domain.OrderItem{ProductID: onSale, Name: "Sneaker", Quantity: 1, UnitPrice: domain.Won(1000)})
	}
	return batch
}

func benchmarkAccept(b *testing.B, s *store.Store) {
	for b.Loop() {
		if _, err := s.Accept(b.Context(), newBatch()); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	removeNew(b, s)
}

func benchmarkReserveBatch(b *testing.B, s *store.Store) {
	for b.Loop() {
		b.StopTimer()
		batch := newBatch()
		if _, err := s.Accept(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		in := domain.ReserveBatch{Products: []domain.ProductID{onSale}, PayWithin: time.Hour}
		for _, o := range batch {
			in.Orders = append(in.Orders, o.ID)
		}
		b.StartTimer()
		if _, err := s.Reserve(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	removeNew(b, s)
}

// removeNew takes away what a measurement has left behind: the next one is to find the same present.
func removeNew(b *testing.B, s *store.Store) {
	const measured = "ord_A" // ids of storetest sort before it, those of writeOrders behind
	storetest.Exec(b, s, `UPDATE stocks SET available = available + (SELECT COUNT(*) FROM reservations WHERE product_id = ? AND order_id < ?
		AND status = 'HELD') WHERE product_id = ?`, onSale, measured, onSale)
	storetest.Exec(b, s, "DELETE FROM orders WHERE id < ?", measured)
	for _, table := range []string{"order_items", "reservations", "order_events"} {
		storetest.Exec(b, s, "DELETE FROM "+table+" WHERE order_id < ?", measured)
	}
}

// settle waits until MySQL has cleaned up after what was written before: else that is measured.
func settle(b *testing.B, s *store.Store) {
	if s.Dialect() == "sqlite" {
		return
	}
	const old = "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'"
	for began := time.Now(); storetest.Count(b, s, old) > 1000; {
		if time.Since(began) > 2*time.Minute {
			b.Fatal("the database does not come to rest")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// benchmarkExpire lets orders expire as after a drop: many at once, all of one product.
func benchmarkExpire(b *testing.B, s *store.Store) {
	ids := make([]domain.OrderID, b.N)
	for n := range ids {
		ids[n] = domain.OrderID(fmt.Sprintf("ord_HELD%d", firstID+n))
	}
	for chunk := range slices.Chunk(ids, 500) {
		storetest.Exec(b, s, "UPDATE orders SET pay_by = 1 WHERE id >= ? AND id <= ?", chunk[0], chunk[len(chunk)-1])
	}
	b.ResetTimer()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				_, err := s.Release(b.Context(), domain.Release{OrderID: ids[n-1], End: domain.StatusExpired, Reason: domain.ReasonUnpaid})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	workers.Wait()
	b.StopTimer()
	storetest.Exec(b, s, `UPDATE stocks SET available = available - (SELECT COUNT(*) FROM reservations WHERE product_id = ? AND status = 'RELEASED')
		WHERE product_id = ?`, onSale, onSale)
	storetest.Exec(b, s, "UPDATE reservations SET status = 'HELD' WHERE product_id = ? AND status = 'RELEASED'", onSale)
	storetest.Exec(b, s, "UPDATE orders SET status = 'HELD', pay_by = ? WHERE status = 'EXPIRED'", time.Now().Add(time.Hour).UnixMilli())
}
