package rest

import (
	"context"
	"time"

	"runrun/domain"
)

// AccountRows reads and changes accounts.
type AccountRows interface {
	UserByID(ctx context.Context, id domain.UserID) (domain.User, error)
	ChangeProfile(ctx context.Context, id domain.UserID, p domain.Profile) error
	SetPassword(ctx context.Context, id domain.UserID, hash string, keep domain.SessionID) error
	EraseUser(ctx context.Context, id domain.UserID) error
}

// AddressRows reads and changes the addresses of users.
type AddressRows interface {
	Addresses(ctx context.Context, user domain.UserID) ([]domain.Address, error)
	AddressOf(ctx context.Context, user domain.UserID, id domain.AddressID) (domain.Address, error)
	AddAddress(ctx context.Context, a domain.Address) error
	ChangeAddress(ctx context.Context, a domain.Address) error
	MakeDefault(ctx context.Context, user domain.UserID, id domain.AddressID) error
	DeleteAddress(ctx context.Context, user domain.UserID, id domain.AddressID) error
}

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
