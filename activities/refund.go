package activities

import (
	"context"

	"runrun/domain"
	"runrun/workflows"
)

// RecordRefundIntent writes down that a payment will be given back, before the gateway is asked. Without an approved payment
// there is no refund.
func (a *Orders) RecordRefundIntent(ctx context.Context, in workflows.RefundInput) (*domain.Refund, error) {
	refund, err := a.store.RecordRefundIntent(ctx, domain.RefundIntention{
		OrderID: in.OrderID, PaymentKey: in.PaymentKey, Reason: in.Reason, Amount: in.Amount, Request: in.Request, OpenOnly: in.OpenOnly,
	})
	return refund, toApplicationError(ctx, "RecordRefundIntent", err)
}

// RecordRefund writes down what became of a refund.
func (a *Orders) RecordRefund(ctx context.Context, in workflows.RefundRecord) (domain.RefundStatus, error) {
	err := a.store.ChangeRefund(ctx, domain.RefundChange{
		OrderID: in.OrderID, PaymentKey: in.PaymentKey, Seq: in.Seq, Status: in.Status, Code: in.Code, Attempt: in.Attempt,
	})
	return in.Status, toApplicationError(ctx, "RecordRefund", err)
}

// RecordLateApproval writes down that a payment took money and does not pay its order, and that it will be given back. It returns nothing
// if the payment pays the order after all.
func (a *Orders) RecordLateApproval(ctx context.Context, in workflows.LateApproval) (*domain.Refund, error) {
	refund, err := a.store.RecordLateApproval(ctx, domain.LateApproval{OrderID: in.OrderID, PaymentKey: in.PaymentKey, Paid: in.Result})
	return refund, toApplicationError(ctx, "RecordLateApproval", err)
}

// ReviveOrder places an order that ended unpaid after all, if its units are still on sale; else the row stays as it is.
func (a *Orders) ReviveOrder(ctx context.Context, in workflows.LateApproval) (workflows.OrderState, error) {
	order, err := a.store.Revive(ctx, domain.Placement{
		OrderID: in.OrderID, PaymentKey: in.PaymentKey, Paid: in.Result, ShipAfter: in.ShipAfter,
	})
	if err != nil {
		return workflows.OrderState{}, toApplicationError(ctx, "ReviveOrder", err)
	}
	a.announce(ctx, "ReviveOrder", order)
	return stateOf(order), nil
}
