package redis_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
)

// BenchmarkGate measures how many shoppers a second one process takes through the gate, and how many it turns away there: on
// the Redis of REDIS_ADDR, else on the embedded one.
func BenchmarkGate(b *testing.B) {
	for name, left := range map[string]int64{"ticket": 1 << 40, "sold out": 0} {
		b.Run(name, func(b *testing.B) {
			gate := redis.NewGate(benchRedis(b))
			product := domain.Product{ID: domain.ProductID(redistest.Unique("prd_")), LimitPerShopper: 1}
			if err := gate.Seed(context.Background(), domain.GateSeed{Product: product, Left: left}); err != nil {
				b.Fatal(err)
			}
			var shopper atomic.Int64
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					user := domain.UserID(fmt.Sprint("usr_", shopper.Add(1)))
					answers, err := gate.Enter(context.Background(), []domain.GateEntry{{Product: product.ID, User: user, Quantity: 1}})
					if err != nil || (answers[0].Ticket > 0) != (left > 0) || (answers[0].Refusal == nil) != (left > 0) {
						b.Errorf("%+v, %v", answers, err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "shoppers/s")
		})
	}
}

func benchRedis(b *testing.B) goredis.UniversalClient {
	if os.Getenv("REDIS_ADDR") != "" {
		return redistest.Real(b)
	}
	client, _ := redistest.Embedded(b)
	return client
}
