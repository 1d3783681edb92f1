package redis_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
)

func none() (int64, error) { return 0, nil }

func TestTicketsAreDrawnOnceEach(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		tickets := redis.NewTickets(client)
		product := domain.ProductID(redistest.Unique("prd_"))
		var mu sync.Mutex
		var got []int64
		var drawn sync.WaitGroup
		for range 20 {
			drawn.Go(func() {
				ticket, err := tickets.Draw(t.Context(), product, none)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, ticket)
			})
		}
		drawn.Wait()
		slices.Sort(got)
		want := make([]int64, 20)
		for i := range want {
			want[i] = int64(i + 1)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tickets of twenty shoppers at once (-want +got):\n%s", diff)
		}
	})
}

func TestTicketsGoOnAfterRedisRestartedEmpty(t *testing.T) {
	client, server := redistest.Embedded(t)
	tickets := redis.NewTickets(client)
	if _, err := tickets.Draw(t.Context(), "prd_a", none); err != nil {
		t.Fatal(err)
	}
	server.FlushAll()
	ticket, err := tickets.Draw(t.Context(), "prd_a", func() (int64, error) { return 41, nil })
	if err != nil || ticket != 42 {
		t.Errorf("got %d, %v; want 42, after the last that an order carries", ticket, err)
	}
	server.FlushAll()
	broken := errors.New("no database")
	if _, err := tickets.Draw(t.Context(), "prd_a", func() (int64, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the seed's error", err)
	}
}

func TestTicketsWithoutRedis(t *testing.T) {
	client, server := redistest.Embedded(t)
	server.Close()
	if _, err := redis.NewTickets(client).Draw(t.Context(), "prd_a", none); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}

func TestAnnouncementsReachTheWatchersOfTheOrder(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		events := redis.NewEvents(client)
		var listening sync.WaitGroup
		listening.Go(func() { events.Listen(t.Context()) })
		t.Cleanup(listening.Wait)

		mine, other := domain.OrderID(redistest.Unique("ord_")), domain.OrderID(redistest.Unique("ord_"))
		changed, stop := events.Watch(mine)
		defer stop()
		unchanged, stopOther := events.Watch(other)
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
	if err := redis.NewEvents(client).Announce(t.Context(), "ord_a"); domain.CodeOf(err) != domain.Unavailable {
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
