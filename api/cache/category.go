package cache

import (
	"context"
	"time"

	"runrun/domain"
)

// categoriesTTL is how old the tree of categories may be that is shown.
const categoriesTTL = 10 * time.Second

// wholeTree is the one key of the cache.
const wholeTree = "tree"

// Categories caches the tree of categories.
type Categories struct {
	tree *TTL[string, domain.Categories]
}

// NewCategories returns an empty cache of what read returns.
func NewCategories(read func(context.Context) (domain.Categories, error)) *Categories {
	return &Categories{NewTTL(categoriesTTL, func(ctx context.Context, _ string) (domain.Categories, error) { return read(ctx) })}
}

// Get returns the tree.
// Errors: Unavailable.
func (c *Categories) Get(ctx context.Context) (domain.Categories, error) {
	return c.tree.Get(ctx, wholeTree)
}
