package domain

import "time"

// Product is something that can be ordered.
type Product struct {
	ID       ProductID
	BrandID  BrandID
	Name     string
	Category string
	Price    Money
	// Discount is in percent, 0–100.
	Discount int
	// OpensAt and ClosesAt bound the time in which orders are taken; a zero value is no bound.
	OpensAt  time.Time
	ClosesAt time.Time
	// LimitPerShopper is how many units one shopper may hold and have bought; 0 is no limit.
	LimitPerShopper int
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// OpenAt returns nil if orders for the product are accepted at now.
// Errors: NotOpenYet, with RetryAt; Closed.
func (p Product) OpenAt(now time.Time) error {
	if !p.OpensAt.IsZero() && now.Before(p.OpensAt) {
		return Errorf(CodeNotOpenYet, "%s opens at %s", p.Name, p.OpensAt.UTC().Format(time.RFC3339)).WithRetryAt(p.OpensAt)
	}
	if !p.ClosesAt.IsZero() && !now.Before(p.ClosesAt) {
		return Errorf(CodeClosed, "%s closed at %s", p.Name, p.ClosesAt.UTC().Format(time.RFC3339))
	}
	return nil
}

// DiscountedPrice is what one unit costs.
func (p Product) DiscountedPrice() (Money, error) { return p.Price.Discounted(p.Discount) }

// Validate checks a product before it is put on sale or changed.
// Errors: Validation, with a pointer to each fault.
func (p Product) Validate() error {
	var v violations
	if !ValidID(ProductPrefix, string(p.ID)) {
		v.add("/id", "an id")
	}
	if !ValidID(BrandPrefix, string(p.BrandID)) {
		v.add("/brandId", "an id")
	}
	v.text("/name", p.Name, 1, maxNameLength)
	v.text("/category", p.Category, 1, maxNameLength)
	v.number("/price", p.Price.Amount, MinPrice, MaxPrice)
	if p.Price.Currency != KRW {
		v.add("/price", "in %s", KRW)
	}
	v.number("/discount", int64(p.Discount), 0, MaxDiscount)
	v.number("/limitPerShopper", int64(p.LimitPerShopper), 0, MaxLimit)
	if !p.ClosesAt.IsZero() && !p.ClosesAt.After(p.OpensAt) {
		v.add("/orderingClosesAt", "after the opening")
	}
	return v.err("the product is not valid")
}

// Brand sells products and sets their delivery fee.
type Brand struct {
	ID       BrandID
	SellerID UserID
	Name     string
	// DeliveryFee is charged once per order and brand, unless the brand's goods in it cost FreeFrom or more.
	DeliveryFee Money
	// FreeFrom is the amount from which delivery is free; a zero amount means always free.
	FreeFrom Money
}

// Validate checks a brand before it is written.
// Errors: Validation, with a pointer to each fault.
func (b Brand) Validate() error {
	var v violations
	if !ValidID(BrandPrefix, string(b.ID)) || b.SellerID == "" {
		v.add("/id", "an id, and the id of its seller")
	}
	v.text("/name", b.Name, 1, maxNameLength)
	v.number("/deliveryFee", b.DeliveryFee.Amount, 0, MaxDeliveryFee)
	v.number("/freeDeliveryFrom", b.FreeFrom.Amount, 0, MaxFreeFrom)
	if b.DeliveryFee.Currency != KRW {
		v.add("/deliveryFee", "in %s", KRW)
	}
	if b.FreeFrom.Currency != KRW {
		v.add("/freeDeliveryFrom", "in %s", KRW)
	}
	return v.err("the brand is not valid")
}

// Offer is a product with the brand that sells it: all that is needed to show and to price it.
type Offer struct {
	Product Product
	Brand   Brand
}
