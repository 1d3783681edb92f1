package workflows

import (
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// extension is a shopper's request for more time to pay and, once it is decided, done.
type extension struct{ done bool }

// validateExtend refuses what the order's state does not allow. RECEIVED is not refused, as for pay.
func (o *order) validateExtend(_ workflow.Context) error {
	if o.attempt != nil || o.canceled != nil || o.ending || o.view.Status != domain.StatusReceived && o.view.Status != domain.StatusHeld {
		return refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+", or is being paid or ended, and cannot be extended")
	}
	return nil
}

// handleExtend waits until the row has decided whether there is more time.
func (o *order) handleExtend(ctx workflow.Context) (OrderView, error) {
	if o.extension == nil {
		o.extension = &extension{}
	}
	mine := o.extension
	err := workflow.Await(ctx, func() bool { return mine.done || !o.view.Status.Unpaid() || o.leaving })
	if o.extension == mine { // a payment was faster
		o.extension = nil
	}
	return o.view, err
}

// extend asks the row for more time to pay. The timer follows what the row says.
func (o *order) extend(ctx workflow.Context) {
	state, err := step(ctx, o, quickStep("Extend the time to pay"), OrderActivities.ExtendHold, ExtendInput{OrderID: o.in.OrderID})
	if err == nil {
		o.applyRow(ctx, state)
		o.updateVisibility(ctx)
	}
	o.extension.done, o.extension = true, nil
}
