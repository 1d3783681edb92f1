// Package replay replays histories of a cluster against this build, before it gets traffic: a build that would decide otherwise than the
// one that made a history leaves its workflow stuck.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	sdk "go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"runrun/domain"
	"runrun/domain/temporal"
)

var (
	// ErrDiverges says that this build decides otherwise than the one that made a history.
	ErrDiverges = errors.New("this build cannot replay what is open: it must not be deployed")
	// ErrNothing says that there was nothing to replay, which proves nothing.
	ErrNothing = errors.New("no history was found: nothing is proved")
)

const (
	atOnce    = 4 // histories that are fetched and replayed at once
	listLimit = 30 * time.Second
	readLimit = 30 * time.Second
)

// Run replays histories of every kind of workflow that register registers, and writes what it finds: all failures, not the first.
// Errors: ErrDiverges, ErrNothing; those of reading from the cluster.
func Run(ctx context.Context, cfg Config, register func(worker.WorkflowRegistry), out io.Writer) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	c, closeClient, err := temporal.Connect(cfg.Temporal)
	if err != nil {
		return err
	}
	defer closeClient()
	r := &run{cfg: cfg, client: c, replayer: worker.NewWorkflowReplayer()}
	register(registry{r.replayer, &r.types})
	return r.all(ctx, out)
}

// registry notes the types that are registered.
type registry struct {
	worker.WorkflowReplayer
	types *[]string
}

// run is one run of the check.
type run struct {
	cfg      Config
	client   client.Client
	replayer worker.WorkflowReplayer
	types    []string
}

// kind is what histories are sampled of.
type kind struct{ name, query string }

// kinds are orders by their status, and every other type of workflow.
func (r *run) kinds(now time.Time) []kind {
	recent := fmt.Sprintf(`(ExecutionStatus = "Running" OR CloseTime > "%s")`, now.Add(-r.cfg.Since).UTC().Format(time.RFC3339))
	if r.cfg.Query != "" {
		recent += " AND (" + r.cfg.Query + ")"
	}
	var kinds []kind
	for _, name := range r.types {
		if name == checkType { // itself proves nothing
			continue
		}
		of := fmt.Sprintf("WorkflowType = %q AND %s", name, recent)
		if name != ordersType {
			kinds = append(kinds, kind{name, of})
			continue
		}
		for _, status := range domain.OrderStatuses() {
			kinds = append(kinds, kind{string(status), fmt.Sprintf("%s AND OrderStatus = %q", of, status)})
		}
	}
	return kinds
}

// ordersType is the type of workflows that are sampled by the status of their order.
const ordersType = "OrderWorkflow"

// checkType is the type of workflows that run this check.
const checkType = "ReplayWorkflow"

// all replays every kind and writes a line for each.
func (r *run) all(ctx context.Context, out io.Writer) error {
	replayed, failed := 0, 0
	for _, kind := range r.kinds(time.Now()) {
		failures, count, err := r.sample(ctx, kind)
		if err != nil {
			return fmt.Errorf("%s: %w", kind.name, err)
		}
		if count > 0 {
			_, _ = fmt.Fprintf(out, "%-18s %4d replayed, %d failed\n", kind.name, count, len(failures))
		}
		for _, failure := range failures {
			_, _ = fmt.Fprintf(out, "  %s\n", failure)
		}
		replayed, failed = replayed+count, failed+len(failures)
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d histories: %w", failed, replayed, ErrDiverges)
	case replayed == 0:
		return ErrNothing
	}
	_, _ = fmt.Fprintf(out, "%d histories replay.\n", replayed)
	return nil
}

// sample replays the newest histories of a kind, and returns what failed.
func (r *run) sample(ctx context.Context, of kind) (failures []string, count int, err error) {
	found, err := r.list(ctx, of.query)
	if err != nil {
		return nil, 0, err
	}
	results := make([]string, len(found))
	var replaying errgroup.Group
	replaying.SetLimit(atOnce)
	for n, execution := range found {
		replaying.Go(func() error {
			events, err := r.history(ctx, execution)
			if err != nil {
				return fmt.Errorf("read the history of %s: %w", execution.GetExecution().GetWorkflowId(), err)
			}
			if results[n] = notBegun; begun(events) {
				results[n] = r.replay(execution, events)
			}
			return nil
		})
	}
	if err := replaying.Wait(); err != nil {
		return nil, 0, err
	}
	for _, result := range results {
		if result == notBegun {
			continue
		}
		count++
		if result != "" {
			failures = append(failures, result)
		}
	}
	return failures, count, nil
}

// notBegun is the result of a workflow that has decided nothing yet: any build can begin it.
const notBegun = "not begun"

// begun reports whether a workflow task was completed.
func begun(events *history.History) bool {
	return slices.ContainsFunc(events.GetEvents(), func(e *history.HistoryEvent) bool {
		return e.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
	})
}

// list finds the newest executions of a query.
func (r *run) list(ctx context.Context, query string) ([]*workflow.WorkflowExecutionInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, listLimit)
	defer cancel()
	found, err := r.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: r.cfg.Temporal.Namespace, PageSize: int32(r.cfg.Sample), Query: query,
	})
	return found.GetExecutions(), err
}

// history reads a history as it is now. Of a workflow that was deleted since the list was read, it is empty.
func (r *run) history(ctx context.Context, of *workflow.WorkflowExecutionInfo) (*history.History, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	var all history.History
	events := r.client.GetWorkflowHistory(ctx, of.GetExecution().GetWorkflowId(), of.GetExecution().GetRunId(), false,
		enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		var deleted *serviceerror.NotFound
		if errors.As(err, &deleted) {
			return &history.History{}, nil
		}
		if err != nil {
			return nil, err
		}
		all.Events = append(all.Events, event)
	}
	return &all, nil
}

// replay returns why a history cannot be replayed, or an empty text if it can.
func (r *run) replay(of *workflow.WorkflowExecutionInfo, events *history.History) string {
	execution := of.GetExecution()
	err := r.replayer.ReplayWorkflowHistoryWithOptions(log.NewStructuredLogger(slog.Default()), events, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: sdk.Execution{ID: execution.GetWorkflowId(), RunID: execution.GetRunId()},
	})
	if err == nil {
		return ""
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Sprintf("%s (run %s, %d events): %s", execution.GetWorkflowId(), execution.GetRunId(), len(events.GetEvents()), first)
}
