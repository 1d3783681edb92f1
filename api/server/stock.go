package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

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

func (s *Server) stockRoutes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{OperationID: "getStock", Method: http.MethodGet, Path: "/v1/products/{id}/stock", Tags: tags,
		Summary: "Count a product's units", Description: "At most a second old; asOf says when it was counted."}, s.getStock)
	huma.Register(api, huma.Operation{
		Errors:      []int{http.StatusNotFound, http.StatusNotAcceptable, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable},
		OperationID: "followStock", Method: http.MethodGet, Path: "/v1/products/{id}/events", Tags: tags, Summary: "Follow a product's stock",
		Description: "Server-sent events (text/event-stream): event stock whenever the count changes, at once when units come back; data as of GET …/stock. The stream ends after an hour.",
		Responses:   map[string]*huma.Response{"200": {Description: "The stream", Content: map[string]*huma.MediaType{"text/event-stream": {}}}},
	}, s.productEvents)
}

func (s *Server) getStock(ctx context.Context, in *productInput) (*output[stockBody], error) {
	stock, err := s.stocks.get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[stockBody]{Body: stockBody(stock)}, nil
}

// productEvents streams a product's stock. Who was refused sees units that came back at once.
func (s *Server) productEvents(ctx context.Context, in *productInput) (*huma.StreamResponse, error) {
	if _, err := s.stocks.get(ctx, in.ID); err != nil {
		return nil, problemOf(ctx, err)
	}
	leave, err := s.productStreams.enter(addressOf(ctx))
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer leave()
		s.followStock(ctx, in.ID, openStream(hctx, 0))
	}}, nil
}

func (s *Server) followStock(ctx context.Context, id domain.ProductID, stream *eventStream) {
	ctx, cancel := context.WithTimeout(ctx, streamLimit)
	defer cancel()
	returned, stop := s.events.WatchProduct(id)
	defer stop()
	look := time.NewTicker(stockAge)
	defer look.Stop()
	var shown domain.Stock
	if !stream.begin() {
		return
	}
	for {
		stock, err := s.stocks.get(ctx, id)
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
		if !s.news(ctx, stream, returned, look.C) {
			return
		}
	}
}

// stockAge is how old a count may be that is shown. It bounds the statements, too: one a second, however many look.
const stockAge = time.Second
