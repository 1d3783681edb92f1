package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/cache"
	"runrun/api/checkout"
	"runrun/domain"
)

type productBody struct {
	ID              domain.ProductID `json:"id"`
	Name            string           `json:"name"`
	Brand           brandBody        `json:"brand"`
	Category        string           `json:"category"`
	Price           int64            `json:"price" doc:"In the currency's minor unit."`
	Discount        int              `json:"discount" doc:"Percent."`
	DiscountedPrice int64            `json:"discountedPrice" doc:"What one unit costs."`
	Currency        string           `json:"currency"`
	OpensAt         *time.Time       `json:"orderingOpensAt,omitempty"`
	ClosesAt        *time.Time       `json:"orderingClosesAt,omitempty"`
	LimitPerShopper int              `json:"limitPerShopper,omitempty" doc:"Units one shopper may hold and have bought; absent is no limit."`
	IsOpen          bool             `json:"isOpen" doc:"Whether orders are taken now."`
	Breaker         string           `json:"breaker" enum:"closed,half-open,open" doc:"The product's circuit breaker: open while orders for it fail by a fault of ours, and are refused with 503 BREAKER_OPEN."`
}

type brandBody struct {
	ID          domain.BrandID `json:"id"`
	Name        string         `json:"name"`
	DeliveryFee int64          `json:"deliveryFee" doc:"Once per order and brand, in the currency's minor unit."`
	FreeFrom    int64          `json:"freeDeliveryFrom" doc:"Amount of the brand's goods from which delivery is free."`
}

type pageInput struct {
	Cursor string `query:"cursor" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id" doc:"nextCursor of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"26" doc:"Most items of the page."`
}

type productInput struct {
	ID domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
}

type oneProductInput struct {
	ID          domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	IfNoneMatch string           `header:"If-None-Match" doc:"The ETag that the caller has; 304 if it still holds."`
}

type productOutput struct {
	Status int
	Cache  string `header:"Cache-Control"`
	ETag   string `header:"ETag"`
	Body   *productBody
}

type pageOutput[T any] struct {
	Link string `header:"Link"`
	Body pageBody[T]
}

type pageBody[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

type output[T any] struct {
	Body T
}

// products are the routes of products.
type products struct {
	catalog      Catalog
	offers       *cache.Offers
	clock        *cache.Clock
	breakers     *checkout.Breakers
	defaultLimit int
}

func (p products) routes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{
		OperationID: "listProducts",
		Method:      http.MethodGet,
		Path:        "/v1/products",
		Tags:        tags,
		Summary:     "List products, newest first",
		Description: "In pages; Link and nextCursor lead to the next.",
	}, p.list)
	handle(api, huma.Operation{
		OperationID: "getProduct",
		Method:      http.MethodGet,
		Path:        "/v1/products/{id}",
		Tags:        tags,
		Summary:     "Show a product",
		Description: "304 if If-None-Match still holds.",
	}, p.get)
	p.sellerRoutes(api)
}

func (p products) list(ctx context.Context, in *pageInput) (*pageOutput[productBody], error) {
	rows, err := p.catalog.Products(ctx, domain.ProductID(in.Cursor), in.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, in.Limit, func(p domain.Product) string { return string(p.ID) })
	bodies, err := p.bodies(ctx, rows)
	if err != nil {
		return nil, err
	}
	return page("/v1/products", in.Limit, bodies, next), nil
}

// cut takes at most limit rows out of one more, which tells that there is another page, and returns that page's cursor.
func cut[T any](rows []T, limit int, id func(T) string) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], id(rows[limit-1])
}

// page answers with a page and the way to the next.
func page[T any](path string, limit int, items []T, next string) *pageOutput[T] {
	return pageWith(path, url.Values{}, limit, items, next)
}

// pageWith is page for a list that is asked with a query.
func pageWith[T any](path string, query url.Values, limit int, items []T, next string) *pageOutput[T] {
	out := &pageOutput[T]{Body: pageBody[T]{Items: items, NextCursor: next}}
	if next != "" {
		query.Set("cursor", next)
		query.Set("limit", strconv.Itoa(limit))
		out.Link = fmt.Sprintf("<%s?%s>; rel=\"next\"", path, query.Encode())
	}
	return out
}

func (p products) get(ctx context.Context, in *oneProductInput) (*productOutput, error) {
	offer, err := p.offers.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	body, err := p.body(ctx, offer)
	if err != nil {
		return nil, err
	}
	out := &productOutput{Status: http.StatusOK, ETag: digest(body), Cache: "public, max-age=1", Body: &body}
	if matches(in.IfNoneMatch, out.ETag) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

// digest is an ETag of what a reader is shown, which changes when anything of it does.
func digest(body productBody) string {
	text, _ := json.Marshal(body) // a struct of strings, numbers and times
	sum := sha256.Sum256(text)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}

// bodies adds their brands to products.
func (p products) bodies(ctx context.Context, rows []domain.Product) ([]productBody, error) {
	brands, err := p.brandsOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	bodies := make([]productBody, 0, len(rows))
	for _, row := range rows {
		body, err := p.body(ctx, domain.Offer{Product: row, Brand: brands[row.BrandID]})
		if domain.CodeOf(err) == domain.CodeValidation { // a row that today's rules would refuse must not hide the others
			slog.ErrorContext(ctx, "product cannot be shown", "product_id", row.ID, "error", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

// body adds to a product what readers want to know: brand, price to pay, open or not, by the database's clock.
func (p products) body(ctx context.Context, offer domain.Offer) (productBody, error) {
	now, err := p.clock.Now(ctx)
	if err != nil {
		return productBody{}, err
	}
	row, brand := offer.Product, offer.Brand
	price, err := row.DiscountedPrice()
	return productBody{
		ID: row.ID, Name: row.Name, Category: row.Category, Price: row.Price.Amount, Discount: row.Discount, DiscountedPrice: price.Amount,
		Currency: row.Price.Currency, OpensAt: optional(row.OpensAt), ClosesAt: optional(row.ClosesAt), LimitPerShopper: row.LimitPerShopper,
		IsOpen: row.OpenAt(now) == nil, Breaker: p.breakers.State(row.ID),
		Brand: brandBody{ID: brand.ID, Name: brand.Name, DeliveryFee: brand.DeliveryFee.Amount, FreeFrom: brand.FreeFrom.Amount},
	}, err
}

func (p products) brandsOf(ctx context.Context, rows []domain.Product) (map[domain.BrandID]domain.Brand, error) {
	ids := make([]domain.BrandID, len(rows))
	for i, row := range rows {
		ids[i] = row.BrandID
	}
	return p.catalog.BrandsByID(ctx, ids)
}

// optional is nil for the zero time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
