package redis_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	miniredisserver "github.com/alicebob/miniredis/v2/server"
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
	answer, err := enterOne(t, gate, product, user, quantity)
	if err != nil {
		t.Error(err)
	}
	if answer.Refusal != nil {
		return answer.Ticket, answer.Refusal.Code
	}
	return answer.Ticket, ""
}

func enterOne(t *testing.T, gate *redis.Gate, product domain.ProductID, user domain.UserID, quantity int) (domain.GateAnswer, error) {
	t.Helper()
	answers, err := gate.Enter(t.Context(), []domain.GateEntry{{Product: product, User: user, Quantity: quantity}})
	if err != nil {
		return domain.GateAnswer{}, err
	}
	return answers[0], answers[0].Err
}

func item(product domain.ProductID, ticket int64, quantity int) []domain.OrderItem {
	return []domain.OrderItem{{ProductID: product, Ticket: ticket, Quantity: quantity}}
}

func wantSnapshot(t *testing.T, gate *redis.Gate, product domain.ProductID, left, pending int64) domain.GateSnapshot {
	t.Helper()
	seen, there, err := gate.Snapshot(t.Context(), product, time.Minute)
	if err != nil || !there || seen.Left != left || pendingUnits(seen) != pending {
		t.Errorf("the gate has %d left and %d pending (there %t, %v), want %d and %d", seen.Left, pendingUnits(seen), there, err, left, pending)
	}
	return seen
}

func pendingUnits(s domain.GateSnapshot) (units int64) {
	for _, p := range s.Pending {
		units += p.Quantity
	}
	return units
}

// Many who come at once are answered each for itself, those of every product in the order in which they came.
func TestManyAtTheGateAtOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		few := newProduct(t, gate, 2)
		limited := newProduct(t, gate, 10, func(s *domain.GateSeed) { s.Product.LimitPerShopper, s.LastTicket = 2, 40 })
		unseeded := domain.ProductID(redistest.Unique("prd_"))
		entry := func(product domain.ProductID, user domain.UserID, quantity int) domain.GateEntry {
			return domain.GateEntry{Product: product, User: user, Quantity: quantity}
		}
		got, err := gate.Enter(t.Context(), []domain.GateEntry{
			entry(few, "usr_a", 1), entry(limited, "usr_a", 2), entry(unseeded, "usr_a", 1), entry(few, "usr_b", 2), entry(limited, "usr_a", 1),
			entry(few, "usr_c", 1), entry(limited, "usr_b", 1), entry(few, "usr_d", 1),
		})
		refused := func(code domain.Code) domain.GateAnswer {
			return domain.GateAnswer{Refusal: &domain.GateRefusal{Code: code}}
		}
		want := []domain.GateAnswer{
			{Ticket: 1}, {Ticket: 41}, {}, refused(domain.CodeSoldOut), refused(domain.CodeLimitExceeded),
			{Ticket: 2}, {Ticket: 42}, refused(domain.CodeSoldOut),
		}
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%v\n%s", err, cmp.Diff(want, got))
		}
		wantSnapshot(t, gate, few, 0, 2)
		wantSnapshot(t, gate, limited, 7, 3)
	})
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
				if code == domain.CodeSoldOut {
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
		wantSnapshot(t, gate, product, 0, 20)
	})
}

