package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/checkout"
	"runrun/domain"
)

type productBody struct {
	ID              domain.ProductID    `json:"id"`
	Name            string              `json:"name" example:"Hanok Sneaker"`
	Brand           brandBody           `json:"brand"`
	Category        string              `json:"category" doc:"The category's name." example:"Sneakers"`
	CategoryPath    []categoryStep      `json:"categoryPath" nullable:"false" doc:"The category and all above it, from the root."`
	Price           int64               `json:"price" doc:"In the currency's minor unit." example:"89000"`
	Discount        int                 `json:"discount" doc:"Percent." example:"15"`
	DiscountedPrice int64               `json:"discountedPrice" doc:"What one unit costs." example:"75650"`
	Currency        string              `json:"currency" example:"KRW"`
	OpensAt         *time.Time          `json:"orderingOpensAt,omitempty"`
	ClosesAt        *time.Time          `json:"orderingClosesAt,omitempty"`
	LimitPerShopper int                 `json:"limitPerShopper,omitempty" doc:"Units one shopper may hold and have bought; absent is no limit." example:"1"`
	HoldExtension   int                 `json:"holdExtension" doc:"By how many seconds a shopper may extend the time to pay, once; 0 is not at all." example:"120"`
	IsOpen          bool                `json:"isOpen" doc:"Whether orders are taken now."`
	State           domain.ProductState `json:"state" enum:"OPEN,UPCOMING,SOLD_OUT,CLOSED" doc:"OPEN: orders are taken and there are units. SOLD_OUT: no unit is available; some may come back."`
	Available       int64               `json:"available" doc:"Units that can be ordered; a second old at most." example:"50"`
	Likes           int64               `json:"likes" example:"12"`
	Manufacturer    string              `json:"manufacturer,omitempty"`
	Country         string              `json:"country,omitempty" doc:"Where it was made."`
	Contact         string              `json:"contact,omitempty" doc:"For questions about it."`
	Thumbnail       string              `json:"thumbnail,omitempty" doc:"Path of a JPEG of at most 800 × 800."`
	Description     string              `json:"descriptionImage,omitempty" doc:"Path of a JPEG of at most 1200 × 12000."`
	Breaker         string              `json:"breaker" enum:"closed,half-open,open" doc:"The product's circuit breaker: open while orders for it fail by a fault of ours, and are refused with 503 BREAKER_OPEN."`
}

// PageInput asks for a page of a list.
type PageInput struct {
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
	Seller
	caches       Caches
	breakers     *checkout.Breakers
	defaultLimit int
	// defaultExtension is that of a product whose seller sets none.
	defaultExtension time.Duration
}

func (p products) routes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{
		OperationID: "listProducts",
		Method:      http.MethodGet,
		Path:        "/v1/products",
		Tags:        tags,
		Summary:     "List products, newest first",
		Description: "In pages; Link and nextCursor lead to the next. Filters can be combined.",
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
	p.imageRoutes(api)
	p.likeRoutes(api)
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
	offer, err := p.caches.Offers.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	body, err := p.show(ctx, offer)
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

// show is the body of one product, with the units that are available.
func (p products) show(ctx context.Context, offer domain.Offer) (productBody, error) {
	stock, err := p.caches.Stocks.Get(ctx, offer.Product.ID)
	if err != nil {
		return productBody{}, err
	}
	return p.body(ctx, offer, stock.Available)
}

// body adds to a product what readers want to know: brand, category, price to pay, open or not, by the database's clock.
func (p products) body(ctx context.Context, offer domain.Offer, available int64) (productBody, error) {
	now, err := p.caches.Clock.Now(ctx)
	if err != nil {
		return productBody{}, err
	}
	tree, err := p.caches.Categories.Get(ctx)
	if err != nil {
		return productBody{}, err
	}
	row := offer.Product
	price, err := row.DiscountedPrice()
	return productBody{
		ID: row.ID, Name: row.Name, Category: row.Category, CategoryPath: stepsOf(tree.Path(row.CategoryID)),
		Price: row.Price.Amount, Discount: row.Discount, DiscountedPrice: price.Amount, Currency: row.Price.Currency,
		OpensAt: optional(row.OpensAt), ClosesAt: optional(row.ClosesAt), LimitPerShopper: row.LimitPerShopper,
		HoldExtension: int(row.HoldExtension / time.Second),
		IsOpen:        row.OpenAt(now) == nil, State: row.StateAt(now, available), Available: available, Likes: row.Likes,
		Manufacturer: row.Details.Manufacturer, Country: row.Details.Country, Contact: row.Details.Contact,
		Thumbnail: imagePath(row.Thumbnail), Description: imagePath(row.Description),
		Breaker: p.breakers.State(row.ID), Brand: brandBodyOf(offer.Brand),
	}, err
}

// optional is nil for the zero time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
