package server

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"runrun/domain"
	ourtemporal "runrun/domain/temporal"
	"runrun/workflows"
)

// Sweeping.
const (
	sweepBatch = 100
	sweepAgain = time.Minute
	// orphanGrace is how long an order may be overdue before its workflow is looked for.
	orphanGrace = 30 * time.Second
	adopters    = 8 // workflows that are started at once for orders that lost theirs
	// closedWithin is how far back the workflows are looked at that did not end by themselves.
	closedWithin = 5 * time.Minute
	closedPage   = 500
)

// sweep brings back the orders that a crash or a full queue left without a workflow. Several processes
// may sweep: each order is claimed by one.
func (s *Server) sweep() {
	ticker, orphans := time.NewTicker(s.cfg.SweepEvery), time.NewTicker(s.cfg.OrphansEvery)
	defer ticker.Stop()
	defer orphans.Stop()
	for {
		var err error
		select {
		case <-s.endOfLife.Done():
			return
		case <-ticker.C:
			err = s.sweepOnce(s.endOfLife)
		case <-orphans.C:
			err = s.adoptOrphans(s.endOfLife)
		}
		if err != nil && s.endOfLife.Err() == nil {
			slog.Warn("sweeper failed; it comes again", "error", err)
		}
	}
}

// sweepOnce claims what the dispatcher has room for, and nothing while Temporal is absent.
func (s *Server) sweepOnce(ctx context.Context) error {
	if err := ourtemporal.Ping(ctx, s.temporal); err != nil {
		return err
	}
	for room := s.dispatcher.room(); room > 0; room = s.dispatcher.room() {
		orders, err := s.store.ClaimUndispatched(ctx, min(room, sweepBatch), sweepAgain)
		if err != nil || len(orders) == 0 {
			return err
		}
		slog.Info("sweeper: orders that nobody has decided", "orders", len(orders))
		s.dispatcher.add(orders...)
	}
	return nil
}

// adoptOrphans gives a fresh workflow to orders that hold units or money and have none running: those that are overdue, and those
// whose workflow was closed from outside.
func (s *Server) adoptOrphans(ctx context.Context) error {
	if err := ourtemporal.Ping(ctx, s.temporal); err != nil {
		return err
	}
	overdue, err := s.store.ClaimOverdue(ctx, sweepBatch, orphanGrace, sweepAgain)
	if err != nil {
		return err
	}
	closed, err := s.closedFromOutside(ctx)
	if err != nil {
		return err
	}
	var starting errgroup.Group // one that cannot be started keeps no other waiting
	starting.SetLimit(adopters)
	for _, o := range append(overdue, closed...) {
		starting.Go(func() error {
			if _, err := s.adopt(ctx, o); err != nil {
				slog.WarnContext(ctx, "order without a running workflow cannot be given one", "order_id", o.ID, "error", err)
			}
			return nil
		})
	}
	return starting.Wait()
}

// closedFromOutside lists the orders whose workflow was terminated, or failed, a moment ago, though their row has not ended.
func (s *Server) closedFromOutside(ctx context.Context) ([]domain.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	query := fmt.Sprintf("WorkflowType = 'OrderWorkflow' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut') AND CloseTime > '%s'",
		time.Now().Add(-closedWithin).UTC().Format(time.RFC3339))
	var unfinished []domain.Order
	for page := []byte(nil); ; {
		found, err := s.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: closedPage, Query: query, NextPageToken: page})
		if err != nil {
			return nil, domain.Because(domain.Unavailable, err, "Temporal does not list its workflows")
		}
		var ids []domain.OrderID
		for _, e := range found.GetExecutions() {
			ids = append(ids, domain.OrderID(strings.TrimPrefix(e.GetExecution().GetWorkflowId(), workflows.OrderWorkflowID(""))))
		}
		if len(ids) > 0 {
			orders, err := s.store.Unfinished(ctx, ids)
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
