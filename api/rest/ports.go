package rest

import (
	"context"
	"time"

	"runrun/domain"
)

// OrderRows reads orders, their payments and their events.
type OrderRows interface {
	OrdersOf(ctx context.Context, user domain.UserID, after domain.OrderID, limit int) ([]domain.Order, error)
	Payments(ctx context.Context, id domain.OrderID) ([]domain.Payment, error)
	Events(ctx context.Context, id domain.OrderID, after int64) ([]domain.OrderEvent, error)
}

// Support is what support staff are shown beside an order, and what they can ask for.
type Support interface {
	OrdersFor(ctx context.Context, f domain.OrderFilter) ([]domain.Order, error)
	Refunds(ctx context.Context, id domain.OrderID) ([]domain.Refund, error)
	Reservations(ctx context.Context, id domain.OrderID) ([]domain.Reservation, error)
	Act(ctx context.Context, o domain.Order, in domain.StaffAction) error
}

// Catalog reads and writes products and their stock.
type Catalog interface {
	Now(ctx context.Context) (time.Time, error)
	Products(ctx context.Context, after domain.ProductID, limit int) ([]domain.Product, error)
	ProductsByID(ctx context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error)
	BrandsByID(ctx context.Context, ids []domain.BrandID) (map[domain.BrandID]domain.Brand, error)
	AddProduct(ctx context.Context, p domain.Product, units int64) error
	AddStock(ctx context.Context, id domain.ProductID, quantity int64) error
}

// Gate admits more shoppers, or fewer, after a change of stock.
type Gate interface {
	Add(ctx context.Context, product domain.ProductID, units int64) error
}

// Queue returns an order's position among those that wait for their workflow.
type Queue interface {
	Position(o *domain.Order) (position int, wait time.Duration, ok bool)
}

// Announcements tell which orders and products may have changed.
type Announcements interface {
	WatchOrder(id domain.OrderID) (changed <-chan struct{}, stop func())
	WatchProduct(id domain.ProductID) (changed <-chan struct{}, stop func())
}
