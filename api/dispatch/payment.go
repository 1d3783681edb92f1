package dispatch

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"

	"runrun/domain"
	"runrun/workflows"
)

// Notify wakes an order's workflow if it waits for the outcome of a payment or refund. A workflow that has ended waits for nothing.
// Errors: Unavailable if Temporal does not answer.
func (s *Starter) Notify(ctx context.Context, id domain.OrderID) error {
	err := s.temporal.SignalWorkflow(ctx, workflows.OrderWorkflowID(id), "", workflows.PaymentSignal, nil)
	var missing *serviceerror.NotFound
	if err == nil || errors.As(err, &missing) {
		return nil
	}
	return domain.Wrap(domain.CodeUnavailable, err, "the order's workflow was not told")
}

// CheckPayment starts a workflow that looks a payment up which does not pay its order, and refunds it if it took money. While one runs for
// the payment, it does nothing.
// Errors: Unavailable if Temporal does not answer.
func (s *Starter) CheckPayment(ctx context.Context, o domain.Order, paymentKey string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	in := s.input.Late(o, paymentKey, time.Now())
	_, err := s.temporal.ExecuteWorkflow(ctx, workflows.RefundStart(in), workflows.RefundWorkflow, in)
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the payment is not checked")
	}
	return nil
}
