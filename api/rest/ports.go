package rest

import (
	"context"
	"io"
	"time"

	"runrun/domain"
)

// AccountRows reads and changes accounts.
type AccountRows interface {
	UserByID(ctx context.Context, id domain.UserID) (domain.User, error)
	ChangeProfile(ctx context.Context, id domain.UserID, c domain.ProfileChange) error
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

// CartRows reads and changes the carts of users.
type CartRows interface {
	Cart(ctx context.Context, user domain.UserID) ([]domain.CartLine, error)
	AddToCart(ctx context.Context, user domain.UserID, product domain.ProductID, quantity int) error
	SetCartLine(ctx context.Context, user domain.UserID, product domain.ProductID, quantity int) error
	RemoveFromCart(ctx context.Context, user domain.UserID, product domain.ProductID) error
}

// OrderRows reads orders, their payments and their events.
type OrderRows interface {
	OrdersOf(ctx context.Context, user domain.UserID, status domain.OrderStatus, after domain.OrderID, limit int) ([]domain.Order, error)
	Receiver(ctx context.Context, id domain.OrderID) (domain.Receiver, error)
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

// Catalog is the database, as far as products are shown and sold.
type Catalog interface {
	ProductRows
	ProductEdits
	BrandRows
	StockRows
	Now(ctx context.Context) (time.Time, error)
}

// ProductRows reads products.
type ProductRows interface {
	Listings(ctx context.Context, f domain.ProductFilter) ([]domain.Listing, error)
	ProductsByID(ctx context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error)
	Like(ctx context.Context, product domain.ProductID, user domain.UserID, likes bool) (int64, error)
}

// ProductEdits changes products.
type ProductEdits interface {
	AddProduct(ctx context.Context, p domain.Product, units int64) error
	ChangeProduct(ctx context.Context, c domain.ProductChange) (domain.Product, error)
	DeleteProduct(ctx context.Context, id domain.ProductID) error
	SetProductImage(ctx context.Context, id domain.ProductID, thumbnail bool, image domain.ImageID) (old domain.ImageID, err error)
}

// BrandRows reads and changes brands.
type BrandRows interface {
	BrandsByID(ctx context.Context, ids []domain.BrandID) (map[domain.BrandID]domain.Brand, error)
	Brands(ctx context.Context, seller domain.UserID, after domain.BrandID, limit int) ([]domain.Brand, error)
	AddBrand(ctx context.Context, b domain.Brand) error
	ChangeBrand(ctx context.Context, b domain.Brand) (products []domain.ProductID, err error)
	SetBrandImage(ctx context.Context, id domain.BrandID, image domain.ImageID) (old domain.ImageID, err error)
}

// StockRows changes stock, and lists how it was changed.
type StockRows interface {
	AddStock(ctx context.Context, c domain.StockChange) error
	StockChanges(ctx context.Context, id domain.ProductID, after int64, limit int) ([]domain.StockChange, error)
}

// Gate admits more shoppers, or fewer, after a change of stock, and by other rules after a change of the product.
type Gate interface {
	Add(ctx context.Context, product domain.ProductID, units int64) error
	Configure(ctx context.Context, product domain.ProductID, rules domain.GateRules) error
}

// Edits tells every process that products were changed.
type Edits interface {
	Edited(ctx context.Context, ids ...domain.ProductID) error
}

// Images keeps pictures.
type Images interface {
	Put(ctx context.Context, id domain.ImageID, jpeg []byte) error
	Get(ctx context.Context, id domain.ImageID) (io.ReadCloser, error)
	Delete(ctx context.Context, id domain.ImageID) error
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
