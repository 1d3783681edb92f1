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
	startLimit  = 10 * time.Second
	answerLimit = 5 * time.Second
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

// start starts an order's workflow and reports whether it is new: one that is running already is fine. A closed workflow of an order
// that still holds units, or waits for them, was lost, terminated or restored: a fresh one adopts the row.
// Errors: Unavailable if Temporal does not answer.
func (s *Server) start(ctx context.Context, o domain.Order) (isNew bool, err error) {
	isNew, err = s.execute(ctx, o, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
	if err != nil || isNew {
		return isNew, err
	}
	row, err := s.order(ctx, o.ID)
	if err != nil || !row.Status.Unpaid() {
		return false, err
	}
	return s.adopt(ctx, row)
}

// adopt starts a workflow for an order unless one is running, whatever became of those before it. It reads the row first.
func (s *Server) adopt(ctx context.Context, o domain.Order) (isNew bool, err error) {
	isNew, err = s.execute(ctx, o, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	if isNew {
		s.adopted.Add(ctx, 1)
		slog.WarnContext(ctx, "order had no running workflow; a fresh one adopts it", "order_id", o.ID, "status", o.Status)
	}
	return isNew, err
}

func (s *Server) execute(ctx context.Context, o domain.Order, reuse enums.WorkflowIdReusePolicy) (isNew bool, err error) {
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
		WorkflowIDReusePolicy:                    reuse,
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

// update asks an order's workflow to act, and returns what it says. The id makes a double click one act.
// Errors: Unavailable if there is no answer in time, because no worker took it or because it takes longer: the row knows;
// those with which the workflow refuses.
func (s *Server) update(ctx context.Context, o domain.Order, name, id string, args ...any) (workflows.OrderView, error) {
	view, err := s.sendUpdate(ctx, o, name, id, args...)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) && o.Status.Unpaid() { // its workflow was never started, or is lost
		if _, err := s.start(ctx, o); err != nil {
			return workflows.OrderView{}, err
		}
		view, err = s.sendUpdate(ctx, o, name, id, args...)
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
