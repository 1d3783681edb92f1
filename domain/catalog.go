package domain

import "time"

// ProductState is whether a product can be ordered now.
type ProductState string

// The states of a product.
const (
	ProductOpen     ProductState = "OPEN"     // orders are taken, and there are units
	ProductUpcoming ProductState = "UPCOMING" // orders will be taken
	ProductSoldOut  ProductState = "SOLD_OUT" // orders would be taken, and no unit is available
	ProductClosed   ProductState = "CLOSED"   // orders are not taken any more
)

// StateAt returns a product's state at a time, with so many units available.
func (p Product) StateAt(now time.Time, available int64) ProductState {
	switch CodeOf(p.OpenAt(now)) {
	case CodeNotOpenYet:
		return ProductUpcoming
	case CodeClosed:
		return ProductClosed
	}
	if available <= 0 {
		return ProductSoldOut
	}
	return ProductOpen
}

// ProductSort is the order of a list of products.
type ProductSort string

// The orders of a list of products.
const (
	SortNewest    ProductSort = "newest"
	SortPriceAsc  ProductSort = "price"
	SortPriceDesc ProductSort = "-price"
	SortLikes     ProductSort = "likes"
	SortOpening   ProductSort = "opening"
)

// ProductFilter says which products a list has. Empty fields filter nothing.
type ProductFilter struct {
	Categories []CategoryID
	Brand      BrandID
	State      ProductState
	// Text is a part of the name, in any case of letters.
	Text  string
	Sort  ProductSort
	After *ProductCursor
	Limit int
}

// ProductCursor is the last product of the page before: its id, and what the list is sorted by.
type ProductCursor struct {
	Key int64
	ID  ProductID
}

// Listing is a product in a list, with the units that are available.
type Listing struct {
	Product
	Available int64
	// Key is what the list is sorted by.
	Key int64
}

// ProductChange replaces what a seller says of a product. It never touches stock, and a time that is nil stays as it is.
type ProductChange struct {
	ID                ProductID
	Name              string
	Category          Category
	Price             Money
	Discount          int
	LimitPerShopper   int
	HoldExtension     time.Duration
	OpensAt, ClosesAt *time.Time
	Details           ProductDetails
}

// ApplyTo returns the product as it is after the change. Times that change must be in the future: nothing opens a drop by accident.
// Errors: Validation.
func (c ProductChange) ApplyTo(p Product, now time.Time) (Product, error) {
	var v violations
	p.Name, p.Category, p.CategoryID, p.Price, p.Discount = c.Name, c.Category.Name, c.Category.ID, c.Price, c.Discount
	p.LimitPerShopper, p.HoldExtension, p.Details = c.LimitPerShopper, c.HoldExtension, c.Details
	if c.OpensAt != nil && !c.OpensAt.Equal(p.OpensAt) {
		if p.OpensAt = *c.OpensAt; !p.OpensAt.After(now) {
			v.add("/orderingOpensAt", "in the future, or absent to leave it")
		}
	}
	if c.ClosesAt != nil && !c.ClosesAt.Equal(p.ClosesAt) {
		if p.ClosesAt = *c.ClosesAt; !p.ClosesAt.After(now) {
			v.add("/orderingClosesAt", "in the future, or absent to leave it")
		}
	}
	v.merge(p.Validate())
	return p, v.err("the product is not valid")
}

// CheatsHolders reports whether a change from p to q would be unfair to shoppers who hold units, or wait for theirs: they came under other
// terms. Closing earlier or later is not: it is about those who come after them.
func (p Product) CheatsHolders(q Product) bool {
	return p.Price != q.Price || p.Discount != q.Discount || p.LimitPerShopper != q.LimitPerShopper || !p.OpensAt.Equal(q.OpensAt)
}

// StockChange is a line of the ledger of a product's stock: who put how many units on sale, or took them off, and why.
type StockChange struct {
	ID        StockChangeID
	ProductID ProductID
	// Seq counts the changes of the product.
	Seq      int64
	Quantity int64
	// Total is the product's total after it.
	Total  int64
	Reason string
	Actor  UserID
	At     time.Time
}

// maxReason is the longest reason of a change of stock, in characters.
const maxReason = 200

// Validate checks a change of stock.
// Errors: Validation.
func (c StockChange) Validate() error {
	var v violations
	v.merge(ValidateUnits(c.Quantity))
	if c.Reason != "" {
		v.text("/reason", c.Reason, 1, maxReason)
	}
	return v.err("the change of stock is not valid")
}
