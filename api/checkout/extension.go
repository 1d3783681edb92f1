package checkout

import (
	"context"

	"runrun/domain"
)

// Extend sends the extend update to the order's workflow, and returns the order, with the moment until when it is to be paid now. Asked
// again, before anything else has happened, it answers with the order as it is.
// Errors: NotFound; OrderState unless the order is HELD, its products allow an extension and it has had none; Unavailable if the workflow
// does not answer.
func (c *Checkout) Extend(ctx context.Context, user domain.UserID, id domain.OrderID) (domain.Order, error) {
	o, err := c.Of(ctx, user, id)
	if err != nil || o.Extended() {
		return o, err
	}
	if !o.Extendable() {
		return o, stateError(o, "cannot be extended")
	}
	failed := c.workflows.Extend(ctx, o)
	if o, err = c.Get(ctx, id); err != nil {
		return o, err
	}
	switch {
	case o.Extended():
		return o, nil
	case failed != nil && o.Extendable():
		return o, failed
	}
	return o, stateError(o, "cannot be extended")
}
