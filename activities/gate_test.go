package activities_test

import (
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.temporal.io/sdk/testsuite"

	"runrun/activities"
	"runrun/domain"
	"runrun/domain/redis"
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
	seen, there, err := gate.Look(t.Context(), product, time.Minute)
	if err != nil || !there {
		t.Fatalf("the gate is not there: %v", err)
	}
	return seen.Left
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
			ticket, refusal, err := gate.Enter(t.Context(), p.ID, user, 2)
			if refusal != nil || err != nil {
				t.Fatal(ticket, refusal, err)
			}
			item := storetest.Item(p, 2)
			item.Ticket = ticket
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
		if ticket, refusal, err := gate.Enter(t.Context(), p.ID, "usr_a", 4); ticket != 1 || refusal != nil || err != nil {
			t.Fatal(ticket, refusal, err)
		}
		reconcile(t, s, gate)
		if got := left(t, gate, p.ID); got != 6 {
			t.Errorf("%d are left, want 6: four are pending", got)
		}
	})
}
