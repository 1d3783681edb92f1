package rest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/cache"
	"runrun/domain"
	"runrun/domain/ids"
)

// ProductTerms are what a seller says of a product, when it is made and when it is changed.
type ProductTerms struct {
	Name         string `json:"name" minLength:"1" maxLength:"50" example:"Moon Jar"`
	Category     string `json:"category,omitempty" maxLength:"64" doc:"Id or name of one of GET /v1/categories; absent is Other." example:"cat_ceramics"`
	Price        int64  `json:"price" minimum:"100" maximum:"10000000" doc:"In won." example:"180000"`
	Discount     int    `json:"discount,omitempty" minimum:"0" maximum:"99" doc:"Percent." example:"10"`
	Manufacturer string `json:"manufacturer,omitempty" maxLength:"50" example:"Hanok Works"`
	Country      string `json:"country,omitempty" maxLength:"50" doc:"Where it was made." example:"Korea"`
	Contact      string `json:"contact,omitempty" maxLength:"50" doc:"For questions about it." example:"02-123-4567"`
}

func (t ProductTerms) details() domain.ProductDetails {
	return domain.ProductDetails{Manufacturer: normalized(t.Manufacturer), Country: normalized(t.Country), Contact: normalized(t.Contact)}
}

type sellInput struct {
	Body struct {
		ProductTerms
		BrandID         domain.BrandID `json:"brandId" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id" doc:"A brand of the caller."`
		Quantity        int64          `json:"quantity" minimum:"0" maximum:"1000000" doc:"Units on sale." example:"300"`
		OpensAt         *time.Time     `json:"orderingOpensAt,omitempty" doc:"From when orders are taken; absent is now, else in the future."`
		ClosesAt        *time.Time     `json:"orderingClosesAt,omitempty" doc:"Until when; absent is for ever."`
		LimitPerShopper *int           `json:"limitPerShopper,omitempty" minimum:"0" maximum:"100" doc:"Units one shopper may have; 0 is no limit, absent the shop's default." example:"1"`
		HoldExtension   *int           `json:"holdExtension,omitempty" minimum:"0" maximum:"600" doc:"By how many seconds a shopper may extend the time to pay, once; 0 is not at all, absent the shop's default." example:"120"`
	}
}

type changeProductInput struct {
	ID   domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Body struct {
		ProductTerms
		OpensAt         *time.Time `json:"orderingOpensAt,omitempty" doc:"In the future; absent leaves it, so that nothing opens by accident."`
		ClosesAt        *time.Time `json:"orderingClosesAt,omitempty" doc:"In the future; absent leaves it."`
		LimitPerShopper int        `json:"limitPerShopper" minimum:"0" maximum:"100" doc:"Units one shopper may have; 0 is no limit." example:"1"`
		HoldExtension   *int       `json:"holdExtension,omitempty" minimum:"0" maximum:"600" doc:"By how many seconds a shopper may extend the time to pay, once; 0 is not at all, absent the shop's default." example:"120"`
	}
}

type createdProduct struct {
	Location string `header:"Location"`
	Body     productBody
}

func (p products) sellerRoutes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{
		OperationID: "createProduct", Method: http.MethodPost, Path: "/v1/products", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Put a product on sale", Description: "For the seller of the brand. 404 NOT_FOUND for a brand of another.",
	}, p.sell)
	handle(api, huma.Operation{
		OperationID: "changeProduct", Method: http.MethodPut, Path: "/v1/products/{id}", Tags: tags, Summary: "Change a product",
		Errors: []int{http.StatusConflict},
		Description: "For the seller of its brand. Stock has its own route. 409 CONFLICT if the price, the discount, the limit or the opening " +
			"time would change while shoppers hold units, or wait for theirs.",
	}, p.change)
	handle(api, huma.Operation{
		OperationID: "deleteProduct", Method: http.MethodDelete, Path: "/v1/products/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Take a product out of the shop", Description: "For the seller of its brand. Orders for it go on.",
	}, p.remove)
}

// sell puts a product of the caller's brand on sale, with its units.
func (p products) sell(ctx context.Context, in *sellInput) (*createdProduct, error) {
	if err := p.checkBrand(ctx, in.Body.BrandID); err != nil {
		return nil, err
	}
	category, err := p.category(ctx, in.Body.Category)
	if err != nil {
		return nil, err
	}
	product := domain.Product{
		ID: ids.New[domain.ProductID](domain.ProductPrefix), BrandID: in.Body.BrandID, Name: normalized(in.Body.Name),
		Category: category.Name, CategoryID: category.ID, Price: domain.Won(in.Body.Price), Discount: in.Body.Discount,
		LimitPerShopper: p.defaultLimit, HoldExtension: p.extension(in.Body.HoldExtension), Details: in.Body.details(),
	}
	if in.Body.LimitPerShopper != nil {
		product.LimitPerShopper = *in.Body.LimitPerShopper
	}
	now, err := p.Catalog.Now(ctx)
	if err != nil {
		return nil, err
	}
	if product.OpensAt, product.ClosesAt, err = window(in.Body.OpensAt, in.Body.ClosesAt, now); err != nil {
		return nil, err
	}
	if err := product.Validate(); err != nil {
		return nil, err
	}
	if err := p.Catalog.AddProduct(ctx, product, in.Body.Quantity); err != nil {
		return nil, err
	}
	body, err := p.fresh(ctx, product.ID)
	return &createdProduct{Location: "/v1/products/" + string(product.ID), Body: body}, err
}

