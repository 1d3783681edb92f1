package cache

import (
	"context"
	"time"

	"runrun/domain"
)

// StockTTL is how old a count may be that is shown. It also bounds the statements: one a second per product, however many look.
const StockTTL = time.Second

// Stocks caches the stock of products.
type Stocks = TTL[domain.ProductID, domain.Stock]

// NewStocks returns an empty cache of what count returns.
func NewStocks(count func(context.Context, domain.ProductID) (domain.Stock, error)) *Stocks {
	return NewTTL(StockTTL, count)
}
