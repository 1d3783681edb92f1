package checkout

import (
	"context"
	"time"

	"runrun/domain"
)

// KeyIndex finds orders by idempotency key.
type KeyIndex interface {
	OrderIDs(ctx context.Context, keys []domain.OrderKey) (map[domain.OrderKey]domain.OrderID, error)
	// OrderByKey returns an order and the fingerprint of the request that made it.
	OrderByKey(ctx context.Context, user domain.UserID, key string) (order domain.Order, fingerprint string, err error)
	// Digest returns a keyed digest of personal data.
	Digest(purpose, text string) string
}

// Rows reads and writes the rows of orders.
type Rows interface {
	// Accept writes orders durably and reports of each whether it is new: its idempotency key was not used before.
	Accept(ctx context.Context, orders []domain.NewOrder) ([]bool, error)
	OrdersByID(ctx context.Context, ids []domain.OrderID) (map[domain.OrderID]domain.Order, error)
	OpenOrdersOf(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.OpenOrders, error)
	Payments(ctx context.Context, id domain.OrderID) ([]domain.Payment, error)
}

// Counts is what a gate is opened and corrected with.
type Counts interface {
	ProductsByID(ctx context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error)
	Claims(ctx context.Context, product domain.ProductID, tickets []int64) (domain.Claims, error)
	LastTicket(ctx context.Context, product domain.ProductID) (int64, error)
	Owned(ctx context.Context, product domain.ProductID) (map[domain.UserID]int64, error)
	OwnedBy(ctx context.Context, product domain.ProductID, user domain.UserID) (int64, error)
}

// Gate issues tickets.
type Gate interface {
	Enter(ctx context.Context, entries []domain.GateEntry) ([]domain.GateAnswer, error)
	Seed(ctx context.Context, seed domain.GateSeed) error
	ConfirmTickets(ctx context.Context, orders []domain.NewOrder) error
	GiveBack(ctx context.Context, order domain.OrderID, user domain.UserID, items []domain.OrderItem) error
	CorrectOwned(ctx context.Context, product domain.ProductID, user domain.UserID, units int64, recent time.Duration) (int64, error)
}

// Presence reports whether there is a gate at all.
type Presence interface {
	Absent() bool
	// Check waits for a report that is newer than the call, and returns Absent then.
	Check(ctx context.Context) bool
}

// Announcements tell which orders may have changed.
type Announcements interface {
	WatchOrder(id domain.OrderID) (changed <-chan struct{}, stop func())
}

// Dispatcher starts the workflows of accepted orders.
type Dispatcher interface {
	Add(orders ...domain.Order)
	// Room returns how many more orders can wait.
	Room() int
}

// Workflows asks the workflow of an order to act.
type Workflows interface {
	// Trace makes the start of an order's workflow a part of the trace of ctx.
	Trace(ctx context.Context, id domain.OrderID)
	Pay(ctx context.Context, o domain.Order, paymentKey string) (domain.Order, domain.PaymentResult, error)
	Cancel(ctx context.Context, o domain.Order) error
	Return(ctx context.Context, o domain.Order) error
	Extend(ctx context.Context, o domain.Order) error
}

// Limiter counts what one shopper asks for.
type Limiter interface {
	Take(ctx context.Context, who string, of domain.RateLimit, n int) domain.RateVerdict
}

// Clock is the database's clock.
type Clock interface {
	Now(ctx context.Context) (time.Time, error)
}
