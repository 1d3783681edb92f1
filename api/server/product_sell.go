package server

import (
	"context"
	"log/slog"
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
		Quantity        int64          `json:"quantity" minimum:"0" maximum:"1000000" doc:"Units on the shelf."`
		OpensAt         *time.Time     `json:"orderingOpensAt,omitempty" doc:"From when orders are taken; absent is now, else in the future."`
		ClosesAt        *time.Time     `json:"orderingClosesAt,omitempty" doc:"Until when; absent is for ever."`
		LimitPerShopper *int           `json:"limitPerShopper,omitempty" minimum:"0" maximum:"100" doc:"Units one shopper may have; 0 is no limit, absent the shop's default."`
	}
}

type createdProduct struct {
	Location string `header:"Location"`
	Body     productBody
}

type shelfInput struct {
	ID   domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Body struct {
		Quantity int64 `json:"quantity" minimum:"-1000000" maximum:"1000000" doc:"Units to put on the shelf, or to take off it (negative)."`
	}
}

func (s *Server) sellerRoutes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{OperationID: "createProduct", Method: http.MethodPost, Path: "/v1/products", Tags: tags, Security: secured, DefaultStatus: http.StatusCreated,
		Summary: "Put a product on sale", Errors: []int{http.StatusForbidden}, Description: "For the seller of the brand. Errors: 403 FORBIDDEN, 422 VALIDATION.",
	}, s.sellProduct)
	handle(api, huma.Operation{OperationID: "changeStock", Method: http.MethodPost, Path: "/v1/products/{id}/stock", Tags: tags, Security: secured,
		Summary: "Put units on the shelf, or take them off", Errors: []int{http.StatusForbidden, http.StatusConflict}, Description: "For the seller of the product's brand. Errors: 403 FORBIDDEN, 409 CONFLICT if fewer are available than are taken off.",
	}, s.addStock)
}

// sellProduct puts a product of the caller's brand on sale, with its units.
func (s *Server) sellProduct(ctx context.Context, in *sellInput) (*createdProduct, error) {
	if err := s.sellerOf(ctx, in.Body.BrandID); err != nil {
		return nil, err
	}
	product := domain.Product{
		ID:      domain.ProductID(domain.ProductPrefix + strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", "")),
		BrandID: in.Body.BrandID, Name: normalized(in.Body.Name), Category: normalized(in.Body.Category), Price: domain.Won(in.Body.Price), Discount: in.Body.Discount,
		LimitPerShopper: s.cfg.Limits.DefaultLimit,
	}
	if in.Body.LimitPerShopper != nil {
		product.LimitPerShopper = *in.Body.LimitPerShopper
	}
	now, err := s.store.Now(ctx)
	if err != nil {
		return nil, err
	}
	if product.OpensAt, product.ClosesAt, err = window(in.Body.OpensAt, in.Body.ClosesAt, now); err != nil {
		return nil, err
	}
	if err := product.Validate(); err != nil {
		return nil, err
	}
	if err := s.store.AddProduct(ctx, product, in.Body.Quantity); err != nil {
		return nil, err
	}
	offer, err := s.readOffer(ctx, product.ID)
	if err != nil {
		return nil, err
	}
	body, err := s.productBody(ctx, offer)
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
		return opens, closes, &domain.Error{Code: domain.Validation, Message: "the time of ordering is not valid", Fields: faults}
	}
	return opens, closes, nil
}

// sellerOf says whether the caller sells the brand.
// Errors: Forbidden, also for a brand that does not exist.
func (s *Server) sellerOf(ctx context.Context, brand domain.BrandID) error {
	who := callerOf(ctx)
	brands, err := s.store.BrandsByID(ctx, []domain.BrandID{brand})
	if err != nil {
		return err
	}
	if owner := brands[brand].SellerID; who.Role != domain.Seller || owner == "" || owner != who.ID {
		return domain.Errorf(domain.Forbidden, "this is for the seller of the brand")
	}
	return nil
}

// addStock changes what is on the shelf, and lets the gate know.
func (s *Server) addStock(ctx context.Context, in *shelfInput) (*output[stockBody], error) {
	products, err := s.store.ProductsByID(ctx, []domain.ProductID{in.ID})
	if err != nil {
		return nil, err
	}
	product, found := products[in.ID]
	if !found {
		return nil, domain.Errorf(domain.NotFound, "there is no product %s", in.ID)
	}
	if err := s.sellerOf(ctx, product.BrandID); err != nil {
		return nil, err
	}
	if err := s.store.AddStock(ctx, in.ID, in.Body.Quantity); err != nil {
		return nil, err
	}
	if err := s.gate.Add(context.WithoutCancel(ctx), in.ID, in.Body.Quantity); err != nil {
		slog.DebugContext(ctx, "gate", "product", in.ID, "error", err) // the reconciler mends it
	}
	s.soldOut.clear(in.ID)
	s.stocks.forget(in.ID)
	stock, err := s.stocks.get(ctx, in.ID)
	return &output[stockBody]{Body: stockBody(stock)}, err
}
