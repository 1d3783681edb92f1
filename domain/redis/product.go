package redis

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"runrun/domain"
)

// editsChannel carries the ids of products that were changed.
const editsChannel = "runrun:edits"

// offerLife bounds how long a product that was read just before it changed may be shown after it.
const offerLife = 10 * time.Second

// Products keeps products with their brands for all processes of the shop. The database is the truth.
type Products struct{ client redis.UniversalClient }

// NewProducts makes the cache of products.
func NewProducts(client redis.UniversalClient) *Products { return &Products{client} }

// Get returns a product that is kept; false if none is.
// Errors: Unavailable.
func (p *Products) Get(ctx context.Context, id domain.ProductID) (offer domain.Offer, kept bool, err error) {
	text, err := p.client.Get(ctx, offerKey(id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return offer, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &offer)
	}
	if err != nil {
		return offer, false, domain.Wrap(domain.CodeUnavailable, err, "the product cache does not answer")
	}
	return offer, true, nil
}

// Put keeps a product for a while.
// Errors: Unavailable.
func (p *Products) Put(ctx context.Context, offer domain.Offer) error {
	text, err := json.Marshal(offer)
	if err == nil {
		err = p.client.Set(ctx, offerKey(offer.Product.ID), text, offerLife).Err()
	}
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the product cache does not answer")
	}
	return nil
}

// Edited forgets products that were changed, here and in every process that listens.
// Errors: Unavailable; then they are shown as they were for a few seconds more.
func (p *Products) Edited(ctx context.Context, ids ...domain.ProductID) error {
	_, err := p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, id := range ids {
			pipe.Del(ctx, offerKey(id))
			pipe.Publish(ctx, editsChannel, string(id))
		}
		return nil
	})
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the product cache does not answer")
	}
	return nil
}

func offerKey(id domain.ProductID) string { return "runrun:offer:{" + string(id) + "}" }
