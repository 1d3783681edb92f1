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

// handler is an update that can be sent to a workflow.
type handler struct {
	name, description string
	handle, validate  any
}

// registerHandlers registers what can be asked of a running order.
func (o *order) registerHandlers(ctx workflow.Context) error {
	err := register(ctx,
		handler{
			PayUpdate, "Shopper only: a payment is authorized; confirm it and place the order.", o.handlePay, o.validatePay,
		},
		handler{
			CancelUpdate, "Cancel the order and release its units. A paid one that is not shipped is refunded first. Refused while a " +
				`payment is open. Support staff add {"by": "…", "note": "…"}.`, o.handleCancel, o.validateCancel,
		},
		handler{
			ExtendUpdate, "Shopper only: give more time to pay, once, as far as the products allow it.", o.handleExtend, o.validateExtend,
		},
		handler{
			ReturnUpdate, "Return the delivered order: it is refunded when the goods have arrived. Support staff may also return one that is " +
				`in transit; they add {"by": "…", "note": "…"}.`, o.handleReturn, o.validateReturn,
		},
		handler{
			RefundUpdate, `Support staff: refund the paid order now. {"by": "…", "note": "…"}: all of it, and its units come back. With ` +
				`"amount": 1000 a part of it, and the order goes on.`, o.handleRefund, o.validateRefund,
		})
	if err != nil {
		return err
	}
	return o.registerStaffHandlers(ctx)
}

// registerStaffHandlers registers what support staff can ask of whatever fails.
func (o *order) registerStaffHandlers(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, OrderQuery, func() (OrderView, error) { return o.view, nil },
		workflow.QueryHandlerOptions{Description: "Where the order stands."})
	if err != nil {
		return err
	}
	workflow.Go(ctx, o.handleRetrySignals)
	workflow.Go(ctx, o.handlePaymentSignals)
	return register(ctx,
		handler{
			RetryUpdate, "Support staff: try the failing step again now, and answer with what became of it. Only while the order asks for " +
				`attention. {"by": "…", "note": "…"} is kept.`, o.handleRetry, o.validateRetry,
		},
		handler{
			ResolveUpdate, `Support staff: say what the shop cannot know. {"by": "…", "note": "…", "as": "ARRIVED"}: returned goods are ` +
				`here, refund now. "REFUNDED": the money of a failing refund went back by another way. "GIVE_UP": close a workflow that ` +
				"cannot go on.", o.handleResolve, o.validateResolve,
		})
}

func register(ctx workflow.Context, handlers ...handler) error {
	for _, h := range handlers {
		err := workflow.SetUpdateHandlerWithOptions(ctx, h.name, h.handle,
			workflow.UpdateHandlerOptions{Description: h.description, Validator: h.validate})
		if err != nil {
			return err
		}
	}
	return nil
}

// validatePay refuses requests that the order's state does not allow. RECEIVED is not refused: the row, which shoppers see, may be HELD
// before the workflow has the answer of its reservation, and the request waits for that. A key that somebody makes up would count as a
// decline, so only requests as the API sends them are accepted.
func (o *order) validatePay(ctx workflow.Context, in PayRequest) error {
	switch {
	case workflow.GetCurrentUpdateInfo(ctx).ID != PayUpdateID(in.PaymentKey): // as the API names it, so that a double click is one attempt
		return refuse(domain.CodeValidation, "pay is for shoppers, whose payment window gives them the key; this request charged nothing")
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

// refuse is an expected no: it carries its code to the caller and does not alarm the operators.
func refuse(code domain.Code, message string) error {
	return temporal.NewApplicationErrorWithOptions(message, string(code), temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
