package redis_test

import (
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

// newProduct is a product whose gate no other test knows, seeded with the given units.
func newProduct(t *testing.T, gate *redis.Gate, left int64, change ...func(*domain.GateSeed)) domain.ProductID {
	t.Helper()
	seed := domain.GateSeed{Product: domain.Product{ID: domain.ProductID(redistest.Unique("prd_"))}, Left: left}
	for _, alter := range change {
		alter(&seed)
	}
	if err := gate.Seed(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
	return seed.Product.ID
}

// enter asks for units and returns the ticket, or the code of the refusal.
func enter(t *testing.T, gate *redis.Gate, product domain.ProductID, user domain.UserID, quantity int) (int64, domain.Code) {
	t.Helper()
	ticket, refusal, err := gate.Enter(t.Context(), product, user, quantity)
	if err != nil {
		t.Error(err)
	}
	if refusal != nil {
		return ticket, refusal.Code
	}
	return ticket, ""
}

func item(product domain.ProductID, ticket int64, quantity int) []domain.OrderItem {
	return []domain.OrderItem{{ProductID: product, Ticket: ticket, Quantity: quantity}}
}

func wantLook(t *testing.T, gate *redis.Gate, product domain.ProductID, left, pending int64) domain.GateLook {
	t.Helper()
	seen, there, err := gate.Look(t.Context(), product, time.Minute)
	if err != nil || !there || seen.Left != left || seen.Pending != pending {
		t.Errorf("the gate has %d left and %d pending (there %t, %v), want %d and %d", seen.Left, seen.Pending, there, err, left, pending)
	}
	return seen
}

// A hundred shoppers, twenty units: twenty tickets, each number once, and everybody else is refused.
func TestTheGateLetsInAsManyAsThereAre(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 20)
		var mu sync.Mutex
		var tickets []int64
		refused := 0
		var done sync.WaitGroup
		for range 100 {
			done.Go(func() {
				ticket, code := enter(t, gate, product, "usr_a", 1)
				mu.Lock()
				defer mu.Unlock()
				if code == domain.SoldOut {
					refused++
				} else {
					tickets = append(tickets, ticket)
				}
			})
		}
		done.Wait()
		slices.Sort(tickets)
		want := make([]int64, 20)
		for i := range want {
			want[i] = int64(i + 1)
		}
		if diff := cmp.Diff(want, tickets); diff != "" || refused != 80 {
			t.Errorf("%d refused; tickets (-want +got):\n%s", refused, diff)
		}
		wantLook(t, gate, product, 0, 20)
	})
}

func TestTheGateRefuses(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		early := newProduct(t, gate, 1, func(s *domain.GateSeed) { s.Product.OpensAt = time.Now().Add(time.Hour) })
		_, refusal, err := gate.Enter(t.Context(), early, "usr_a", 1)
		if err != nil || refusal == nil || refusal.Code != domain.NotOpenYet || time.Until(refusal.OpensAt) < 59*time.Minute {
			t.Errorf("before the opening: %+v, %v", refusal, err)
		}
		late := newProduct(t, gate, 1, func(s *domain.GateSeed) { s.Product.ClosesAt = time.Now().Add(-time.Hour) })
		if _, code := enter(t, gate, late, "usr_a", 1); code != domain.Closed {
			t.Errorf("after closing: %q", code)
		}
		limited := newProduct(t, gate, 10, func(s *domain.GateSeed) {
			s.Product.LimitPerShopper, s.Owned = 3, map[domain.UserID]int64{"usr_a": 2}
		})
		if _, code := enter(t, gate, limited, "usr_a", 2); code != domain.LimitExceeded {
			t.Errorf("above the limit: %q", code)
		}
		if ticket, code := enter(t, gate, limited, "usr_a", 1); code != "" || ticket != 1 {
			t.Errorf("up to the limit: ticket %d, %q", ticket, code)
		}
		if _, code := enter(t, gate, limited, "usr_b", 11); code != domain.LimitExceeded {
			t.Errorf("another, above the limit: %q", code)
		}
		if ticket, refusal, err := gate.Enter(t.Context(), domain.ProductID(redistest.Unique("prd_")), "usr_a", 1); ticket != 0 || refusal != nil || err != nil {
			t.Errorf("a gate that is not there: %d, %+v, %v", ticket, refusal, err)
		}
	})
}

// Units are given back once, whoever repeats it, and the shopper may come again.
func TestTheGateTakesUnitsBackOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 2, func(s *domain.GateSeed) { s.Product.LimitPerShopper = 2 })
		ticket, _ := enter(t, gate, product, "usr_a", 2)
		for range 3 {
			if err := gate.GiveBack(t.Context(), "ord_1", "usr_a", item(product, ticket, 2)); err != nil {
				t.Fatal(err)
			}
		}
		if err := gate.GiveBack(t.Context(), "ord_2", "usr_b", item(product, 0, 1)); err != nil { // came without a ticket, took nothing
			t.Fatal(err)
		}
		wantLook(t, gate, product, 2, 0)
		if _, code := enter(t, gate, product, "usr_a", 2); code != "" {
			t.Errorf("again: %q", code)
		}
	})
}

