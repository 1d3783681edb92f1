package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"runrun/domain"
	"runrun/workflows"
)

const (
	sweepBatch = 100
	// sweepLease is for how long a claimed order is left alone by other sweepers.
	sweepLease = time.Minute
	// orphanGrace is how long an order may be overdue before its workflow is looked for.
	orphanGrace = 30 * time.Second
	adoptions   = 8 // workflows that are started at once for orders that lost theirs
	// closedWithin is how far back closed workflows are looked at that did not complete.
	closedWithin = 5 * time.Minute
	closedPage   = 500
)

// Claims leases orders to one of several sweepers.
type Claims interface {
	// ClaimUndispatched leases up to limit RECEIVED orders that are overdue for their workflow.
	ClaimUndispatched(ctx context.Context, limit int, lease time.Duration) ([]domain.Order, error)
	// ClaimOverdue leases up to limit orders that hold units or money and are overdue by grace.
	ClaimOverdue(ctx context.Context, limit int, grace, lease time.Duration) ([]domain.Order, error)
	// Unfinished returns those of the orders that have not ended.
	Unfinished(ctx context.Context, ids []domain.OrderID) ([]domain.Order, error)
}

// Sweeper brings back the orders that a crash or a full queue left without a workflow. Several processes may sweep: each order is
// claimed by one.
type Sweeper struct {
	claims     Claims
	dispatcher *Dispatcher
	starter    *Starter
	ping       func(context.Context) error // Temporal
	cfg        SweepConfig
}

// SweepConfig says how often the Sweeper runs.
type SweepConfig struct {
	Undispatched, Orphans time.Duration
}

// NewSweeper returns a Sweeper; ping reports whether Temporal answers.
func NewSweeper(claims Claims, d *Dispatcher, s *Starter, ping func(context.Context) error, cfg SweepConfig) *Sweeper {
	return &Sweeper{claims: claims, dispatcher: d, starter: s, ping: ping, cfg: cfg}
}

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	undispatched, orphans := time.NewTicker(s.cfg.Undispatched), time.NewTicker(s.cfg.Orphans)
	defer undispatched.Stop()
	defer orphans.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-undispatched.C:
			err = s.dispatchOverdue(ctx)
		case <-orphans.C:
			err = s.adoptOrphans(ctx)
		}
		if err != nil && ctx.Err() == nil {
			slog.Warn("sweep failed; it is repeated", "error", err)
		}
	}
}

// dispatchOverdue claims what the dispatcher has room for, and nothing while Temporal is absent.
func (s *Sweeper) dispatchOverdue(ctx context.Context) error {
	if err := s.ping(ctx); err != nil {
		return err
	}
	for room := s.dispatcher.Room(); room > 0; room = s.dispatcher.Room() {
		orders, err := s.claims.ClaimUndispatched(ctx, min(room, sweepBatch), sweepLease)
		if err != nil || len(orders) == 0 {
			return err
		}
		slog.Info("undispatched orders claimed", "orders", len(orders))
		s.dispatcher.Add(orders...)
	}
	return nil
}

// adoptOrphans starts a fresh workflow for orders that hold units or money and have none running: those that are overdue, and those
// whose workflow was closed from outside.
func (s *Sweeper) adoptOrphans(ctx context.Context) error {
	if err := s.ping(ctx); err != nil {
		return err
	}
	overdue, err := s.claims.ClaimOverdue(ctx, sweepBatch, orphanGrace, sweepLease)
	if err != nil {
		return err
	}
	closed, err := s.closedUnfinished(ctx)
	if err != nil {
		return err
	}
	var starting errgroup.Group // one that cannot be started keeps no other waiting
	starting.SetLimit(adoptions)
	for _, o := range append(overdue, closed...) {
		starting.Go(func() error {
			if _, err := s.starter.Adopt(ctx, o); err != nil {
				slog.WarnContext(ctx, "order without a running workflow not adopted", "order_id", o.ID, "error", err)
			}
			return nil
		})
	}
	return starting.Wait()
}

// closedUnfinished returns the orders whose workflow was terminated or failed within closedWithin though their row has not ended.
func (s *Sweeper) closedUnfinished(ctx context.Context) ([]domain.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	query := fmt.Sprintf("WorkflowType = 'OrderWorkflow' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut') AND CloseTime > '%s'",
		time.Now().Add(-closedWithin).UTC().Format(time.RFC3339))
	var unfinished []domain.Order
	for page := []byte(nil); ; {
		found, err := s.starter.temporal.ListWorkflow(ctx,
			&workflowservice.ListWorkflowExecutionsRequest{PageSize: closedPage, Query: query, NextPageToken: page})
		if err != nil {
			return nil, domain.Wrap(domain.CodeUnavailable, err, "Temporal does not list its workflows")
		}
		var ids []domain.OrderID
		for _, e := range found.GetExecutions() {
			ids = append(ids, domain.OrderID(strings.TrimPrefix(e.GetExecution().GetWorkflowId(), workflows.OrderWorkflowID(""))))
		}
		if len(ids) > 0 {
			orders, err := s.claims.Unfinished(ctx, ids)
			if err != nil {
				return nil, err
			}
			unfinished = append(unfinished, orders...)
		}
		if page = found.GetNextPageToken(); len(page) == 0 {
			return unfinished, nil
		}
	}
}
