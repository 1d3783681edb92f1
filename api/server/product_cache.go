package server

import (
	"context"
	"log/slog"
	"time"

	"runrun/domain"
)

// offerAge is how long a process shows a product without asking anybody.
const offerAge = time.Second

// sharedCache keeps products for all processes; redis.Products is one.
type sharedCache interface {
	Get(ctx context.Context, id domain.ProductID) (offer domain.Offer, kept bool, err error)
	Put(ctx context.Context, offer domain.Offer) error
}

// newOffers finds products with their brands: in this process, in Redis, in the database. A change is told to all processes;
// should that be lost, what is shown is seconds old at most. Stock is never in it, and whether a product may be ordered the
// gate and the reservation decide.
func newOffers(shared sharedCache, read func(context.Context, domain.ProductID) (domain.Offer, error)) *recent[domain.ProductID, domain.Offer] {
	return newRecent(offerAge, func(ctx context.Context, id domain.ProductID) (domain.Offer, error) {
		offer, kept, err := shared.Get(ctx, id)
		if kept && err == nil {
			return offer, nil
		}
		if offer, err = read(ctx, id); err != nil {
			return offer, err
		}
		if err := shared.Put(ctx, offer); err != nil {
			slog.DebugContext(ctx, "product not kept", "product", id, "error", err)
		}
		return offer, nil
	})
}

// readOffer reads a product with its brand from the database.
// Errors: NotFound, Unavailable.
func (s *Server) readOffer(ctx context.Context, id domain.ProductID) (domain.Offer, error) {
	products, err := s.store.ProductsByID(ctx, []domain.ProductID{id})
	if err != nil {
		return domain.Offer{}, err
	}
	product, found := products[id]
	if !found {
		return domain.Offer{}, domain.Errorf(domain.NotFound, "there is no product %s", id)
	}
	brands, err := s.store.BrandsByID(ctx, []domain.BrandID{product.BrandID})
	return domain.Offer{Product: product, Brand: brands[product.BrandID]}, err
}
