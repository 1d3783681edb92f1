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
	ourtemporal "runrun/domain/temporal"
	"runrun/workflows"
)

// Limits of talking to Temporal.
const (
	startLimit  = 10 * time.Second
	answerLimit = 5 * time.Second
)

// Sweeping.
const (
	sweepBatch = 100
	sweepAgain = time.Minute
)

// decidedWithin is how long the dispatcher waits for what becomes of an order that it has started.
const decidedWithin = time.Second

// begin starts an order's workflow and waits a moment for the decision. So the dispatcher feels how much workers and Temporal
// can take, and the queue stays here, in ticket order and with a known length, instead of in front of those who pay.
func (s *Server) begin(ctx context.Context, o domain.Order) error {
	isNew, err := s.start(ctx, o)
	if err != nil || !isNew {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*decidedWithin) // reading rows may take longer than the wait
	defer cancel()
	_, err = s.await(ctx, o, decidedWithin, func(o domain.Order) bool { return o.Status != domain.Received })
	if err != nil {
		slog.DebugContext(ctx, "started, and not seen decided", "order", o.ID, "error", err)
	}
	return nil
}

// start starts an order's workflow, once ever, and says whether it is new: one that is there already is fine.
// Errors: Unavailable if Temporal does not answer.
func (s *Server) start(ctx context.Context, o domain.Order) (isNew bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	in := workflows.OrderInput{
		OrderID: o.ID, UserID: o.UserID, Name: o.Name, Due: o.Due, PayWithin: s.cfg.PayWithin, AttentionAfter: s.cfg.AttentionAfter, ShowSteps: s.cfg.ShowSteps,
	}
	for _, item := range o.Items {
		in.ProductIDs = append(in.ProductIDs, item.ProductID)
	}
	_, err = s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.OrderWorkflowID(o.ID), TaskQueue: workflows.OrdersQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    workflows.StartAttributes(in),
		StaticSummary:                            o.Name + ", " + o.Due.String(),
	}, workflows.OrderWorkflow, in)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return false, domain.Because(domain.Unavailable, err, "Temporal does not answer")
	}
	return err == nil, nil
}

// sweep brings back the orders that a crash or a full queue left without a workflow. Several processes
// may sweep: each order is claimed by one.
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

// update asks an order's workflow to act, and returns what it says. The id makes a double click one act.
// Errors: Unavailable if there is no answer in time, because no worker took it or because it takes longer: the row knows;
// those with which the workflow refuses.
func (s *Server) update(ctx context.Context, o domain.Order, name, id string, args ...any) (workflows.OrderView, error) {
	view, err := s.sendUpdate(ctx, o, name, id, args...)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) && o.Status == domain.Received { // its workflow was never started
		if _, err := s.start(ctx, o); err != nil {
			return workflows.OrderView{}, err
		}
		view, err = s.sendUpdate(ctx, o, name, id, args...)
	}
	if errors.As(err, &missing) {
		return workflows.OrderView{}, domain.Because(domain.OrderState, err, "the order has ended")
	}
	return view, updateError(err)
}

// sendUpdate sends an update and waits for its end in one call.
func (s *Server) sendUpdate(ctx context.Context, o domain.Order, name, id string, args ...any) (view workflows.OrderView, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	handle, err := s.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.OrderWorkflowID(o.ID), UpdateID: id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return view, err
	}
	return view, handle.Get(ctx, &view)
}

// updateError tells the workflow's refusals from failures to ask.
func updateError(err error) error {
	if err == nil {
		return nil
	}
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		if code := domain.Code(refused.Type()); statuses[code] != 0 {
			return domain.Because(code, err, refused.Message())
		}
	}
	return domain.Because(domain.Unavailable, err, "there was no answer in time; the same request may be sent again")
}
