package workflows

import (
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

func (o *order) validateCancel(_ workflow.Context, _ CancelRequest) error {
	if o.attempt != nil || o.reversal != nil || !o.view.Status.Cancelable() {
		return refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be canceled")
	}
	return nil
}

// handleCancel waits until the cancellation is decided: an unpaid order has ended then, the money of a paid one is on its way back. The row
// may turn out to be further than the workflow knew: then there is nothing to cancel.
func (o *order) handleCancel(ctx workflow.Context, in CancelRequest) (OrderView, error) {
	if o.canceled == nil {
		o.canceled = &in
		o.updatePage(ctx)
	}
	mine := o.canceled
	decided := func() bool { return o.canceled != mine || o.view.Status.Final() || o.view.Status.Paid() && o.over() }
	if err := workflow.Await(ctx, decided); err != nil {
		return o.view, err
	}
	if o.view.Status.Paid() && o.view.Status != domain.StatusCanceling {
		return o.view, refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be canceled")
	}
	return o.view, nil
}

// cancel ends the unpaid order as its shopper, or support staff, asked.
func (o *order) cancel(ctx workflow.Context) {
	end := o.endAs(domain.StatusCanceled, o.canceled.reason())
	end.By, end.Note = o.canceled.By, o.canceled.Note
	o.end(ctx, end)
}

// cancelPaid takes the paid order back, unless it was shipped meanwhile.
func (o *order) cancelPaid(ctx workflow.Context) {
	in := *o.canceled
	o.move(ctx, "Cancel the order", MoveInput{To: domain.StatusCanceling, Reason: in.reason(), By: in.By, Note: in.Note})
	o.canceled = nil
}

func (r CancelRequest) reason() string {
	if r.Shopper {
		return domain.ReasonCanceled
	}
	return domain.ReasonStopped
}
