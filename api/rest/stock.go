package rest

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/cache"
	"runrun/domain"
)

type stockBody struct {
	ProductID domain.ProductID `json:"productId"`
	Total     int64            `json:"total" doc:"available + held + sold."`
	Available int64            `json:"available"`
	Held      int64            `json:"held" doc:"Waiting for payment."`
	Sold      int64            `json:"sold"`
	AsOf      time.Time        `json:"asOf" doc:"When it was counted."`
}

type ledgerInput struct {
	ID     domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Cursor int64            `query:"cursor" minimum:"0" doc:"nextCursor of the page before."`
	Limit  int              `query:"limit" minimum:"1" maximum:"100" default:"26" doc:"Most items of the page."`
}

type stockChangeBody struct {
	Quantity int64         `json:"quantity" doc:"Units put on sale, or taken off (negative)." example:"50"`
	Total    int64         `json:"total" doc:"The total after it." example:"350"`
	Reason   string        `json:"reason,omitempty" example:"second delivery"`
	By       domain.UserID `json:"by,omitempty" doc:"Who changed it; absent for the first units."`
	At       time.Time     `json:"at"`
}

// stocks are the routes of stock.
type stocks struct {
	products
	streamer
	streams *streams
}

type stockInput struct {
	ID   domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Body struct {
		Quantity int64  `json:"quantity" minimum:"-1000000" maximum:"1000000" doc:"Units to put on sale, or to take off sale (negative)." example:"50"`
		Reason   string `json:"reason,omitempty" maxLength:"800" doc:"Why, at most 200 characters; kept in the ledger." example:"second delivery"`
	}
}

func (s stocks) routes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{OperationID: "getStock", Method: http.MethodGet, Path: "/v1/products/{id}/stock", Tags: tags,
		Summary: "Count a product's units", Description: "At most a second old; asOf says when it was counted."}, s.get)
	register(api, huma.Operation{
		Errors: []int{
			http.StatusNotFound,
			http.StatusNotAcceptable,
			http.StatusUnprocessableEntity,
			http.StatusTooManyRequests,
			http.StatusServiceUnavailable,
		},
		OperationID: "followStock",
		Method:      http.MethodGet,
		Path:        "/v1/products/{id}/events",
		Tags:        tags,
		Summary:     "Follow a product's stock",
		Description: "Server-sent events (text/event-stream): event stock whenever the count changes, at once when units " +
			"come back; data as of GET …/stock. The stream ends after an hour.",
		Responses: map[string]*huma.Response{"200": {Description: "The stream", Content: map[string]*huma.MediaType{"text/event-stream": {}}}},
	}, s.events)
	handle(api, huma.Operation{
		OperationID: "changeStock",
		Method:      http.MethodPost,
		Path:        "/v1/products/{id}/stock",
		Tags:        tags,
		Summary:     "Put units on sale, or take them off",
		Errors:      []int{http.StatusConflict},
		Description: "For the seller of the product's brand. 409 CONFLICT if fewer are available than are taken off.",
	}, s.change)
	handle(api, huma.Operation{
		OperationID: "listStockChanges", Method: http.MethodGet, Path: "/v1/products/{id}/stock/changes", Tags: tags,
		Summary: "List how a product's stock was changed, newest first", Description: "For the seller of the product's brand. In pages.",
	}, s.ledger)
}

func (s stocks) get(ctx context.Context, in *productInput) (*output[stockBody], error) {
	stock, err := s.caches.Stocks.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[stockBody]{Body: stockBody(stock)}, nil
}

// events streams a product's stock. Who was refused sees units that came back at once.
func (s stocks) events(ctx context.Context, in *productInput) (*huma.StreamResponse, error) {
	if _, err := s.caches.Stocks.Get(ctx, in.ID); err != nil {
		return nil, problemOf(ctx, err)
	}
	leave, err := s.streams.enter(addressOf(ctx))
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer leave()
		s.follow(ctx, in.ID, openStream(hctx, 0))
	}}, nil
}

func (s stocks) follow(ctx context.Context, id domain.ProductID, stream *eventStream) {
	ctx, cancel := context.WithTimeout(ctx, streamLimit)
	defer cancel()
	returned, stop := s.changes.WatchProduct(id)
	defer stop()
	look := time.NewTicker(cache.StockTTL)
	defer look.Stop()
	var shown domain.Stock
	if !stream.begin() {
		return
	}
	for {
		stock, err := s.caches.Stocks.Get(ctx, id)
		if err != nil {
			return
		}
		asOf := stock.AsOf
		stock.AsOf = shown.AsOf
		if stock != shown {
			stock.AsOf = asOf
			if !stream.send(stream.last+1, "stock", stockBody(stock)) {
				return
			}
			shown = stock
		}
		// When units come back the count is forgotten already, see OnReturn.
		if !s.awaitUpdate(ctx, stream, returned, look.C) {
			return
		}
	}
}

// change puts units on sale or takes them off, and tells the gate.
func (s stocks) change(ctx context.Context, in *stockInput) (*output[stockBody], error) {
	if err := s.checkProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	err := s.Catalog.AddStock(ctx, domain.StockChange{
		ProductID: in.ID, Quantity: in.Body.Quantity, Reason: normalized(in.Body.Reason), Actor: callerOf(ctx).ID,
	})
	if err != nil {
		return nil, err
	}
	if err := s.Gate.Add(context.WithoutCancel(ctx), in.ID, in.Body.Quantity); err != nil {
		slog.DebugContext(ctx, "gate not changed; the reconciler will", "product_id", in.ID, "error", err)
	}
	s.caches.UnitsCameBack(in.ID)
	stock, err := s.caches.Stocks.Get(ctx, in.ID)
	return &output[stockBody]{Body: stockBody(stock)}, err
}

// ledger lists how a product's stock was changed.
func (s stocks) ledger(ctx context.Context, in *ledgerInput) (*pageOutput[stockChangeBody], error) {
	if err := s.checkProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.Catalog.StockChanges(ctx, in.ID, in.Cursor, in.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, in.Limit, func(c domain.StockChange) string { return strconv.FormatInt(c.Seq, 10) })
	bodies := make([]stockChangeBody, len(rows))
	for i, c := range rows {
		bodies[i] = stockChangeBody{Quantity: c.Quantity, Total: c.Total, Reason: c.Reason, By: c.Actor, At: c.At}
	}
	return page("/v1/products/"+string(in.ID)+"/stock/changes", in.Limit, bodies, next), nil
}
