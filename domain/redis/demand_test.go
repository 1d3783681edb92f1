package redis_test

import (
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
)

func TestDemandAddsUp(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		demand := redis.NewDemand(client)
		lamp, bell := domain.ProductID(redistest.Unique("prd_")), domain.ProductID(redistest.Unique("prd_"))
		for range 2 {
			err := demand.AddDemand(t.Context(), map[domain.ProductID]domain.Demand{lamp: {Ordered: 2, Refused: 30}, bell: {Refused: 1}})
			if err != nil {
				t.Fatal(err)
			}
		}
		for id, want := range map[domain.ProductID]domain.Demand{lamp: {Ordered: 4, Refused: 60}, bell: {Refused: 2}, "prd_none": {}} {
			if got, err := demand.DemandFor(t.Context(), id); err != nil || got != want {
				t.Errorf("%s: %+v, %v; want %+v", id, got, err, want)
			}
		}
		if left, err := client.TTL(t.Context(), "runrun:demand:{"+string(lamp)+"}").Result(); err != nil || left <= 0 {
			t.Errorf("kept for %s, %v", left, err)
		}
	})
}
