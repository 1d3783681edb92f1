package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/cache"
	"runrun/domain"
	"runrun/domain/ids"
)

// brandBody is a brand as it stands beside its products.
type brandBody struct {
	ID          domain.BrandID `json:"id"`
	Name        string         `json:"name" example:"Hanok Works"`
	DeliveryFee int64          `json:"deliveryFee" doc:"Once per order and brand, in the currency's minor unit." example:"3000"`
	FreeFrom    int64          `json:"freeDeliveryFrom" doc:"Amount of the brand's goods from which delivery is free." example:"50000"`
}

func brandBodyOf(b domain.Brand) brandBody {
	return brandBody{ID: b.ID, Name: b.Name, DeliveryFee: b.DeliveryFee.Amount, FreeFrom: b.FreeFrom.Amount}
}

// BrandTerms are what a seller says of a brand.
type BrandTerms struct {
	Name               string `json:"name" maxLength:"200" doc:"1–50 characters." example:"Hanok Works"`
	LegalName          string `json:"legalName" maxLength:"200" doc:"1–50 characters: that of the business." example:"Hanok Works Inc."`
	RegistrationNumber string `json:"registrationNumber" maxLength:"20" doc:"Of the business: 123-45-67890." example:"123-45-67890"`
	DeliveryFee        int64  `json:"deliveryFee" minimum:"0" maximum:"100000" doc:"Once per order, in won." example:"3000"`
	FreeFrom           int64  `json:"freeDeliveryFrom" minimum:"0" maximum:"10000000" doc:"Amount of the brand's goods from which delivery is free, in won; 0 is always." example:"50000"`
	Introduction       string `json:"introduction,omitempty" maxLength:"800" doc:"At most 200 characters." example:"Things for a quiet house."`
}

// brand is the brand with these terms, which are validated as a whole.
func (t BrandTerms) brand(id domain.BrandID, seller domain.UserID) domain.Brand {
	return domain.Brand{
		ID: id, SellerID: seller, Name: normalized(t.Name), LegalName: normalized(t.LegalName), RegistrationNumber: t.RegistrationNumber,
		DeliveryFee: domain.Won(t.DeliveryFee), FreeFrom: domain.Won(t.FreeFrom), Introduction: normalized(t.Introduction),
	}
}

type brandDetail struct {
	ID domain.BrandID `json:"id"`
	BrandTerms
	Image string `json:"image,omitempty" doc:"Path of a JPEG of at most 800 × 800."`
}

func brandDetailOf(b domain.Brand) brandDetail {
	return brandDetail{ID: b.ID, Image: imagePath(b.Image), BrandTerms: BrandTerms{
		Name: b.Name, LegalName: b.LegalName, RegistrationNumber: b.RegistrationNumber, DeliveryFee: b.DeliveryFee.Amount,
		FreeFrom: b.FreeFrom.Amount, Introduction: b.Introduction,
	}}
}

type brandInput struct {
	ID domain.BrandID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
}

type newBrandInput struct{ Body BrandTerms }

type changeBrandInput struct {
	ID   domain.BrandID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Body BrandTerms
}

type createdBrand struct {
	Location string `header:"Location"`
	Body     brandDetail
}

// brands are the routes of brands.
type brands struct {
	Seller
	offers *cache.Offers
}

func (b brands) routes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{
		OperationID: "createBrand", Method: http.MethodPost, Path: "/v1/brands", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Found a brand", Errors: []int{http.StatusNotFound, http.StatusConflict},
		Description: "For sellers. 409 LIMIT_EXCEEDED beyond five. 404 NOT_FOUND for an account that was erased.",
	}, b.create)
	handle(api, huma.Operation{
		OperationID: "listBrands", Method: http.MethodGet, Path: "/v1/brands", Tags: tags, Summary: "List brands, newest first",
		Description: "In pages; Link and nextCursor lead to the next.",
	}, b.list)
	handle(api, huma.Operation{
		OperationID: "listMyBrands", Method: http.MethodGet, Path: "/v1/users/me/brands", Tags: tags, Summary: "List my brands",
		Description: "For sellers.",
	}, b.mine)
	handle(api, huma.Operation{
		OperationID: "getBrand", Method: http.MethodGet, Path: "/v1/brands/{id}", Tags: tags, Summary: "Show a brand",
	}, b.get)
	handle(api, huma.Operation{
		OperationID: "changeBrand", Method: http.MethodPut, Path: "/v1/brands/{id}", Tags: tags, Summary: "Change a brand",
		Description: "For its seller. Orders that were accepted keep their fees.",
	}, b.change)
	b.imageRoutes(api)
}

// ownBrand returns a brand of the caller.
// Errors: NotFound, for a brand of another as for one that does not exist.
func (s Seller) ownBrand(ctx context.Context, id domain.BrandID) (domain.Brand, error) {
	found, err := s.Catalog.BrandsByID(ctx, []domain.BrandID{id})
	if err != nil {
		return domain.Brand{}, err
	}
	brand := found[id]
	if brand.SellerID == "" || brand.SellerID != callerOf(ctx).ID {
		return domain.Brand{}, domain.Errorf(domain.CodeNotFound, "you have no brand %s", id)
	}
	return brand, nil
}

func (b brands) create(ctx context.Context, in *newBrandInput) (*createdBrand, error) {
	brand := in.Body.brand(ids.New[domain.BrandID](domain.BrandPrefix), callerOf(ctx).ID)
	if err := b.Catalog.AddBrand(ctx, brand); err != nil {
		return nil, err
	}
	return &createdBrand{Location: "/v1/brands/" + string(brand.ID), Body: brandDetailOf(brand)}, nil
}

func (b brands) list(ctx context.Context, in *PageInput) (*pageOutput[brandDetail], error) {
	rows, err := b.Catalog.Brands(ctx, "", domain.BrandID(in.Cursor), in.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, in.Limit, func(b domain.Brand) string { return string(b.ID) })
	return page("/v1/brands", in.Limit, brandDetailsOf(rows), next), nil
}

func brandDetailsOf(rows []domain.Brand) []brandDetail {
	details := make([]brandDetail, len(rows))
	for i, row := range rows {
		details[i] = brandDetailOf(row)
	}
	return details
}

type brandList struct {
	Items []brandDetail `json:"items" nullable:"false"`
}

func (b brands) mine(ctx context.Context, _ *struct{}) (*output[brandList], error) {
	rows, err := b.Catalog.Brands(ctx, callerOf(ctx).ID, "", domain.MaxBrands)
	return &output[brandList]{Body: brandList{Items: brandDetailsOf(rows)}}, err
}

func (b brands) get(ctx context.Context, in *brandInput) (*output[brandDetail], error) {
	found, err := b.Catalog.BrandsByID(ctx, []domain.BrandID{in.ID})
	if err != nil {
		return nil, err
	}
	brand, exists := found[in.ID]
	if !exists {
		return nil, domain.Errorf(domain.CodeNotFound, "there is no brand %s", in.ID)
	}
	return &output[brandDetail]{Body: brandDetailOf(brand)}, nil
}

func (b brands) change(ctx context.Context, in *changeBrandInput) (*output[brandDetail], error) {
	before, err := b.ownBrand(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	brand := in.Body.brand(in.ID, before.SellerID)
	brand.Image = before.Image
	products, err := b.Catalog.ChangeBrand(ctx, brand)
	if err != nil {
		return nil, err
	}
	b.edited(ctx, b.offers, products...)
	return &output[brandDetail]{Body: brandDetailOf(brand)}, nil
}
