package dispatch

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"runrun/domain"
)

// claims are orders that are to be swept, each leased once.
type claims struct {
	mu                    sync.Mutex
	undispatched, overdue []domain.Order
	asked                 int
}

func (c *claims) take(from *[]domain.Order, limit int) []domain.Order {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	n := min(limit, len(*from))
	taken := slices.Clone((*from)[:n])
	*from = (*from)[n:]
	return taken
}

func (c *claims) ClaimUndispatched(_ context.Context, limit int, _ time.Duration) ([]domain.Order, error) {
	return c.take(&c.undispatched, limit), nil
}

func (c *claims) ClaimOverdue(_ context.Context, limit int, _, _ time.Duration) ([]domain.Order, error) {
	return c.take(&c.overdue, limit), nil
}

func (c *claims) Unfinished(_ context.Context, ids []domain.OrderID) (unfinished []domain.Order, err error) {
	for _, id := range ids {
		if id != "ord_finished" {
			unfinished = append(unfinished, domain.Order{ID: id, Status: domain.StatusHeld})
		}
	}
	return unfinished, nil
}

// What a crash left without a workflow is dispatched, however much there is, and nothing is claimed while Temporal is absent.
func TestTheSweeperDispatchesWhatIsOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		started := map[domain.OrderID]bool{}
		d := newTestDispatcher(t, func(_ context.Context, o domain.Order) error {
			mu.Lock()
			defer mu.Unlock()
			started[o.ID] = true
			return nil
		}, 64, 1000)
		defer d.Stop()
		left := &claims{}
		for ticket := range int64(250) {
			left.undispatched = append(left.undispatched, order(ticket+1))
		}
		var there atomic.Bool
		ping := func(context.Context) error {
			if !there.Load() {
				return domain.Errorf(domain.CodeUnavailable, "gone")
			}
			return nil
		}
		sweeper := NewSweeper(left, d, nil, ping, SweepConfig{Undispatched: time.Second, Orphans: time.Hour})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go sweeper.Run(ctx)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		left.mu.Lock()
		if left.asked != 0 {
			t.Errorf("claimed %d times while Temporal is absent", left.asked)
		}
		left.mu.Unlock()
		there.Store(true)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(started) != 250 {
			t.Errorf("%d of 250 were started", len(started))
		}
	})
}

// Orders that are overdue, and those whose workflow was closed from outside, are adopted; one that cannot be keeps no other waiting.
func TestTheSweeperAdoptsOrphans(t *testing.T) {
	temporal := &mocks.Client{}
	closed := func(ids ...string) (all []*workflow.WorkflowExecutionInfo) {
		for _, id := range ids {
			all = append(all, &workflow.WorkflowExecutionInfo{Execution: &common.WorkflowExecution{WorkflowId: "order/" + id}})
		}
		return all
	}
	temporal.On("ListWorkflow", mock.Anything,
		mock.MatchedBy(func(r *workflowservice.ListWorkflowExecutionsRequest) bool { return r.GetNextPageToken() == nil })).
		Return(
			&workflowservice.ListWorkflowExecutionsResponse{Executions: closed("ord_terminated", "ord_finished"), NextPageToken: []byte("more")},
			nil).Once()
	temporal.On("ListWorkflow", mock.Anything, mock.Anything).Return(
		&workflowservice.ListWorkflowExecutionsResponse{Executions: closed("ord_failed")}, nil).Once()
	var mu sync.Mutex
	var adopted []string
	temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil, started).Run(
		func(args mock.Arguments) {
			mu.Lock()
			defer mu.Unlock()
			options, _ := args.Get(1).(client.StartWorkflowOptions)
			if options.WorkflowIDReusePolicy != enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE {
				t.Errorf("%s under %s", options.ID, options.WorkflowIDReusePolicy)
			}
			adopted = append(adopted, options.ID)
		},
	)
	starter := newTestStarter(t, temporal, unpaid)
	sweeper := NewSweeper(&claims{overdue: []domain.Order{{ID: "ord_overdue", Status: domain.StatusHeld}}}, nil, starter,
		func(context.Context) error { return nil }, SweepConfig{})
	if err := sweeper.adoptOrphans(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(adopted)
	if want := []string{"order/ord_failed", "order/ord_overdue", "order/ord_terminated"}; !slices.Equal(adopted, want) {
		t.Errorf("adopted %v, want %v", adopted, want)
	}
}
