package checkout

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"runrun/api/batch"
	"runrun/domain"
	"runrun/domain/ids"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// benchStore is the database of MYSQL_DSN, else SQLite.
func benchStore(b *testing.B) store.Config {
	if os.Getenv("MYSQL_DSN") != "" {
		return storetest.MySQL(b)
	}
	return storetest.SQLite(b)
}

// BenchmarkIntake compares writing accepted orders in batches with a transaction for each.
func BenchmarkIntake(b *testing.B) {
	for name, size := range map[string]int{"batched": 128, "one by one": 1} {
		b.Run(name, func(b *testing.B) {
			s := storetest.Open(b, benchStore(b))
			p := storetest.Product(b, s, 1)
			intake, err := NewIntake(s, noGate{}, noDispatcher{}, batch.Config{Writers: 2, Size: size, Queue: 20_000, Timeout: time.Minute})
			if err != nil {
				b.Fatal(err)
			}
			defer intake.Stop()
			b.SetParallelism(128)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					order := storetest.NewOrder("usr_bench", storetest.Item(p, 1))
					order.ID, order.IdempotencyKey = ids.New[domain.OrderID](domain.OrderPrefix), uuid.NewString()
					if isNew, err := intake.Accept(context.Background(), order); err != nil || !isNew {
						b.Errorf("%t, %v", isNew, err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

// noGate and noDispatcher take what is handed over.
type (
	noGate       struct{ Gate }
	noDispatcher struct{}
)

func (noGate) ConfirmTickets(context.Context, []domain.NewOrder) error { return nil }
func (noDispatcher) Add(...domain.Order)                               {}
func (noDispatcher) Room() int                                         { return 1 }
