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

// openDoors registers what can be asked of a running order.
func (o *order) openDoors(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, OrderQuery, func() (OrderView, error) { return o.view, nil },
		workflow.QueryHandlerOptions{Description: "Where the order stands."})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, PayUpdate, o.onPay, workflow.UpdateHandlerOptions{
		Description: "The shopper has authorized a payment: confirm it and place the order.", Validator: o.mayPay,
	})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, CancelUpdate, o.onCancel, workflow.UpdateHandlerOptions{
		Description: "The shopper does not want the order any more. Not while a payment is open.", Validator: o.mayCancel,
	})
	if err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, RetryUpdate, o.onRetry, workflow.UpdateHandlerOptions{
		Description: "Support staff: try the failing step again now. Only while the order asks for attention.", Validator: o.mayRetry,
	})
}

// mayPay refuses what cannot be. RECEIVED is not refused: the row, which shoppers see, may be HELD before the workflow hears of
// it, and the request waits for that.
func (o *order) mayPay(_ workflow.Context, in PayRequest) error {
	switch {
	case !domain.ValidKey(in.PaymentKey):
		return refuse(domain.Validation, "a payment key is 1 to 200 visible characters")
	case o.attempt != nil || o.view.Status == domain.Paying:
		return refuse(domain.PaymentInProgress, "an earlier payment has no outcome yet")
	case o.view.Status != domain.Received && o.view.Status != domain.Held || o.canceled || o.ending.End != "":
		return refuse(domain.OrderState, "the order is "+string(o.view.Status))
	}
	return nil
}

// onPay leaves the request for the main line and waits for its outcome.
func (o *order) onPay(ctx workflow.Context, in PayRequest) (OrderView, error) {
	mine := &attempt{paymentKey: in.PaymentKey}
	o.attempt = mine
	err := workflow.Await(ctx, func() bool { return mine.done })
	return o.view, err
}

func (o *order) mayCancel(workflow.Context) error {
	if o.attempt != nil || o.view.Status != domain.Received && o.view.Status != domain.Held {
		return refuse(domain.OrderState, "the order is "+string(o.view.Status)+" and cannot be canceled")
	}
	return nil
}

func (o *order) onCancel(ctx workflow.Context) (OrderView, error) {
	o.canceled = true
	err := workflow.Await(ctx, func() bool { return o.view.Status.Final() })
	return o.view, err
}

func (o *order) mayRetry(workflow.Context) error {
	if o.view.Attention == domain.NoAttention {
		return refuse(domain.OrderState, "nothing is failing")
	}
	return nil
}

func (o *order) onRetry(workflow.Context) error {
	o.retries++
	return nil
}

// refuse is an expected no: it carries its code to the caller and does not alarm the operators.
func refuse(code domain.Code, message string) error {
	return temporal.NewApplicationErrorWithOptions(message, string(code), temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
