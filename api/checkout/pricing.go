package checkout

import (
	"context"
	"fmt"

	"runrun/api/cache"
	"runrun/domain"
)

// Pricing gives orders their names and prices.
type Pricing struct {
	offers *cache.Offers
	clock  Clock
}

// NewPricing returns a Pricing.
func NewPricing(offers *cache.Offers, clock Clock) *Pricing { return &Pricing{offers, clock} }

// apply gives an order's items their names and prices, and the order its sum.
func (p *Pricing) apply(ctx context.Context, order *domain.NewOrder, gateless bool) error {
	lines, err := p.lines(ctx, order.Items, gateless)
	if err != nil {
		return err
	}
	if order.Quote, err = domain.QuoteFor(lines); err != nil {
		return err
	}
	order.ExtendBy = domain.ExtensionOf(lines)
	for n, line := range lines {
		item := &order.Items[n]
		item.Name = line.Product.Name
		if item.UnitPrice, err = line.Product.DiscountedPrice(); err != nil {
			return err
		}
	}
	return nil
}

// Quote prices what a shopper may want to order, and holds nothing: the items with names and prices, and what each brand's goods cost.
// Errors: Validation, UnknownProduct, Unavailable.
func (c *Checkout) Quote(ctx context.Context, items []domain.OrderItem) ([]domain.QuoteLine, error) {
	if err := domain.ValidateItems(items); err != nil {
		return nil, err
	}
	return c.pricing.lines(ctx, items, false)
}

// lines returns the products and brands of an order. The gate has checked whether they are on sale; without it the database's clock
// decides.
// Errors: UnknownProduct, NotOpenYet, Closed.
func (p *Pricing) lines(ctx context.Context, items []domain.OrderItem, gateless bool) ([]domain.QuoteLine, error) {
	lines := make([]domain.QuoteLine, len(items))
	for n, item := range items {
		offer, err := p.offers.Get(ctx, item.ProductID)
		if domain.CodeOf(err) == domain.CodeNotFound {
			return nil, unknownProduct(n)
		}
		if err != nil {
			return nil, err
		}
		if gateless {
			if err := p.checkOpen(ctx, offer.Product); err != nil {
				return nil, err
			}
		}
		lines[n] = domain.QuoteLine{Product: offer.Product, Brand: offer.Brand, Quantity: item.Quantity}
	}
	return lines, nil
}

// checkOpen returns an error unless a product is on sale by the database's clock.
// Errors: NotOpenYet with the time of opening, Closed, Unavailable.
func (p *Pricing) checkOpen(ctx context.Context, product domain.Product) error {
	now, err := p.clock.Now(ctx)
	if err != nil {
		return err
	}
	return product.OpenAt(now)
}

func unknownProduct(line int) error {
	return &domain.Error{Code: domain.CodeUnknownProduct, Message: "there is no such product",
		Fields: []domain.FieldError{{Pointer: fmt.Sprintf("/items/%d/productId", line), Detail: "unknown"}}}
}
