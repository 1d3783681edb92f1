package checkout

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"runrun/domain"
)

// Payment is a shopper's request to confirm a payment.
type Payment struct {
	User       domain.UserID
	Order      domain.OrderID
	PaymentKey string
	Amount     int64
}

// errPending says that an attempt has no outcome yet.
var errPending = errors.New("the payment has no outcome yet")

// pendingTimeout is how long an attempt without an outcome is waited for.
const pendingTimeout = 5 * time.Second

// Payable returns an order of the shopper that can be paid, or is being paid.
// Errors: NotFound, OrderState.
func (c *Checkout) Payable(ctx context.Context, user domain.UserID, id domain.OrderID) (domain.Order, error) {
	o, err := c.Of(ctx, user, id)
	if err == nil && !o.Status.Unpaid() {
		err = stateError(o, "is not to be paid")
	}
	return o, err
}

// Pay lets the order's workflow confirm a payment, and returns the order; pending reports that there is no outcome yet. Owner and
// amount are checked here, against the row.
// Errors: NotFound, AmountMismatch, Validation, OrderState, PaymentInProgress, PaymentDeclined, PaymentUnavailable, Unavailable.
func (c *Checkout) Pay(ctx context.Context, p Payment) (o domain.Order, pending bool, err error) {
	if o, err = c.Of(ctx, p.User, p.Order); err != nil {
		return o, false, err
	}
	if p.Amount != o.Due.Amount {
		return o, false, domain.Errorf(domain.CodeAmountMismatch, "the order costs %s", o.Due)
	}
	if !domain.ValidKey(p.PaymentKey) {
		return o, false, &domain.Error{Code: domain.CodeValidation, Message: "the payment key is not valid",
			Fields: []domain.FieldError{{Pointer: "/paymentKey", Detail: "1–200 visible ASCII characters"}}}
	}
	if o.Status.Paid() {
		return o, false, c.paidBy(ctx, o, p.PaymentKey)
	}
	if !o.Status.Payable() && o.Status != domain.StatusPaying {
		return o, false, stateError(o, "cannot be paid")
	}
	after, result, failed := c.workflows.Pay(ctx, o, p.PaymentKey)
	if failed != nil {
		slog.DebugContext(ctx, "pay update failed", "order_id", o.ID, "error", failed)
		return c.payByRow(ctx, o, p.PaymentKey, failed)
	}
	if after.Status.Paid() {
		if o, err = c.Get(ctx, o.ID); err == nil {
			err = c.paidBy(ctx, o, p.PaymentKey)
		}
		return o, false, err
	}
	return after, false, outcome(after, attemptOf(result))
}

// paidBy returns nil if it was this payment that paid the order. That the workflow says PLACED is no proof: if Temporal dropped the update
// that paid, one with another key may come first, and is told what the row says.
// Errors: OrderState, Unavailable.
func (c *Checkout) paidBy(ctx context.Context, o domain.Order, paymentKey string) error {
	mine, err := c.attempt(ctx, o.ID, paymentKey)
	if err != nil {
		return err
	}
	return outcome(o, mine)
}

// payByRow answers from the order's row when the workflow did not answer: with the outcome of the attempt, or with cause if the row
// has none and the order can still be paid.
func (c *Checkout) payByRow(
	ctx context.Context,
	o domain.Order,
	paymentKey string,
	cause error,
) (row domain.Order, pending bool, err error) {
	mine, err := c.attempt(ctx, o.ID, paymentKey)
	if err != nil {
		return o, false, cause
	}
	wait := pendingTimeout
	if mine == nil {
		wait = 0
	}
	if o, err = c.Get(ctx, o.ID); err == nil {
		o, err = c.Await(ctx, o, wait, func(o domain.Order) bool { return o.Status != domain.StatusPaying })
	}
	if err != nil {
		return o, false, cause
	}
	if mine, err = c.attempt(ctx, o.ID, paymentKey); err != nil || mine == nil && o.Status.Unpaid() {
		return o, false, cause
	}
	err = outcome(o, mine)
	if errors.Is(err, errPending) {
		return o, true, nil
	}
	return o, false, err
}

// attempt returns what the database has of a payment key; nil if nothing.
func (c *Checkout) attempt(ctx context.Context, id domain.OrderID, paymentKey string) (*attempt, error) {
	payments, err := c.rows.Payments(ctx, id)
	for _, p := range payments {
		if p.PaymentKey == paymentKey {
			return &attempt{p.Status, p.Code, p.Message}, err
		}
	}
	return nil, err
}
