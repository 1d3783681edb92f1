package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"runrun/domain"
)

type sellInput struct {
	Body struct {
		BrandID         domain.BrandID `json:"brandId" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id" doc:"A brand of the caller."`
		Name            string         `json:"name" minLength:"1" maxLength:"50"`
		Category        string         `json:"category" minLength:"1" maxLength:"50"`
		Price           int64          `json:"price" minimum:"100" maximum:"10000000" doc:"In won."`
		Discount        int            `json:"discount,omitempty" minimum:"0" maximum:"99" doc:"Percent."`
		Quantity        int64          `json:"quantity" minimum:"0" maximum:"1000000" doc:"Units on sale."`
		OpensAt         *time.Time     `json:"orderingOpensAt,omitempty" doc:"From when orders are taken; absent is now, else in the future."`
		ClosesAt        *time.Time     `json:"orderingClosesAt,omitempty" doc:"Until when; absent is for ever."`
		LimitPerShopper *int           `json:"limitPerShopper,omitempty" minimum:"0" maximum:"100" doc:"Units one shopper may have; 0 is no limit, absent the shop's default."`
	}
}

type createdProduct struct {
	Location string `header:"Location"`
	Body     productBody
}

func (p products) sellerRoutes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{
		OperationID:   "createProduct",
		Method:        http.MethodPost,
		Path:          "/v1/products",
		Tags:          tags,
		DefaultStatus: http.StatusCreated,
		Summary:       "Put a product on sale",
		Errors:        []int{http.StatusForbidden},
		Description:   "For the seller of the brand. Errors: 403 FORBIDDEN, 422 VALIDATION.",
	}, p.sell)
}

// sell puts a product of the caller's brand on sale, with its units.
func (p products) sell(ctx context.Context, in *sellInput) (*createdProduct, error) {
	if err := p.checkSeller(ctx, in.Body.BrandID); err != nil {
		return nil, err
	}
	product := domain.Product{
		ID:              domain.ProductID(domain.ProductPrefix + strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", "")),
		BrandID:         in.Body.BrandID,
		Name:            normalized(in.Body.Name),
		Category:        normalized(in.Body.Category),
		Price:           domain.Won(in.Body.Price),
		Discount:        in.Body.Discount,
		LimitPerShopper: p.defaultLimit,
	}
	if in.Body.LimitPerShopper != nil {
		product.LimitPerShopper = *in.Body.LimitPerShopper
	}
	now, err := p.catalog.Now(ctx)
	if err != nil {
		return nil, err
	}
	if product.OpensAt, product.ClosesAt, err = window(in.Body.OpensAt, in.Body.ClosesAt, now); err != nil {
		return nil, err
	}
	if err := product.Validate(); err != nil {
		return nil, err
	}
	if err := p.catalog.AddProduct(ctx, product, in.Body.Quantity); err != nil {
		return nil, err
	}
	offer, err := p.offers.Read(ctx, product.ID)
	if err != nil {
		return nil, err
	}
	body, err := p.body(ctx, offer)
	return &createdProduct{Location: "/v1/products/" + string(product.ID), Body: body}, err
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

// checkSeller returns an error unless the caller sells the brand.
// Errors: Forbidden, also for a brand that does not exist.
func (p products) checkSeller(ctx context.Context, brand domain.BrandID) error {
	who := callerOf(ctx)
	brands, err := p.catalog.BrandsByID(ctx, []domain.BrandID{brand})
	if err != nil {
		return err
	}
	if owner := brands[brand].SellerID; who.Role != domain.RoleSeller || owner == "" || owner != who.ID {
		return domain.Errorf(domain.CodeForbidden, "this is for the seller of the brand")
	}
	return nil
}
