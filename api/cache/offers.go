package cache

import (
	"context"
	"log/slog"
	"time"

	"runrun/domain"
)

// offerTTL is how long a process shows a product without asking anybody.
const offerTTL = time.Second

// Shared keeps offers for all processes; redis.Products is one.
type Shared interface {
	Get(ctx context.Context, id domain.ProductID) (offer domain.Offer, kept bool, err error)
	Put(ctx context.Context, offer domain.Offer) error
}

// Catalog reads products and brands from the database.
type Catalog interface {
	ProductsByID(ctx context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error)
	BrandsByID(ctx context.Context, ids []domain.BrandID) (map[domain.BrandID]domain.Brand, error)
}

// Offers finds products with their brands: in this process, in the shared cache, in the database. Changes are announced to all
// processes, which then call Invalidate; if an announcement is lost, an offer is seconds old at most. Offers never contain stock.
type Offers struct {
	*TTL[domain.ProductID, domain.Offer]
	catalog Catalog
}

// NewOffers returns an empty cache.
func NewOffers(shared Shared, catalog Catalog) *Offers {
	o := &Offers{catalog: catalog}
	o.TTL = NewTTL(offerTTL, func(ctx context.Context, id domain.ProductID) (domain.Offer, error) {
		offer, kept, err := shared.Get(ctx, id)
		if kept && err == nil {
			return offer, nil
		}
		if offer, err = o.Read(ctx, id); err != nil {
			return offer, err
		}
		if err := shared.Put(ctx, offer); err != nil {
			slog.DebugContext(ctx, "offer not shared", "product_id", id, "error", err)
		}
		return offer, nil
	})
	return o
}

// Read returns a product with its brand from the database, past the caches.
// Errors: NotFound, Unavailable.
func (o *Offers) Read(ctx context.Context, id domain.ProductID) (domain.Offer, error) {
	products, err := o.catalog.ProductsByID(ctx, []domain.ProductID{id})
	if err != nil {
		return domain.Offer{}, err
	}
	product, found := products[id]
	if !found {
		return domain.Offer{}, domain.Errorf(domain.CodeNotFound, "there is no product %s", id)
	}
	brands, err := o.catalog.BrandsByID(ctx, []domain.BrandID{product.BrandID})
	return domain.Offer{Product: product, Brand: brands[product.BrandID]}, err
}
