package activities_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"
	"go.temporal.io/sdk/testsuite"

	"runrun/activities"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// reconcile runs the activity as a worker does.
func reconcile(t *testing.T, s *store.Store, gate *redis.Gate) workflows.GateReport {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(activities.QuickGates(s, gate))
	value, err := env.ExecuteActivity("ReconcileGates")
	if err != nil {
		t.Fatal(err)
	}
	var report workflows.GateReport
	if err := value.Get(&report); err != nil {
		t.Fatal(err)
	}
	return report
}

func left(t *testing.T, gate *redis.Gate, product domain.ProductID) int64 {
	t.Helper()
	seen, there, err := gate.Snapshot(t.Context(), product, time.Minute)
	if err != nil || !there {
		t.Fatalf("the gate is not there: %v", err)
	}
	return seen.Left
}

// enter draws a ticket.
func enter(t *testing.T, gate *redis.Gate, product domain.ProductID, user domain.UserID, quantity int) int64 {
	t.Helper()
	answers, err := gate.Enter(t.Context(), []domain.GateEntry{{Product: product, User: user, Quantity: quantity}})
	if err != nil || answers[0].Ticket == 0 {
		t.Fatalf("no ticket: %+v, %v", answers, err)
	}
	return answers[0].Ticket
}

// A gate that lets too many or too few in is mended by the database; the database stays.
func TestTheGateIsMendedNeverTheTruth(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		for name, wrong := range map[string]int64{"lets too many in": 50, "lets too few in": 1, "lets nobody in": 0, "is right": 7} {
			t.Run(name, func(t *testing.T) {
				p := storetest.Product(t, s, 10, unique)
				storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
				storetest.Received(t, s, "usr_b", storetest.Item(p, 1)) // ordered, not decided
				if err := gate.Seed(t.Context(), domain.GateSeed{Product: p, Left: wrong}); err != nil {
					t.Fatal(err)
				}
				reconcile(t, s, gate)
				if got := left(t, gate, p.ID); got != 7 {
					t.Errorf("after the reconciliation %d are left, want 10 - 2 held - 1 ordered", got)
				}
				storetest.WantStock(t, s, p.ID, 8, 2, 0)
			})
		}
	})
}

// An order is written, and its ticket is pending for a moment more: it is counted once.
func TestTheReconcilerCountsAWrittenTicketOnce(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		p := storetest.Product(t, s, 10, unique)
		if err := gate.Seed(t.Context(), domain.GateSeed{Product: p, Left: 10}); err != nil {
			t.Fatal(err)
		}
		for _, user := range []domain.UserID{"usr_a", "usr_b", "usr_c"} {
			item := storetest.Item(p, 2)
			item.Ticket = enter(t, gate, p.ID, user, 2)
			switch user {
			case "usr_a":
				storetest.Received(t, s, user, item)
			case "usr_b":
				storetest.Held(t, s, user, item)
			}
		}
		if report := reconcile(t, s, gate); report.Mended != 0 {
			t.Errorf("a gate that is right was mended: %+v", report)
		}
		if got := left(t, gate, p.ID); got != 4 {
			t.Errorf("%d are left, want 4", got)
		}
	})
}

// Tickets that are being made orders of count as taken.
func TestTheReconcilerRespectsPendingTickets(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		p := storetest.Product(t, s, 10, unique)
		if err := gate.Seed(t.Context(), domain.GateSeed{Product: p, Left: 10}); err != nil {
			t.Fatal(err)
		}
		enter(t, gate, p.ID, "usr_a", 4)
		reconcile(t, s, gate)
		if got := left(t, gate, p.ID); got != 6 {
			t.Errorf("%d are left, want 6: four are pending", got)
		}
	})
}

// The counts of shoppers are corrected as well: one missed give-back must not use up a limit for ever, and one missed order must
// not let a shopper have more.
func TestTheReconcilerCorrectsShoppersCounts(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *store.Store, client goredis.UniversalClient) {
		gate := redis.NewGate(client)
		p := storetest.Product(t, s, 10, unique, storetest.Limit(2))
		storetest.Held(t, s, "usr_holds", storetest.Item(p, 1))
		storetest.Received(t, s, "usr_waits", storetest.Item(p, 2))
		seed := domain.GateSeed{Product: p, Left: 7, Owned: map[domain.UserID]int64{"usr_gone": 2, "usr_holds": 2}} // usr_waits is missing
		if err := gate.Seed(t.Context(), seed); err != nil {
			t.Fatal(err)
		}
		enter(t, gate, p.ID, "usr_pending", 1)
		if report := reconcile(t, s, gate); report.Mended != 1 {
			t.Errorf("corrected %d gates, want 1", report.Mended)
		}
		seen, _, err := gate.Snapshot(t.Context(), p.ID, time.Minute)
		want := map[domain.UserID]int64{"usr_holds": 1, "usr_waits": 2, "usr_pending": 1}
		if diff := cmp.Diff(want, seen.Owned); diff != "" || err != nil {
			t.Errorf("what shoppers own (-want +got), %v:\n%s", err, diff)
		}
	})
}

// eachBackend runs a test on SQLite with the embedded Redis, and on MySQL with a real one.
func eachBackend(t *testing.T, test func(t *testing.T, s *store.Store, client goredis.UniversalClient)) {
	t.Run("embedded", func(t *testing.T) {
		client, _ := redistest.Embedded(t)
		test(t, storetest.Open(t, storetest.SQLite(t)), client)
	})
	t.Run("real", func(t *testing.T) {
		s := storetest.Open(t, storetest.MySQL(t))
		test(t, s, redistest.Real(t))
	})
}

// unique gives a product an id that no other test's gate has: the real Redis is shared.
func unique(p *domain.Product) { p.ID = domain.ProductID(redistest.Unique(domain.ProductPrefix)) }
