package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type likesBody struct {
	Likes int64 `json:"likes" doc:"People who like the product." example:"12"`
}

func (p products) likeRoutes(api huma.API) {
	tags := []string{"products"}
	handle(api, huma.Operation{
		OperationID: "likeProduct", Method: http.MethodPut, Path: "/v1/products/{id}/like", Tags: tags, Summary: "Like a product",
		Description: "Said twice, it counts once.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *productInput) (*output[likesBody], error) { return p.like(ctx, in, true) })
	handle(api, huma.Operation{
		OperationID: "unlikeProduct", Method: http.MethodDelete, Path: "/v1/products/{id}/like", Tags: tags, Summary: "Do not like it any more",
		Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *productInput) (*output[likesBody], error) { return p.like(ctx, in, false) })
}

func (p products) like(ctx context.Context, in *productInput, likes bool) (*output[likesBody], error) {
	count, err := p.Catalog.Like(ctx, in.ID, callerOf(ctx).ID, likes)
	if err != nil {
		return nil, err
	}
	p.caches.Offers.Invalidate(in.ID) // others see it seconds later: a drop that everybody likes is not read anew for each of them
	return &output[likesBody]{Body: likesBody{Likes: count}}, nil
}
