package activities

import (
	"context"

	"runrun/domain"
)

// StockStore moves units.
type StockStore interface {
	Reserve(ctx context.Context, batch domain.ReserveBatch) ([]domain.ReserveAnswer, error)
	Release(ctx context.Context, in domain.Release) (domain.Order, error)
}

// PaymentStore writes down what becomes of payment attempts, and the order's status with it.
type PaymentStore interface {
	RecordIntent(ctx context.Context, id domain.OrderID, paymentKey string) (domain.Order, *domain.Intent, error)
	Place(ctx context.Context, id domain.OrderID, paymentKey string, paid domain.PaymentResult) (domain.Order, error)
	Decline(ctx context.Context, id domain.OrderID, paymentKey string, result domain.PaymentResult) (domain.Order, error)
	Payments(ctx context.Context, id domain.OrderID) ([]domain.Payment, error)
	MarkUnknown(ctx context.Context, id domain.OrderID, paymentKey string, result domain.PaymentResult) (domain.Order, error)
}

// RefundStore writes down what becomes of refunds.
type RefundStore interface {
	RecordRefundIntent(ctx context.Context, id domain.OrderID, paymentKey, reason string) (*domain.Refund, error)
	OpenRefund(ctx context.Context, id domain.OrderID) (*domain.Refund, error)
	SettleRefund(ctx context.Context, id domain.OrderID, paymentKey string, status domain.RefundStatus, code string) error
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
	OrderStore
}

// Lease is a product lock that is held.
type Lease interface {
	// Token is the lock's fencing token; domain.NoFence if it was not to be had.
	Token() int64
	Release(ctx context.Context)
}

// Locker hands out product locks. above is the fence that the stock row is known to have seen.
type Locker interface {
	Acquire(ctx context.Context, product domain.ProductID, above int64) (Lease, error)
}

// Announcer tells waiting shoppers that orders changed.
type Announcer interface {
	Announce(ctx context.Context, ids ...domain.OrderID) error
}

// Gate lets shoppers in.
type Gate interface {
	// GiveBack lets an order's units in again. It may be repeated.
	GiveBack(ctx context.Context, order domain.OrderID, user domain.UserID, items []domain.OrderItem) error
}

// Gateway is the payment gateway.
type Gateway interface {
	Confirm(ctx context.Context, ask domain.Payment, idempotencyKey string) (domain.PaymentResult, error)
	LookUp(ctx context.Context, ask domain.Payment) (domain.PaymentResult, error)
	Cancel(ctx context.Context, ask domain.Payment, reason, idempotencyKey string) (domain.RefundResult, error)
}