// fresh shows a product as it is in the database, past the caches.
func (p products) fresh(ctx context.Context, id domain.ProductID) (productBody, error) {
	offer, err := p.caches.Offers.Read(ctx, id)
	if err != nil {
		return productBody{}, err
	}
	return p.show(ctx, offer)
}

// category returns the category that a seller names.
// Errors: Validation.
func (p products) category(ctx context.Context, name string) (domain.Category, error) {
	tree, err := p.caches.Categories.Get(ctx)
	if err != nil {
		return domain.Category{}, err
	}
	category, known := tree.Named(cmp.Or(normalized(name), string(domain.OtherCategory)))
	if !known {
		return domain.Category{}, &domain.Error{Code: domain.CodeValidation, Message: "the product is not valid",
			Fields: []domain.FieldError{{Pointer: "/category", Detail: "one of GET /v1/categories"}}}
	}
	return category, nil
}

// window checks when orders are to be taken.
// Errors: Validation.
func window(opensAt, closesAt *time.Time, now time.Time) (opens, closes time.Time, err error) {
	var faults []domain.FieldError
	if opensAt != nil {
		if opens = *opensAt; opens.Before(now) {
			faults = append(faults, domain.FieldError{Pointer: "/orderingOpensAt", Detail: "in the future, or absent for now"})
		}
	}
	if closesAt != nil {
		if closes = *closesAt; !closes.After(now) || !closes.After(opens) {
			faults = append(faults, domain.FieldError{Pointer: "/orderingClosesAt", Detail: "after the opening"})
		}
	}
	if len(faults) > 0 {
		return opens, closes, &domain.Error{Code: domain.CodeValidation, Message: "the time of ordering is not valid", Fields: faults}
	}
	return opens, closes, nil
}

// checkBrand returns an error unless the caller sells the brand.
// Errors: NotFound, for a brand of another as for one that does not exist.
func (s Seller) checkBrand(ctx context.Context, id domain.BrandID) error {
	_, err := s.ownBrand(ctx, id)
	return err
}

// checkProduct returns an error unless the caller sells the product.
// Errors: NotFound.
func (s Seller) checkProduct(ctx context.Context, id domain.ProductID) error {
	found, err := s.Catalog.ProductsByID(ctx, []domain.ProductID{id})
	if err != nil {
		return err
	}
	product, exists := found[id]
	if !exists {
		return domain.Errorf(domain.CodeNotFound, "there is no product %s", id)
	}
	if err := s.checkBrand(ctx, product.BrandID); domain.CodeOf(err) == domain.CodeNotFound {
		return domain.Errorf(domain.CodeNotFound, "you sell no product %s", id)
	} else if err != nil {
		return err
	}
	return nil
}

// extension is by how much the time to pay may be extended: what the seller says, or the shop's default.
func (p products) extension(seconds *int) time.Duration {
	if seconds == nil {
		return p.defaultExtension
	}
	return time.Duration(*seconds) * time.Second
}

// change replaces what the seller says of a product, and tells gate and caches.
func (p products) change(ctx context.Context, in *changeProductInput) (*output[productBody], error) {
	if err := p.checkProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	category, err := p.category(ctx, in.Body.Category)
	if err != nil {
		return nil, err
	}
	changed, err := p.Catalog.ChangeProduct(ctx, domain.ProductChange{
		ID: in.ID, Name: normalized(in.Body.Name), Category: category, Price: domain.Won(in.Body.Price), Discount: in.Body.Discount,
		LimitPerShopper: in.Body.LimitPerShopper, HoldExtension: p.extension(in.Body.HoldExtension),
		OpensAt: in.Body.OpensAt, ClosesAt: in.Body.ClosesAt, Details: in.Body.details(),
	})
	if err != nil {
		return nil, err
	}
	p.announce(ctx, in.ID, changed.GateRules())
	body, err := p.fresh(ctx, in.ID)
	return &output[productBody]{Body: body}, err
}

func (p products) remove(ctx context.Context, in *productInput) (*struct{}, error) {
	if err := p.checkProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	if err := p.Catalog.DeleteProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	p.announce(ctx, in.ID, domain.NeverOpen())
	return nil, nil //nolint:nilnil // 204
}

// announce brings a change to the gate and to the caches of every process at once. If that fails, the reconciler corrects the gate, and
// caches are seconds old at most.
func (p products) announce(ctx context.Context, id domain.ProductID, rules domain.GateRules) {
	ctx = context.WithoutCancel(ctx) // the change is made
	if err := p.Gate.Configure(ctx, id, rules); err != nil {
		slog.WarnContext(ctx, "gate's rules not changed; the reconciler will", "product_id", id, "error", err)
	}
	p.edited(ctx, p.caches.Offers, id)
}

// edited makes every process forget what it keeps of products.
func (s Seller) edited(ctx context.Context, offers *cache.Offers, products ...domain.ProductID) {
	ctx = context.WithoutCancel(ctx) // the change is made
	if err := s.Edits.Edited(ctx, products...); err != nil {
		slog.WarnContext(ctx, "edit not announced", "products", len(products), "error", err)
	}
	for _, id := range products {
		offers.Invalidate(id)
	}
}
