package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// handleRetrySignals takes retries that come as signals: batch operations can send those to many orders.
func (o *order) handleRetrySignals(ctx workflow.Context) {
	signals := workflow.GetSignalChannelWithOptions(ctx, RetrySignal,
		workflow.SignalChannelOptions{Description: "Support staff: try the failing step again now; for many orders at once."})
	for {
		var in RetryRequest
		if open := signals.Receive(ctx, &in); !open {
			return
		}
		if o.view.Attention != domain.AttentionNone {
			o.retry(in)
		}
	}
}

// handlePaymentSignals wakes a workflow that waits for the outcome of a payment or a refund. The signal says nothing else: what it may
// carry is not believed, the gateway is asked.
func (o *order) handlePaymentSignals(ctx workflow.Context) {
	signals := workflow.GetSignalChannelWithOptions(ctx, PaymentSignal,
		workflow.SignalChannelOptions{Description: "Look the open payment or refund up now. Sent for the gateway's webhooks."})
	for {
		if open := signals.Receive(ctx, nil); !open {
			return
		}
		o.retries++
	}
}

func (o *order) validateRetry(_ workflow.Context, _ RetryRequest) error {
	if o.view.Attention == domain.AttentionNone {
		return refuse(domain.CodeOrderState, "nothing is failing")
	}
	return nil
}

// handleRetry answers when the next try has been made: with the attention that is left, or none.
func (o *order) handleRetry(ctx workflow.Context, in RetryRequest) (OrderView, error) {
	tries := o.tries
	o.retry(in)
	err := workflow.Await(ctx, func() bool { return o.tries > tries || o.view.Attention == domain.AttentionNone || o.leaving })
	return o.view, err
}

// retry wakes whatever waits for its next try.
func (o *order) retry(in RetryRequest) {
	o.retries++
	o.retryRequest = in
}

func (o *order) validateResolve(_ workflow.Context, in ResolveRequest) error {
	if in.Note == "" || in.By == "" {
		return refuse(domain.CodeValidation, `say who you are and why: {"by": "…", "note": "…", "as": "ARRIVED"}`)
	}
	switch in.As {
	case ResolveArrived:
		if o.view.Status != domain.StatusReturning || o.arrived {
			return refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+": no goods are awaited")
		}
	case ResolveRefunded:
		if o.view.Attention != domain.AttentionRefundFailed {
			return refuse(domain.CodeOrderState, "no refund of the order is failing")
		}
	case ResolveGiveUp:
		if o.view.Attention == domain.AttentionNone {
			return refuse(domain.CodeOrderState, "nothing is failing: use cancel or refund")
		}
	default:
		return refuse(domain.CodeValidation, "as: ARRIVED, REFUNDED or GIVE_UP")
	}
	return nil
}

// handleResolve takes over what staff know and the shop cannot: goods are here, money went back by another way, the order cannot go on.
func (o *order) handleResolve(ctx workflow.Context, in ResolveRequest) (OrderView, error) {
	o.resolution = in
	switch in.As {
	case ResolveArrived:
		o.arrived = true
	case ResolveRefunded:
		o.resolved = true
	case ResolveGiveUp:
		o.givenUp = true
	}
	tries := o.tries
	o.retry(RetryRequest{By: in.By, Note: in.As + ": " + in.Note})
	err := workflow.Await(ctx, func() bool {
		return in.As == ResolveArrived || o.tries > tries || o.view.Attention == domain.AttentionNone || o.leaving
	})
	return o.view, err
}

// lastMessage is the message of the innermost cause of an error: those around it say only which activity failed.
func lastMessage(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		return refused.Message()
	}
	return err.Error()
}
