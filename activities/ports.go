package activities

import (
	"context"

	"runrun/domain"
)

// StockStore returns units, or lets them be held for longer.
type StockStore interface {
	Release(ctx context.Context, in domain.Release) (domain.Order, error)
	Extend(ctx context.Context, id domain.OrderID) (domain.Order, error)
}

// PaymentStore writes down what becomes of payment attempts, and the order's status with it.
type PaymentStore interface {
	RecordIntent(ctx context.Context, id domain.OrderID, paymentKey string) (domain.Order, *domain.Intent, error)
	Place(ctx context.Context, in domain.Placement) (domain.Order, error)
	Decline(ctx context.Context, id domain.OrderID, paymentKey string, result domain.PaymentResult) (domain.Order, error)
	Payments(ctx context.Context, id domain.OrderID) ([]domain.Payment, error)
	MarkUnknown(ctx context.Context, id domain.OrderID, paymentKey string, result domain.PaymentResult) (domain.Order, error)
}

// RefundStore writes down what becomes of refunds.
type RefundStore interface {
	RecordRefundIntent(ctx context.Context, in domain.RefundIntention) (*domain.Refund, error)
	Refunds(ctx context.Context, id domain.OrderID) ([]domain.Refund, error)
	ChangeRefund(ctx context.Context, in domain.RefundChange) error
	RecordLateApproval(ctx context.Context, in domain.LateApproval) (*domain.Refund, error)
}

// FulfilmentStore takes paid orders on, and back.
type FulfilmentStore interface {
	Move(ctx context.Context, in domain.Move) (domain.Order, error)
	Restock(ctx context.Context, in domain.Restock) (domain.Order, error)
	Revive(ctx context.Context, in domain.Placement) (domain.Order, error)
}

// OrderStore marks orders for support staff.
type OrderStore interface {
	SetAttention(ctx context.Context, in domain.AttentionChange) (domain.Order, error)
}

// Store is the whole database, as the worker's has it.
type Store interface {
	StockStore
	PaymentStore
	RefundStore
	FulfilmentStore
	OrderStore
}

// Announcer tells waiting shoppers that orders changed.
type Announcer interface {
	Announce(ctx context.Context, ids ...domain.OrderID) error
}

// Gate admits shoppers.
type Gate interface {
	// GiveBack admits others to an order's units. It may be repeated.
	GiveBack(ctx context.Context, order domain.OrderID, user domain.UserID, items []domain.OrderItem) error
}

// Gateway is the payment gateway.
type Gateway interface {
	Confirm(ctx context.Context, want domain.Payment, idempotencyKey string) (domain.PaymentResult, error)
	LookUp(ctx context.Context, want domain.Payment) (domain.PaymentResult, error)
	Cancel(ctx context.Context, in domain.RefundOrder) (domain.RefundResult, error)
}

// FastGateway is the payment gateway for callers that cannot wait long.
type FastGateway interface {
	// TryConfirm is Confirm, if the gateway can be asked at once. An error says that the outcome is not known.
	TryConfirm(ctx context.Context, want domain.Payment, idempotencyKey string) (domain.PaymentResult, error)
}
