package pool

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"runrun/activities"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/workflows"
)

// gatesLimit bounds one comparison.
const gatesLimit = time.Minute

// watchGates compares the gates with the database again and again, and starts a workflow only when one is off: what is right every
// ten seconds needs no history, and would drown the orders in the Web UI.
func (p *Pool) watchGates(ctx context.Context) error {
	// A build before this one made a schedule of it.
	err := p.temporal.ScheduleClient().GetHandle(ctx, workflows.GateWorkflowID).Delete(ctx)
	var missing *serviceerror.NotFound
	if err != nil && !errors.As(err, &missing) {
		return domain.Wrap(domain.CodeUnavailable, err, "the old schedule of the gates cannot be removed")
	}
	gates := activities.NewGates(p.store, redis.NewGate(p.gateRedis))
	p.watching.Go(func() {
		ticker := time.NewTicker(p.cfg.GatesEvery)
		defer ticker.Stop()
		for {
			select {
			case <-p.baseCtx.Done():
				return
			case <-ticker.C:
			}
			if err := p.compareGates(gates); err != nil && p.baseCtx.Err() == nil {
				slog.Warn("gate comparison failed", "retry_after", p.cfg.GatesEvery, "error", err)
			}
		}
	})
	return nil
}

func (p *Pool) compareGates(gates *activities.Gates) error {
	ctx, cancel := context.WithTimeout(p.baseCtx, gatesLimit)
	defer cancel()
	off, err := activities.DifferingGates(ctx, gates)
	if err != nil || off == 0 {
		return err
	}
	_, err = p.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.GateWorkflowID, TaskQueue: workflows.OrdersQueue, WorkflowRunTimeout: 5 * time.Minute,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, StaticSummary: "Gates that differ from the database",
	}, workflows.GateWorkflow)
	return err
}