func TestTheGateRefuses(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		early := newProduct(t, gate, 1, func(s *domain.GateSeed) { s.Product.OpensAt = time.Now().Add(time.Hour) })
		answer, err := enterOne(t, gate, early, "usr_a", 1)
		if refusal := answer.Refusal; err != nil || refusal == nil || refusal.Code != domain.CodeNotOpenYet ||
			time.Until(refusal.OpensAt) < 59*time.Minute {
			t.Errorf("before the opening: %+v, %v", refusal, err)
		}
		late := newProduct(t, gate, 1, func(s *domain.GateSeed) { s.Product.ClosesAt = time.Now().Add(-time.Hour) })
		if _, code := enter(t, gate, late, "usr_a", 1); code != domain.CodeClosed {
			t.Errorf("after closing: %q", code)
		}
		limited := newProduct(t, gate, 10, func(s *domain.GateSeed) {
			s.Product.LimitPerShopper, s.Owned = 3, map[domain.UserID]int64{"usr_a": 2}
		})
		if _, code := enter(t, gate, limited, "usr_a", 2); code != domain.CodeLimitExceeded {
			t.Errorf("above the limit: %q", code)
		}
		if ticket, code := enter(t, gate, limited, "usr_a", 1); code != "" || ticket != 1 {
			t.Errorf("up to the limit: ticket %d, %q", ticket, code)
		}
		if _, code := enter(t, gate, limited, "usr_b", 11); code != domain.CodeLimitExceeded {
			t.Errorf("another, above the limit: %q", code)
		}
		if answer, err := enterOne(t, gate, domain.ProductID(redistest.Unique("prd_")), "usr_a", 1); !answer.Unseeded() || err != nil {
			t.Errorf("a gate that is not there: %+v, %v", answer, err)
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
		wantSnapshot(t, gate, product, 2, 0)
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
		if _, code := enter(t, gate, product, "usr_a", 1); code != domain.CodeLimitExceeded {
			t.Fatalf("a second one: %q, want LIMIT_EXCEEDED", code)
		}
		if _, _, err := gate.Snapshot(t.Context(), product, -time.Second); err != nil { // everything is abandoned
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
		wantSnapshot(t, gate, product, 5, 5)
		if err := gate.ConfirmTickets(t.Context(), []domain.NewOrder{{UserID: "usr_a", Items: item(product, first, 2)}}); err != nil {
			t.Fatal(err)
		}
		wantSnapshot(t, gate, product, 5, 3)
		seen, _, err := gate.Snapshot(t.Context(), product, -time.Second) // everything is older than a moment to come
		if err != nil || len(seen.Pending) != 0 {
			t.Errorf("abandoned tickets: %v pending, %v", seen.Pending, err)
		}
	})
}

func TestTheGateIsMendedOnlyIfNothingHappened(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 10)
		old := wantSnapshot(t, gate, product, 10, 0)
		enter(t, gate, product, "usr_a", 1)
		if mended, err := gate.Correct(t.Context(), product, old, domain.GateCorrection{Left: 99}); mended || err != nil {
			t.Errorf("after something happened: mended %t, %v", mended, err)
		}
		if mended, err := gate.Correct(t.Context(), product, wantSnapshot(t, gate, product, 9, 1),
			domain.GateCorrection{Left: 4}); !mended ||
			err != nil {
			t.Errorf("mended %t, %v", mended, err)
		}
		wantSnapshot(t, gate, product, 4, 1)
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
		wantSnapshot(t, gate, product, 4, 1)
		if gates, err := gate.Gates(t.Context()); err != nil || !slices.Contains(gates, product) {
			t.Errorf("gates %v, %v", gates, err)
		}
		for _, units := range []int64{10, -3} {
			if err := gate.Add(t.Context(), product, units); err != nil {
				t.Fatal(err)
			}
		}
		wantSnapshot(t, gate, product, 11, 1)
		if err := gate.Add(t.Context(), "prd_none", 5); err != nil {
			t.Errorf("a gate that is not there: %v", err)
		}
	})
}

func TestTheGateWithoutRedis(t *testing.T) {
	client, server := redistest.Embedded(t)
	gate := redis.NewGate(client)
	server.Close()
	if _, err := enterOne(t, gate, "prd_a", "usr_a", 1); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("enter: %v, want UNAVAILABLE", err)
	}
	if err := gate.GiveBack(t.Context(), "ord_a", "usr_a", item("prd_a", 1, 1)); domain.CodeOf(err) != domain.CodeUnavailable {
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

// Redis came back empty: whatever is done to the gate before it is seeded again leaves no half of one.
func TestAnUnseededGateIsLeftAlone(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := domain.Product{ID: domain.ProductID(redistest.Unique("prd_"))}
		orders := []domain.NewOrder{{ID: "ord_1", UserID: "usr_a", Items: item(product.ID, 7, 1)}}
		for name, do := range map[string]func() error{
			"written":   func() error { return gate.ConfirmTickets(t.Context(), orders) },
			"give back": func() error { return gate.GiveBack(t.Context(), "ord_1", "usr_a", orders[0].Items) },
			"add":       func() error { return gate.Add(t.Context(), product.ID, 5) },
			"correct": func() error {
				_, err := gate.Correct(t.Context(), product.ID, domain.GateSnapshot{}, domain.GateCorrection{Left: 5})
				return err
			},
			"correct owned": func() error {
				_, err := gate.CorrectOwned(t.Context(), product.ID, "usr_a", 1, time.Second)
				return err
			},
		} {
			if err := do(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, there, err := gate.Snapshot(t.Context(), product.ID, time.Minute); there || err != nil {
				t.Errorf("after %q there is a gate, %v", name, err)
			}
			if left, err := client.Keys(t.Context(), "runrun:gate:{"+string(product.ID)+"}*").Result(); len(left) > 0 || err != nil {
				t.Errorf("%q left %v, %v", name, left, err)
			}
		}
		if err := gate.Seed(t.Context(), domain.GateSeed{Product: product, Left: 3}); err != nil {
			t.Fatal(err)
		}
		if ticket, code := enter(t, gate, product.ID, "usr_a", 1); ticket != 1 || code != "" {
			t.Errorf("after seeding: ticket %d, %q", ticket, code)
		}
	})
}

