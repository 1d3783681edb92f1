package redis_test

import (
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
)

func TestAnnouncementsReachTheWatchersOfTheOrder(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		events := redis.NewEvents(client)
		var listening sync.WaitGroup
		listening.Go(func() { events.Listen(t.Context()) })
		t.Cleanup(listening.Wait)

		mine, other := domain.OrderID(redistest.Unique("ord_")), domain.OrderID(redistest.Unique("ord_"))
		changed, stop := events.WatchOrder(mine)
		defer stop()
		unchanged, stopOther := events.WatchOrder(other)
		defer stopOther()
		until(t, func() bool { // the subscription takes a moment
			if err := events.Announce(t.Context(), mine); err != nil {
				t.Fatal(err)
			}
			select {
			case <-changed:
				return true
			case <-time.After(20 * time.Millisecond):
				return false
			}
		})
		select {
		case <-unchanged:
			t.Error("another order's watcher was woken")
		default:
		}
	})
}

func TestAnnounceWithoutRedis(t *testing.T) {
	client, server := redistest.Embedded(t)
	server.Close()
	if err := redis.NewEvents(client).Announce(t.Context(), "ord_a"); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}

// until tries again until ok, for at most ten seconds.
func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if ok() {
			return
		}
	}
	t.Fatal("it did not happen within ten seconds")
}
