package activities_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"runrun/activities"
	"runrun/activities/stocklock"
	"runrun/domain"
	"runrun/domain/redis/redistest"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// buyers is how many shoppers wait for their reservation at once.
const buyers = 256

// BenchmarkReserve compares the combined reservation of one hot product with a lock for every order, which runs the same
// transaction, on MySQL and Redis where MYSQL_DSN and REDIS_ADDR name them, else on SQLite and the embedded Redis. Each worker
// is a combiner with connections of its own.
func BenchmarkReserve(b *testing.B) {
	for _, workers := range []int{1, 4} {
		for name, batch := range map[string]int{"combined": 128, "lock per order": 1} {
			b.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(b *testing.B) { benchmarkReserve(b, workers, batch) })
		}
	}
}

func benchmarkReserve(b *testing.B, workers, batch int) {
	cfg, client := benchBackend(b)
	s := storetest.Open(b, cfg)
	p := storetest.Product(b, s, int64(b.N), unique)
	ids := benchOrders(b, s, p)
	combiners := make([]*activities.Combiner, workers)
	for n := range combiners {
		locker, err := stocklock.New(client, stocklock.Config{Lease: 10 * time.Second, Pause: 5 * time.Millisecond})
		if err != nil {
			b.Fatal(err)
		}
		combiners[n], err = activities.NewCombiner(storetest.Open(b, cfg), locks{locker},
			activities.CombinerConfig{MaxBatch: batch, LockWait: time.Minute, BatchLimit: 8 * time.Second})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	var next atomic.Int64
	together(buyers, func(int) {
		for n := next.Add(1) - 1; n < int64(len(ids)); n = next.Add(1) - 1 {
			if _, err := combiners[n%int64(workers)].Reserve(context.Background(), ask(ids[n], p)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	storetest.WantStock(b, s, p.ID, 0, int64(b.N), 0)
}

func benchBackend(b *testing.B) (store.Config, goredis.UniversalClient) {
	if os.Getenv("MYSQL_DSN") != "" && os.Getenv("REDIS_ADDR") != "" {
		return storetest.MySQL(b), redistest.Real(b)
	}
	client, _ := redistest.Embedded(b)
	return storetest.SQLite(b), client
}

// benchOrders writes one order for every iteration.
func benchOrders(b *testing.B, s *store.Store, p domain.Product) []domain.OrderID {
	b.Helper()
	ids := make([]domain.OrderID, 0, b.N)
	for len(ids) < b.N {
		orders := make([]domain.NewOrder, min(500, b.N-len(ids)))
		for n := range orders {
			orders[n] = storetest.NewOrder(domain.UserID(fmt.Sprint("usr_", len(ids)+n)), storetest.Item(p, 1))
			orders[n].Ticket = int64(len(ids) + n + 1)
		}
		if _, err := s.Accept(b.Context(), orders); err != nil {
			b.Fatal(err)
		}
		for _, o := range orders {
			ids = append(ids, o.ID)
		}
	}
	return ids
}
