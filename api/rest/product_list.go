package rest

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"runrun/domain"
)

type productListInput struct {
	Cursor   string              `query:"cursor" maxLength:"100" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"a cursor" doc:"nextCursor of the page before."`
	Limit    int                 `query:"limit" minimum:"1" maximum:"100" default:"26" doc:"Most items of the page."`
	Category domain.CategoryID   `query:"category" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id" doc:"Products of the category and of those below it."`
	Brand    domain.BrandID      `query:"brand" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id"`
	State    domain.ProductState `query:"state" enum:"OPEN,UPCOMING,SOLD_OUT,CLOSED"`
	Text     string              `query:"q" maxLength:"50" doc:"A part of the name, in any case of letters."`
	Sort     domain.ProductSort  `query:"sort" enum:"newest,price,-price,likes,opening" default:"newest" doc:"newest first; the price, cheapest first, or with - the dearest; the most liked; the earliest opening."`
}

// filter is what the list has to have.
func (in productListInput) filter(tree domain.Categories) (domain.ProductFilter, error) {
	f := domain.ProductFilter{Brand: in.Brand, State: in.State, Text: normalized(in.Text), Sort: in.Sort, Limit: in.Limit + 1}
	if in.Category != "" {
		f.Categories = tree.Within(in.Category)
	}
	if in.Cursor == "" {
		return f, nil
	}
	text, id, _ := strings.Cut(in.Cursor, "_")
	key, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !domain.ValidID(domain.ProductPrefix, id) {
		return f, &domain.Error{Code: domain.CodeValidation, Message: "the cursor is not one of this list",
			Fields: []domain.FieldError{{In: "query", Name: "cursor", Detail: "nextCursor of the page before, as it was"}}}
	}
	f.After = &domain.ProductCursor{Key: key, ID: domain.ProductID(id)}
	return f, nil
}

func cursorOf(row domain.Listing) string {
	return strconv.FormatInt(row.Key, 10) + "_" + string(row.ID)
}

// query is what the next page is asked with, beside its cursor.
func (in productListInput) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"category": string(in.Category), "brand": string(in.Brand), "state": string(in.State), "q": in.Text,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if in.Sort != domain.SortNewest {
		query.Set("sort", string(in.Sort))
	}
	return query
}

func (p products) list(ctx context.Context, in *productListInput) (*pageOutput[productBody], error) {
	tree, err := p.caches.Categories.Get(ctx)
	if err != nil {
		return nil, err
	}
	filter, err := in.filter(tree)
	if err != nil {
		return nil, err
	}
	rows, err := p.Catalog.Listings(ctx, filter)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, in.Limit, cursorOf)
	bodies, err := p.bodies(ctx, rows)
	if err != nil {
		return nil, err
	}
	return pageWith("/v1/products", in.query(), in.Limit, bodies, next), nil
}

// bodies adds their brands to products, all in one statement.
func (p products) bodies(ctx context.Context, rows []domain.Listing) ([]productBody, error) {
	ids := make([]domain.BrandID, len(rows))
	for i, row := range rows {
		ids[i] = row.BrandID
	}
	brands, err := p.Catalog.BrandsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	bodies := make([]productBody, 0, len(rows))
	for _, row := range rows {
		body, err := p.body(ctx, domain.Offer{Product: row.Product, Brand: brands[row.BrandID]}, row.Available)
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