// The API was killed between ticket and order: the shopper's limit is free again when the ticket is dropped.
func TestAnAbandonedTicketDoesNotCountTowardsTheLimit(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 5, func(seed *domain.GateSeed) { seed.Product.LimitPerShopper = 1 })
		if ticket, code := enter(t, gate, product, "usr_a", 1); ticket != 1 || code != "" {
			t.Fatalf("ticket %d, %s", ticket, code)
		}
		if _, code := enter(t, gate, product, "usr_a", 1); code != domain.LimitExceeded {
			t.Fatalf("a second one: %q, want LIMIT_EXCEEDED", code)
		}
		if _, _, err := gate.Look(t.Context(), product, -time.Second); err != nil { // everything is abandoned
			t.Fatal(err)
		}
		if ticket, code := enter(t, gate, product, "usr_a", 1); ticket != 2 || code != "" {
			t.Errorf("afterwards: ticket %d, %q", ticket, code)
		}
	})
}

// Tickets that became orders are not pending; those that nobody made an order of are dropped in time.
func TestPendingTickets(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 10)
		first, _ := enter(t, gate, product, "usr_a", 2)
		enter(t, gate, product, "usr_b", 3)
		wantLook(t, gate, product, 5, 5)
		if err := gate.Written(t.Context(), []domain.NewOrder{{UserID: "usr_a", Items: item(product, first, 2)}}); err != nil {
			t.Fatal(err)
		}
		wantLook(t, gate, product, 5, 3)
		seen, _, err := gate.Look(t.Context(), product, -time.Second) // everything is older than a moment to come
		if err != nil || seen.Pending != 0 {
			t.Errorf("abandoned tickets: %d pending, %v", seen.Pending, err)
		}
	})
}

func TestTheGateIsMendedOnlyIfNothingHappened(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 10)
		old := wantLook(t, gate, product, 10, 0)
		enter(t, gate, product, "usr_a", 1)
		if mended, err := gate.Mend(t.Context(), product, old, 99); mended || err != nil {
			t.Errorf("after something happened: mended %t, %v", mended, err)
		}
		if mended, err := gate.Mend(t.Context(), product, wantLook(t, gate, product, 9, 1), 4); !mended || err != nil {
			t.Errorf("mended %t, %v", mended, err)
		}
		wantLook(t, gate, product, 4, 1)
	})
}

// The first seed wins, tickets go on after the last that an order carries, and what is put on the shelf is let in.
func TestSeeding(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 5, func(s *domain.GateSeed) { s.LastTicket = 41 })
		if err := gate.Seed(t.Context(), domain.GateSeed{Product: domain.Product{ID: product}, Left: 99}); err != nil {
			t.Fatal(err)
		}
		if ticket, _ := enter(t, gate, product, "usr_a", 1); ticket != 42 {
			t.Errorf("ticket %d, want 42", ticket)
		}
		wantLook(t, gate, product, 4, 1)
		if gates, err := gate.Gates(t.Context()); err != nil || !slices.Contains(gates, product) {
			t.Errorf("gates %v, %v", gates, err)
		}
		for _, units := range []int64{10, -3} {
			if err := gate.Add(t.Context(), product, units); err != nil {
				t.Fatal(err)
			}
		}
		wantLook(t, gate, product, 11, 1)
		if err := gate.Add(t.Context(), "prd_none", 5); err != nil {
			t.Errorf("a gate that is not there: %v", err)
		}
	})
}

func TestTheGateWithoutRedis(t *testing.T) {
	client, server := redistest.Embedded(t)
	gate := redis.NewGate(client)
	server.Close()
	if _, _, err := gate.Enter(t.Context(), "prd_a", "usr_a", 1); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("enter: %v, want UNAVAILABLE", err)
	}
	if err := gate.GiveBack(t.Context(), "ord_a", "usr_a", item("prd_a", 1, 1)); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("give back: %v, want UNAVAILABLE", err)
	}
}

// Whoever believes that a product is sold out is told when units come back.
func TestReturnedUnitsAreAnnounced(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate, events := redis.NewGate(client), redis.NewEvents(client)
		product := newProduct(t, gate, 1000)
		returned := make(chan domain.ProductID, 1000)
		events.OnReturn(func(id domain.ProductID) { returned <- id })
		var listening sync.WaitGroup
		listening.Go(func() { events.Listen(t.Context()) })
		t.Cleanup(listening.Wait)
		order := 0
		until(t, func() bool { // the subscription takes a moment
			ticket, _ := enter(t, gate, product, "usr_a", 1)
			order++
			if err := gate.GiveBack(t.Context(), domain.OrderID(redistest.Unique("ord_")), "usr_a", item(product, ticket, 1)); err != nil {
				t.Fatal(err)
			}
			select {
			case id := <-returned:
				return id == product
			case <-time.After(20 * time.Millisecond):
				return false
			}
		})
	})
}
