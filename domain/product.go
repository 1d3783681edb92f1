package domain

import "time"

// Product is something that can be ordered.
type Product struct {
	ID      ProductID
	BrandID BrandID
	Name    string
	// Category is the name of the category, and CategoryID the category.
	Category   string
	CategoryID CategoryID
	Price      Money
	// Discount is in percent, 0–100.
	Discount int
	// OpensAt and ClosesAt bound the time in which orders are taken; a zero value is no bound.
	OpensAt  time.Time
	ClosesAt time.Time
	// LimitPerShopper is how many units one shopper may hold and have bought; 0 is no limit.
	LimitPerShopper int
	// HoldExtension is by how much a shopper may extend the time to pay, once; 0 is not at all.
	HoldExtension time.Duration
	Details       ProductDetails
	Thumbnail     ImageID
	Description   ImageID
	Likes         int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// ProductDetails are what the law wants to be said of a product.
type ProductDetails struct {
	Manufacturer string
	Country      string
	Contact      string
}

func (d ProductDetails) check(v *violations) {
	for _, field := range [][2]string{{"/manufacturer", d.Manufacturer}, {"/country", d.Country}, {"/contact", d.Contact}} {
		if field[1] != "" {
			v.text(field[0], field[1], 1, maxNameLength)
		}
	}
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
	if p.CategoryID != "" && !ValidID(CategoryPrefix, string(p.CategoryID)) {
		v.add("/categoryId", "the id of a category")
	}
	p.Details.check(&v)
	v.number("/price", p.Price.Amount, MinPrice, MaxPrice)
	if p.Price.Currency != KRW {
		v.add("/price", "in %s", KRW)
	}
	v.number("/discount", int64(p.Discount), 0, MaxDiscount)
	v.number("/limitPerShopper", int64(p.LimitPerShopper), 0, MaxLimit)
	v.number("/holdExtension", int64(p.HoldExtension/time.Second), 0, int64(MaxHoldExtension/time.Second))
	if !p.ClosesAt.IsZero() && !p.ClosesAt.After(p.OpensAt) {
		v.add("/orderingClosesAt", "after the opening")
	}
	return v.err("the product is not valid")
}

// Offer is a product with the brand that sells it: all that is needed to show and to price it.
type Offer struct {
	Product Product
	Brand   Brand
}