// A shopper's count is set as the database says it; tickets of a moment ago count on top.
func TestAShoppersCountIsCorrected(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 10, func(s *domain.GateSeed) {
			s.Product.LimitPerShopper, s.Owned = 2, map[domain.UserID]int64{"usr_a": 2, "usr_b": 2}
		})
		if recent, err := gate.CorrectOwned(t.Context(), product, "usr_a", 0, time.Minute); recent != 0 || err != nil {
			t.Fatal(recent, err)
		}
		if _, code := enter(t, gate, product, "usr_a", 2); code != "" {
			t.Errorf("corrected to 0: %q", code)
		}
		if recent, err := gate.CorrectOwned(t.Context(), product, "usr_a", 0, time.Minute); recent != 2 || err != nil {
			t.Errorf("%d units are on their way, %v; want 2", recent, err)
		}
		if _, code := enter(t, gate, product, "usr_a", 1); code != domain.CodeLimitExceeded {
			t.Errorf("with two units on their way: %q", code)
		}
		if _, code := enter(t, gate, product, "usr_b", 1); code != domain.CodeLimitExceeded {
			t.Errorf("another shopper: %q", code)
		}
	})
}

// The state of Redis is found by a probe: a Redis that is slow for a moment is there, one that refuses connections is not.
func TestPresence(t *testing.T) {
	_, server := redistest.Embedded(t)
	presence, err := redis.NewPresence(t.Context(),
		redis.Config{Addr: server.Addr(), Limit: time.Second, GateLimit: time.Second, Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = presence.Close() })
	if presence.Check(t.Context()) || presence.Err() != nil {
		t.Errorf("it is there, and is said to be absent: %v", presence.Err())
	}
	server.Close()
	if !presence.Check(t.Context()) || domain.CodeOf(presence.Err()) != domain.CodeUnavailable {
		t.Errorf("it is gone: %v", presence.Err())
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return !presence.Check(t.Context()) }) // go-redis dials anew only once a second
	server.SetError("BUSY Redis is busy running a script")        // it answers, if not what it should
	if presence.Check(t.Context()) {
		t.Errorf("it is busy: %v", presence.Err())
	}
	server.SetError("")
	release := make(chan struct{})
	server.Server().SetPreHook(func(*miniredisserver.Peer, string, ...string) bool { <-release; return false })
	busy, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if presence.Check(busy) {
		t.Error("it is busy, and is said to be absent")
	}
	close(release)
}

// A ticket that became an order has changed the gate: what was found before it is not corrected any more.
func TestAWrittenTicketIsAChange(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		product := newProduct(t, gate, 10)
		ticket, _ := enter(t, gate, product, "usr_a", 1)
		old := wantSnapshot(t, gate, product, 9, 1)
		if err := gate.ConfirmTickets(t.Context(), []domain.NewOrder{{UserID: "usr_a", Items: item(product, ticket, 1)}}); err != nil {
			t.Fatal(err)
		}
		if corrected, err := gate.Correct(t.Context(), product, old, domain.GateCorrection{Left: 99}); corrected || err != nil {
			t.Errorf("corrected %t, %v", corrected, err)
		}
		wantSnapshot(t, gate, product, 9, 0)
	})
}
