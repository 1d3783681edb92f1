package pool

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"runrun/activities"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// withSchedule is a client that answers so when the old schedule of the gates is deleted.
func withSchedule(answer error) *mocks.Client {
	c, schedules, handle := &mocks.Client{}, &mocks.ScheduleClient{}, &mocks.ScheduleHandle{}
	c.On("ScheduleClient").Return(schedules)
	schedules.On("Create", mock.Anything, mock.Anything).Return(handle, nil)
	schedules.On("GetHandle", mock.Anything, workflows.GateWorkflowID).Return(handle)
	handle.On("Delete", mock.Anything).Return(answer)
	return c
}

// expectGates expects starts of the gates' workflow.
func expectGates(c *mocks.Client) *mock.Call {
	return c.On("ExecuteWorkflow", mock.Anything, mock.MatchedBy(func(o client.StartWorkflowOptions) bool {
		return o.ID == workflows.GateWorkflowID && o.TaskQueue == workflows.OrdersQueue && o.WorkflowRunTimeout > 0 &&
			o.WorkflowIDConflictPolicy == enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	}), mock.Anything).Return(nil, nil)
}

// newBase gives a pool a life that ends with the test.
func newBase(t *testing.T, p *Pool) *Pool {
	t.Helper()
	p.baseCtx, p.cancel = context.WithCancel(context.Background())
	t.Cleanup(func() {
		p.cancel()
		p.watching.Wait()
	})
	return p
}

// A build before this one made a schedule: two that correct the gates would undo each other's work.
func TestTheOldScheduleOfTheGatesIsRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		want   domain.Code
	}{
		"it is there":              {nil, ""},
		"there is none":            {serviceerror.NewNotFound("none"), ""},
		"Temporal does not answer": {serviceerror.NewUnavailable("gone"), domain.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			p := newBase(t, &Pool{cfg: Config{GatesEvery: time.Hour}, temporal: withSchedule(c.answer)})
			if err := p.watchGates(t.Context()); domain.CodeOf(err) != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// gates is one product's gate and the database beside it.
type gates struct {
	left, unclaimed int64
	limit           int
	err             error
}

func (g gates) Gates(context.Context) ([]domain.ProductID, error) {
	return []domain.ProductID{"prd_jar"}, g.err
}

func (g gates) Snapshot(context.Context, domain.ProductID, time.Duration) (domain.GateSnapshot, bool, error) {
	return domain.GateSnapshot{Left: g.left, Rules: domain.Product{}.GateRules()}, true, nil
}

func (g gates) Correct(context.Context, domain.ProductID, domain.GateSnapshot, domain.GateCorrection) (bool, error) {
	return false, domain.Errorf(domain.CodeInternal, "only the workflow corrects")
}

func (g gates) Claims(context.Context, domain.ProductID, []int64) (domain.Claims, error) {
	return domain.Claims{Unclaimed: g.unclaimed}, nil
}

func (g gates) Configure(context.Context, domain.ProductID, domain.GateRules) error {
	return domain.Errorf(domain.CodeInternal, "only the workflow corrects")
}

func (g gates) ProductsByID(context.Context, []domain.ProductID) (map[domain.ProductID]domain.Product, error) {
	return map[domain.ProductID]domain.Product{"prd_jar": {ID: "prd_jar", LimitPerShopper: g.limit}}, nil
}

func (g gates) Owned(context.Context, domain.ProductID) (map[domain.UserID]int64, error) {
	return nil, nil
}

// Gates that are right need no history; one that is off is corrected by one workflow, which shows in the Web UI.
func TestAWorkflowIsStartedOnlyForAGateThatIsOff(t *testing.T) {
	for name, c := range map[string]struct {
		gates  gates
		starts int
		want   domain.Code
	}{
		"it is right":           {gates{left: 5, unclaimed: 5}, 0, ""},
		"it lets too many in":   {gates{left: 9, unclaimed: 5}, 1, ""},
		"it lets too few in":    {gates{left: 0, unclaimed: 5}, 1, ""},
		"it has an older limit": {gates{left: 5, unclaimed: 5, limit: 1}, 1, ""},
		"Redis does not answer": {gates{err: domain.Errorf(domain.CodeUnavailable, "gone")}, 0, domain.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				temporal := &mocks.Client{}
				expectGates(temporal)
				p := newBase(t, &Pool{temporal: temporal})
				if err := p.compareGates(activities.NewGates(c.gates, c.gates)); domain.CodeOf(err) != c.want {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if len(temporal.Calls) != c.starts {
					t.Errorf("%d workflows were started, want %d", len(temporal.Calls), c.starts)
				}
			})
		})
	}
}

// Redis is away for a while: the gates are compared again when it is back, and no more once the pool stops.
func TestTheWatchOfTheGatesGoesOnAfterAFailure(t *testing.T) {
	lines := captureLog(t)
	database := storetest.Open(t, storetest.SQLite(t))
	gateRedis, server := redistest.Embedded(t)
	product := storetest.Product(t, database, 10)
	if err := redis.NewGate(gateRedis).Seed(t.Context(), domain.GateSeed{Product: product, Left: 50}); err != nil {
		t.Fatal(err)
	}
	server.SetError("LOADING")
	started := make(chan struct{}, 1)
	temporal := withSchedule(nil)
	expectGates(temporal).Run(func(mock.Arguments) {
		select {
		case started <- struct{}{}:
		default:
		}
	})
	p := newBase(t, &Pool{cfg: Config{GatesEvery: time.Millisecond}, temporal: temporal, store: database, gateRedis: gateRedis})
	if err := p.watchGates(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines.await(t, "gate comparison failed")
	server.SetError("")
	select {
	case <-started:
	case <-time.After(time.Minute):
		t.Fatal("no workflow was started")
	}
	p.cancel()
	p.watching.Wait()
}
