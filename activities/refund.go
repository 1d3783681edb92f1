package activities

import (
	"context"

	"runrun/domain"
	"runrun/workflows"
)

// RecordRefundIntent writes down that a payment will be given back, before the gateway is asked. Without an approved payment
// there is no refund.
func (a *Orders) RecordRefundIntent(ctx context.Context, in workflows.RefundInput) (*domain.Refund, error) {
	refund, err := a.store.RecordRefundIntent(ctx, in.OrderID, in.PaymentKey, in.Reason)
	return refund, toApplicationError(ctx, "RecordRefundIntent", err)
}

// RecordRefund writes down what became of a refund.
func (a *Orders) RecordRefund(ctx context.Context, in workflows.RefundRecord) (domain.RefundStatus, error) {
	err := a.store.SettleRefund(ctx, in.OrderID, in.PaymentKey, in.Status, in.Code)
	return in.Status, toApplicationError(ctx, "RecordRefund", err)
}
