package reserve

import (
	"context"

	"runrun/domain"
)

// Store decides batches of orders.
type Store interface {
	Reserve(ctx context.Context, batch domain.ReserveBatch) ([]domain.ReserveAnswer, error)
}

// Lease is a product's lock that is held.
type Lease interface {
	// Token is the lock's fencing token; domain.NoFence if the lock could not be acquired.
	Token() int64
	Release(ctx context.Context)
}

// Locker acquires the locks of products. above is the fence that the stock row is known to have seen.
type Locker interface {
	Acquire(ctx context.Context, product domain.ProductID, above int64) (Lease, error)
}
