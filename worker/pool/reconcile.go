package pool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"

	"runrun/activities"
	"runrun/domain"
	"runrun/workflows"
)

// ReconcileConfig says how often the books are compared.
type ReconcileConfig struct {
	Every    time.Duration `name:"reconcile-every" env:"RECONCILE_EVERY" default:"5m" help:"How often open orders, and the gateway's latest transactions, are compared."`
	Since    time.Duration `name:"reconcile-since" env:"RECONCILE_SINCE" default:"1h" help:"How far back the gateway's transactions are compared then."`
	AllAt    string        `name:"reconcile-all-at" env:"RECONCILE_ALL_AT" default:"0 3 * * *" help:"When everything is compared: minute, hour, day, month, weekday, in the zone of the shop."`
	AllSince time.Duration `name:"reconcile-all-since" env:"RECONCILE_ALL_SINCE" default:"168h" help:"How far back the gateway's transactions are compared then."`

	// Settled is how long ago something must have happened to be compared; tests do not wait.
	Settled time.Duration `kong:"-"`
}

// Validate reports what is wrong with the part.
func (c ReconcileConfig) Validate() error {
	if c.Every < time.Second || c.Since < 2*activities.SettledAfter || c.AllSince < c.Since {
		return fmt.Errorf("reconcile-every: at least 1s; reconcile-since: at least %s; reconcile-all-since: at least reconcile-since",
			2*activities.SettledAfter)
	}
	if len(strings.Fields(c.AllAt)) != 5 {
		return fmt.Errorf("reconcile-all-at: minute, hour, day, month, weekday, not %q", c.AllAt)
	}
	return nil
}

// schedule lets Temporal start the comparisons. Every worker calls it; the settings of the one that starts last hold.
func (p *Pool) schedule(ctx context.Context) error {
	c := p.cfg.Reconcile
	for _, s := range []struct {
		id   string
		spec client.ScheduleSpec
		in   workflows.ReconcileInput
	}{
		{
			workflows.ReconcileSchedule, client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: c.Every}}},
			workflows.ReconcileInput{Since: c.Since},
		},
		{
			workflows.AuditSchedule, client.ScheduleSpec{CronExpressions: []string{c.AllAt}, TimeZoneName: p.cfg.Orders.Zone},
			workflows.ReconcileInput{All: true, Since: c.AllSince},
		},
	} {
		action := &client.ScheduleWorkflowAction{
			ID: s.id, Workflow: workflows.ReconcileWorkflow, Args: []any{s.in}, TaskQueue: workflows.OrdersQueue, WorkflowRunTimeout: time.Hour,
		}
		_, err := p.temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: s.id, Spec: s.spec, Action: action, Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: time.Minute,
		})
		if errors.Is(err, sdk.ErrScheduleAlreadyRunning) {
			err = p.temporal.ScheduleClient().GetHandle(ctx, s.id).Update(ctx, client.ScheduleUpdateOptions{
				DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
					in.Description.Schedule.Spec, in.Description.Schedule.Action = &s.spec, action
					return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
				},
			})
		}
		if err != nil {
			return domain.Wrap(domain.CodeUnavailable, err, "the schedule "+s.id+" cannot be made")
		}
	}
	return nil
}

// comparison is how this pool compares the books.
func (p *Pool) comparison(mend bool) activities.Comparison {
	return activities.Comparison{
		Books: p.store, Workflows: orderWorkflows{p.temporal,
			p.cfg.Orders}, Mend: mend, Settled: cmp.Or(p.cfg.Reconcile.Settled, activities.SettledAfter),
		Beat: func(ctx context.Context) {
			if activity.IsActivity(ctx) {
				activity.RecordHeartbeat(ctx)
			}
		},
	}
}

// orderWorkflows is Temporal, as far as orders are compared with it.
type orderWorkflows struct {
	temporal client.Client
	settings workflows.Settings
}

// runningPage is how many workflows are listed at once.
const runningPage = 1000

func (w orderWorkflows) Running(ctx context.Context, page []byte) (ids []domain.OrderID, next []byte, err error) {
	found, err := w.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: runningPage, Query: "WorkflowType = 'OrderWorkflow' AND ExecutionStatus = 'Running'", NextPageToken: page,
	})
	if err != nil {
		return nil, nil, domain.Wrap(domain.CodeUnavailable, err, "Temporal does not list its workflows")
	}
	for _, e := range found.GetExecutions() {
		ids = append(ids, domain.OrderID(strings.TrimPrefix(e.GetExecution().GetWorkflowId(), workflows.OrderWorkflowID(""))))
	}
	return ids, found.GetNextPageToken(), nil
}

func (w orderWorkflows) IsRunning(ctx context.Context, id domain.OrderID) (bool, error) {
	described, err := w.temporal.DescribeWorkflowExecution(ctx, workflows.OrderWorkflowID(id), "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return false, nil
	}
	if err != nil {
		return false, domain.Wrap(domain.CodeUnavailable, err, "Temporal does not describe the workflow of "+string(id))
	}
	return described.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

func (w orderWorkflows) Adopt(ctx context.Context, o domain.Order) error {
	in := w.settings.Input(o, time.Now())
	_, err := w.temporal.ExecuteWorkflow(ctx, workflows.OrderStart(in,
		enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE), workflows.OrderWorkflow, in)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return domain.Wrap(domain.CodeUnavailable, err, "the order is not adopted")
	}
	return nil
}

func (w orderWorkflows) CheckPayment(ctx context.Context, o domain.Order, paymentKey string) error {
	in := w.settings.Late(o, paymentKey, time.Now())
	if _, err := w.temporal.ExecuteWorkflow(ctx, workflows.RefundStart(in), workflows.RefundWorkflow, in); err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the payment is not checked")
	}
	return nil
}
