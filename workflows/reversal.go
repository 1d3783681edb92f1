package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// reversal is a request to take a paid order back, or a part of its money, and, once it is decided, done.
type reversal struct {
	// staff is set if support staff ask: they are bound to no time.
	staff    bool
	by, note string
	// now refunds at once, and waits for no goods.
	now bool
	// amount is a part of the payment, in minor units; 0 is the whole order.
	amount int64
	// id names the request, so that a part is refunded once.
	id   string
	done bool
	err  error
}

func (o *order) validateReturn(_ workflow.Context, in ReturnRequest) error {
	switch {
	case o.reversal != nil || o.canceled != nil:
		return refuse(domain.CodeOrderState, "another request about the order is being decided")
	case !o.view.Status.Returnable() && (in.Shopper || o.view.Status != domain.StatusInTransit):
		return refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be returned")
	}
	return nil
}

// handleReturn waits until the row has decided: the order is RETURNING then, and its money follows when the goods have arrived.
func (o *order) handleReturn(ctx workflow.Context, in ReturnRequest) (OrderView, error) {
	return o.request(ctx, &reversal{staff: !in.Shopper, by: in.By, note: in.Note})
}

func (o *order) validateRefund(_ workflow.Context, in RefundRequest) error {
	switch {
	case in.Note == "" || in.By == "":
		return refuse(domain.CodeValidation, `say who you are and why: {"by": "…", "note": "…", "amount": 0}`)
	case in.Amount < 0 || in.Amount > o.in.Due.Amount:
		return refuse(domain.CodeValidation, fmt.Sprintf("amount: 0 for the whole order, or 1 to %d", o.in.Due.Amount))
	case o.reversal != nil || o.canceled != nil:
		return refuse(domain.CodeOrderState, "another request about the order is being decided")
	case !o.view.Status.Paid() || o.view.Status.Reversing() || o.view.Status.Final():
		return refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+": there is nothing to refund, or it is under way")
	}
	return nil
}

// handleRefund answers when the refund is decided; for a part, when it is made.
func (o *order) handleRefund(ctx workflow.Context, in RefundRequest) (OrderView, error) {
	return o.request(ctx, &reversal{staff: true, now: true, by: in.By, note: in.Note, amount: in.Amount,
		id: workflow.GetCurrentUpdateInfo(ctx).ID})
}

// request passes a reversal to the main workflow goroutine and waits until it is decided.
func (o *order) request(ctx workflow.Context, mine *reversal) (OrderView, error) {
	o.reversal = mine
	if err := workflow.Await(ctx, func() bool { return mine.done || o.reversal != mine }); err != nil {
		return o.view, err
	}
	if !mine.done {
		mine.err = refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be returned or refunded")
	}
	return o.view, mine.err
}

// reverse decides the request: the order goes back, or a part of its money.
func (o *order) reverse(ctx workflow.Context) {
	r := o.reversal
	defer func() { o.reversal, r.done = nil, true }()
	if r.amount > 0 {
		r.err = o.refundPart(ctx, *r)
		return
	}
	in := MoveInput{
		To: domain.StatusReturning, Reason: domain.ReasonReturned, NextAfter: o.in.Fulfilment.ReturnAfter,
		Staff: r.staff, By: r.by, Note: r.note,
	}
	if r.staff {
		in.Reason = domain.ReasonRefunded
	}
	if r.now {
		in.NextAfter = 0
		if o.view.Status == domain.StatusPlaced {
			in.To = domain.StatusCanceling
		}
	}
	o.move(ctx, "Take the order back", in)
	if o.view.Status != in.To {
		r.err = refuse(domain.CodeOrderState, "the order is "+string(o.view.Status)+" and cannot be returned; the time for it may be over")
	}
}
