package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/semaphore"

	"runrun/domain"
	"runrun/workflows"
)

// Timeouts of talking to Temporal.
const (
	startTimeout  = 10 * time.Second
	updateTimeout = 5 * time.Second
)

// decisionTimeout is how long a start waits for the decision on the order.
const decisionTimeout = time.Second

// Orders reads orders.
type Orders interface {
	Get(ctx context.Context, id domain.OrderID) (domain.Order, error)
	// Decided returns the order once it is no longer RECEIVED, or as it is after the limit.
	Decided(ctx context.Context, order domain.Order, limit time.Duration) (domain.Order, error)
}

// Starter starts the workflows of orders and sends them updates.
type Starter struct {
	temporal client.Client
	orders   Orders
	input    InputConfig
	eager    *semaphore.Weighted
	adopted  metric.Int64Counter
	traces   *lru.Cache[domain.OrderID, trace.SpanContext]
}

// InputConfig is what every order's workflow is given.
type InputConfig struct {
	workflows.Settings
	// EagerStarts is how many workflows at once may be handed over, as they are started, to a worker in this process. Where there is
	// none, that changes nothing.
	EagerStarts int64
}

// NewStarter returns a Starter.
func NewStarter(c client.Client, orders Orders, input InputConfig) (*Starter, error) {
	adopted, err := otel.Meter("runrun/dispatcher").Int64Counter("runrun_orders_adopted",
		metric.WithDescription("Orders that held units or money without a running workflow, and were given a fresh one."))
	if err != nil {
		return nil, err
	}
	adopted.Add(context.Background(), 0) // so that the first one is an increase
	traces, err := lru.New[domain.OrderID, trace.SpanContext](maxTraces)
	return &Starter{
		temporal: c, orders: orders, input: input, eager: semaphore.NewWeighted(input.EagerStarts), adopted: adopted, traces: traces,
	}, err
}

// StartAndAwait starts an order's workflow and waits up to decisionTimeout for the decision on the order. The wait is
// backpressure: the Dispatcher measures how fast workers decide, and orders queue in the Dispatcher, in ticket order,
// instead of on Temporal's task queues, where they would delay payments.
// Errors: as of Start; a decision that comes late, or cannot be read, is not an error.
func (s *Starter) StartAndAwait(ctx context.Context, o domain.Order) error {
	eager := s.eager.TryAcquire(1)
	if eager {
		defer s.eager.Release(1)
	}
	isNew, err := s.start(s.traced(ctx, o.ID), o, eager)
	if err != nil || !isNew {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*decisionTimeout) // reading rows may take longer than the wait
	defer cancel()
	if _, err = s.orders.Decided(ctx, o, decisionTimeout); err != nil {
		slog.DebugContext(ctx, "order started, decision not seen", "order_id", o.ID, "error", err)
	}
	return nil
}

// Start starts an order's workflow and reports whether a new one was started; if one is running, it does nothing. If
// the workflow is closed although the order has not ended (it was terminated, or Temporal's store was restored), a
// new one is started by Adopt.
// Errors: Unavailable if Temporal does not answer.
func (s *Starter) Start(ctx context.Context, o domain.Order) (isNew bool, err error) {
	return s.start(ctx, o, false)
}

func (s *Starter) start(ctx context.Context, o domain.Order, eager bool) (isNew bool, err error) {
	isNew, err = s.execute(ctx, o, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, eager)
	if err != nil || isNew {
		return isNew, err
	}
	row, err := s.orders.Get(ctx, o.ID)
	if err != nil || !row.Status.Open() {
		return false, err
	}
	return s.Adopt(ctx, row)
}

// Adopt starts a new workflow for an order unless one is running, however earlier ones were closed; isNew reports
// whether it did. The workflow begins by reading the order's row, and goes on from its status.
// Errors: Unavailable if Temporal does not answer.
func (s *Starter) Adopt(ctx context.Context, o domain.Order) (isNew bool, err error) {
	isNew, err = s.execute(ctx, o, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, false)
	if isNew {
		s.adopted.Add(ctx, 1)
		slog.WarnContext(ctx, "order without a running workflow adopted by a fresh one", "order_id", o.ID, "status", o.Status)
	}
	return isNew, err
}

