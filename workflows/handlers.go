package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// attempt is one request to pay and, once it is settled, done.
type attempt struct {
	paymentKey string
	done       bool
}

// registerHandlers registers what can be asked of a running order.
func (o *order) registerHandlers(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, OrderQuery, func() (OrderView, error) { return o.view, nil },
		workflow.QueryHandlerOptions{Description: "Where the order stands."})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, PayUpdate, o.handlePay, workflow.UpdateHandlerOptions{
		Description: "The shopper has authorized a payment: confirm it and place the order.", Validator: o.validatePay,
	})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, CancelUpdate, o.handleCancel, workflow.UpdateHandlerOptions{
		Description: "Cancel the unpaid order and release its units. Refused while a payment is open. Support staff add " +
			"{\"by\": \"…\", \"note\": \"…\"}.",
		Validator: o.validateCancel,
	})
	if err != nil {
		return err
	}
	workflow.Go(ctx, o.handleRetrySignals)
	return workflow.SetUpdateHandlerWithOptions(ctx, RetryUpdate, o.handleRetry, workflow.UpdateHandlerOptions{
		Description: "Support staff: try the failing step again now, and answer with what became of it. Only while the " +
			"order asks for attention. {\"by\": \"…\", \"note\": \"…\"} is kept.",
		Validator: o.validateRetry,
	})
}

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

// validatePay refuses requests that the order's state does not allow. RECEIVED is not refused: the row, which shoppers see, may be HELD
// before the workflow has the answer of its reservation, and the request waits for that.
func (o *order) validatePay(_ workflow.Context, in PayRequest) error {
	switch {
	case !domain.ValidKey(in.PaymentKey):
		return refuse(domain.CodeValidation, "a payment key is 1 to 200 visible characters")
	case o.attempt != nil || o.view.Status == domain.StatusPaying:
		return refuse(domain.CodePaymentInProgress, "an earlier payment has no outcome yet; this request charged nothing")
	case o.view.Status != domain.StatusReceived && !o.view.Status.Payable() || o.canceled != nil || o.ending:
		return refuse(domain.CodeOrderState,
			"the order is "+string(o.view.Status)+", or is being ended, and cannot be paid; this request charged nothing")
	}
	return nil
}

// handlePay passes the request to the main workflow goroutine and waits for its outcome.
func (o *order) handlePay(ctx workflow.Context, in PayRequest) (OrderView, error) {
	mine := &attempt{paymentKey: in.PaymentKey}
	o.attempt = mine
	err := workflow.Await(ctx, func() bool { return mine.done })
	return o.view, err
}

func (o *order) validateCancel(_ workflow.Context, _ CancelRequest) error {
	if o.attempt != nil || !o.view.Status.Cancelable() {
		return refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be canceled")
	}
	return nil
}

// handleCancel waits for the order's end. The row may turn out to be further than the workflow knew: then there is nothing to cancel.
func (o *order) handleCancel(ctx workflow.Context, in CancelRequest) (OrderView, error) {
	if o.canceled == nil {
		o.canceled = &in
	}
	if err := workflow.Await(ctx, func() bool { return !o.view.Status.Unpaid() }); err != nil {
		return o.view, err
	}
	if o.view.Status.Paid() {
		return o.view, refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be canceled")
	}
	return o.view, nil
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

// refuse is an expected no: it carries its code to the caller and does not alarm the operators.
func refuse(code domain.Code, message string) error {
	return temporal.NewApplicationErrorWithOptions(message, string(code), temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
