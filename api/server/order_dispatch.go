package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"runrun/domain"
	"runrun/workflows"
)

// Limits of talking to Temporal.
const (
	startLimit    = 3 * time.Second
	acceptLimit   = 5 * time.Second
	completeLimit = 10 * time.Second
)

// Sweeping.
const (
	sweepBatch = 100
	sweepAgain = time.Minute
)

// dispatch starts a new order's workflow. What fails here is not lost: the row is durable, and the sweeper starts what has no
// workflow. It goes on if the shopper hangs up.
func (s *Server) dispatch(ctx context.Context, o domain.NewOrder) {
	order := domain.Order{ID: o.ID, UserID: o.UserID, Name: o.Name, Items: o.Items, Due: o.Quote.Due}
	if err := s.start(context.WithoutCancel(ctx), order); err != nil {
		slog.WarnContext(ctx, "workflow not started; the sweeper will", "order", o.ID, "error", err)
	}
}

// start starts an order's workflow, once ever: one that is there already is fine.
// Errors: Overloaded if too many are being started, Unavailable if Temporal does not answer.
func (s *Server) start(ctx context.Context, o domain.Order) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	select {
	case s.starts <- struct{}{}:
		defer func() { <-s.starts }()
	case <-ctx.Done():
		return domain.Because(domain.Overloaded, ctx.Err(), "too many orders are being started")
	}
	in := workflows.OrderInput{
		OrderID: o.ID, UserID: o.UserID, Name: o.Name, Due: o.Due, PayWithin: s.cfg.PayWithin, AttentionAfter: s.cfg.AttentionAfter,
	}
	for _, item := range o.Items {
		in.ProductIDs = append(in.ProductIDs, item.ProductID)
	}
	_, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.OrderWorkflowID(o.ID), TaskQueue: workflows.OrdersQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    workflows.StartAttributes(in),
		StaticSummary:                            o.Name + ", " + o.Due.String(),
	}, workflows.OrderWorkflow, in)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return domain.Because(domain.Unavailable, err, "Temporal does not answer")
	}
	return nil
}

// sweep starts the workflows that a crash, or an absent Temporal, left unstarted. Several processes may sweep: each order is
// claimed by one.
func (s *Server) sweep() {
	ticker := time.NewTicker(s.cfg.SweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.endOfLife.Done():
			return
		case <-ticker.C:
		}
		if err := s.sweepOnce(s.endOfLife); err != nil && s.endOfLife.Err() == nil {
			slog.Warn("sweeper", "error", err)
		}
	}
}

func (s *Server) sweepOnce(ctx context.Context) error {
	if _, err := s.temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return domain.Because(domain.Unavailable, err, "Temporal does not answer") // nothing is claimed that cannot be started
	}
	orders, err := s.store.ClaimUndispatched(ctx, sweepBatch, sweepAgain)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if err := s.start(ctx, o); err != nil {
			return err // a busy server is left alone until the next round
		}
		slog.Info("sweeper: started", "order", o.ID)
	}
	return nil
}

// update asks an order's workflow to act, and returns what it says. The id makes a double click one act.
// Errors: Unavailable if no worker takes it in time; those with which the workflow refuses.
func (s *Server) update(ctx context.Context, o domain.Order, name, id string, args ...any) (workflows.OrderView, error) {
	handle, err := s.sendUpdate(ctx, o, name, id, args...)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) && o.Status == domain.Received { // its workflow was never started
		if err := s.start(ctx, o); err != nil {
			return workflows.OrderView{}, err
		}
		handle, err = s.sendUpdate(ctx, o, name, id, args...)
	}
	if errors.As(err, &missing) {
		return workflows.OrderView{}, domain.Because(domain.OrderState, err, "the order has ended")
	}
	if err != nil {
		return workflows.OrderView{}, updateError(err, "no worker has taken the request; try again")
	}
	ctx, cancel := context.WithTimeout(ctx, completeLimit)
	defer cancel()
	var view workflows.OrderView
	if err := handle.Get(ctx, &view); err != nil {
		return workflows.OrderView{}, updateError(err, "the request is being worked on")
	}
	return view, nil
}

func (s *Server) sendUpdate(ctx context.Context, o domain.Order, name, id string, args ...any) (client.WorkflowUpdateHandle, error) {
	ctx, cancel := context.WithTimeout(ctx, acceptLimit)
	defer cancel()
	return s.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.OrderWorkflowID(o.ID), UpdateID: id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageAccepted,
	})
}

// updateError tells the workflow's refusals from failures to ask.
func updateError(err error, late string) error {
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		if code := domain.Code(refused.Type()); statuses[code] != 0 {
			return domain.Because(code, err, refused.Message())
		}
	}
	return domain.Because(domain.Unavailable, err, late)
}