func (s *Starter) execute(
	ctx context.Context,
	o domain.Order,
	reuse enums.WorkflowIdReusePolicy,
	eager bool,
) (isNew bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	in := s.input.Input(o, time.Now())
	options := workflows.OrderStart(in, reuse)
	options.EnableEagerStart = eager
	_, err = s.temporal.ExecuteWorkflow(ctx, options, workflows.OrderWorkflow, in)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return false, domain.Wrap(domain.CodeUnavailable, err,
			"the order cannot be processed at this moment; this request charged nothing; send it again in a moment")
	}
	return err == nil, nil
}

// Pay asks an order's workflow to confirm a payment, and returns where the order stands then and what became of the payment. The
// update's id is made from the payment key, so a double click is one attempt.
// Errors: Unavailable if there is no answer in time: the row has the outcome; those with which the workflow refuses.
func (s *Starter) Pay(ctx context.Context, o domain.Order, paymentKey string) (domain.Order, domain.PaymentResult, error) {
	view, err := s.update(ctx, o, workflows.PayUpdate, workflows.PayUpdateID(paymentKey), workflows.PayRequest{PaymentKey: paymentKey})
	o.Status, o.Reason, o.Declines = view.Status, view.Reason, view.Declines
	return o, view.Payment, err
}

// Cancel asks an order's workflow to cancel it for its shopper.
// Errors: as of Pay.
func (s *Starter) Cancel(ctx context.Context, o domain.Order) error {
	_, err := s.update(ctx, o, workflows.CancelUpdate, workflows.CancelUpdate, workflows.CancelRequest{Shopper: true})
	return err
}

// Return asks an order's workflow to take it back from its shopper.
// Errors: as of Pay.
func (s *Starter) Return(ctx context.Context, o domain.Order) error {
	_, err := s.update(ctx, o, workflows.ReturnUpdate, workflows.ReturnUpdate, workflows.ReturnRequest{Shopper: true})
	return err
}

// Extend asks an order's workflow for more time to pay.
// Errors: as of Pay.
func (s *Starter) Extend(ctx context.Context, o domain.Order) error {
	_, err := s.update(ctx, o, workflows.ExtendUpdate, workflows.ExtendUpdate)
	return err
}

// update sends an update to an order's workflow, which is started first if it never was or is lost. If the workflow task that took the
// update failed, since something came in before its end, the server has dropped the update; it is sent again, or the workflow would not
// hear of what its activities have done.
func (s *Starter) update(ctx context.Context, o domain.Order, name, id string, args ...any) (workflows.OrderView, error) {
	view, err := s.sendUpdate(ctx, o, name, id, args...)
	var missing *serviceerror.NotFound
	var dropped *serviceerror.WorkflowNotReady
	switch {
	case errors.As(err, &missing) && o.Status.Open():
		if _, err := s.Start(ctx, o); err != nil {
			return workflows.OrderView{}, err
		}
		view, err = s.sendUpdate(ctx, o, name, id, args...)
	case errors.As(err, &dropped):
		view, err = s.sendUpdate(ctx, o, name, id, args...)
	}
	return view, updateError(err)
}

// sendUpdate sends an update and waits for its result in one call.
func (s *Starter) sendUpdate(ctx context.Context, o domain.Order, name, id string, args ...any) (view workflows.OrderView, err error) {
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	handle, err := s.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID:   workflows.OrderWorkflowID(o.ID),
		UpdateID:     id,
		UpdateName:   name,
		Args:         args,
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return view, err
	}
	return view, handle.Get(ctx, &view)
}

// updateError distinguishes the workflow's refusals from failures to reach it.
func updateError(err error) error {
	if err == nil {
		return nil
	}
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		if code := domain.Code(refused.Type()); code.Known() {
			return domain.Wrap(code, err, refused.Message())
		}
	}
	return domain.Wrap(domain.CodeUnavailable, err,
		"the order did not answer in time and may still act on the request; send it again: nothing is charged twice")
}
