package checkout

import (
	"context"

	"runrun/domain"
)

// Cancel sends the cancel update to the order's workflow, and returns the order; pending reports that its money is still on its way back.
// An unpaid order is CANCELED then, and its units are given back.
// Errors: NotFound; OrderState unless the order is RECEIVED, HELD or PLACED, or canceled already; Unavailable if the workflow does
// not answer.
func (c *Checkout) Cancel(ctx context.Context, user domain.UserID, id domain.OrderID) (o domain.Order, pending bool, err error) {
	return c.reverse(ctx, user, id, reversal{
		under: domain.StatusCanceling, end: domain.StatusCanceled, allowed: domain.OrderStatus.Cancelable, send: c.workflows.Cancel,
		refusal: "cannot be canceled",
	})
}

// Return sends the return update to the order's workflow, and returns the order; pending reports that its money is not back yet: it
// follows when the goods have arrived.
// Errors: NotFound; OrderState unless the order is DELIVERED and within its time, or returned already; Unavailable if the workflow does
// not answer.
func (c *Checkout) Return(ctx context.Context, user domain.UserID, id domain.OrderID) (o domain.Order, pending bool, err error) {
	return c.reverse(ctx, user, id, reversal{
		under: domain.StatusReturning, end: domain.StatusReturned, allowed: domain.OrderStatus.Returnable, send: c.workflows.Return,
		refusal: "cannot be returned",
	})
}

// reversal is how an order is taken back: which statuses it goes through, from which it may, and by which update.
type reversal struct {
	under, end domain.OrderStatus
	allowed    func(domain.OrderStatus) bool
	send       func(context.Context, domain.Order) error
	refusal    string
}

func (c *Checkout) reverse(ctx context.Context, user domain.UserID, id domain.OrderID, r reversal) (o domain.Order,
	pending bool, err error) {
	if o, err = c.Of(ctx, user, id); err != nil || o.Status == r.end || o.Status == r.under { // the second click
		return o, o.Status == r.under, err
	}
	if !r.allowed(o.Status) {
		return o, false, stateError(o, r.refusal)
	}
	failed := r.send(ctx, o)
	if o, err = c.Get(ctx, id); err != nil {
		return o, false, err
	}
	if o.Status == domain.StatusCanceling { // a refund takes a moment; that of a return takes days
		if o, err = c.Await(ctx, o, pendingTimeout, func(o domain.Order) bool { return !o.Status.Reversing() }); err != nil {
			return o, false, err
		}
	}
	switch {
	case o.Status == r.end || o.Status == r.under:
		return o, o.Status == r.under, nil
	case failed != nil && r.allowed(o.Status):
		return o, false, failed
	}
	return o, false, stateError(o, r.refusal)
}
