package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

// Demand is how much of a product was asked for.
type Demand interface {
	DemandFor(ctx context.Context, id domain.ProductID) (domain.Demand, error)
}

type demandBody struct {
	ProductID domain.ProductID `json:"productId"`
	Ordered   int64            `json:"ordered" doc:"Orders that were taken; some of them end unpaid." example:"300"`
	Refused   int64            `json:"refused" doc:"Orders that were refused: sold out, over the limit, not open." example:"9700"`
	AsOf      time.Time        `json:"asOf" doc:"When it was read; the rate is the difference to the reading before."`
}

// demands are the routes of what is asked for.
type demands struct{ products }

func (d demands) routes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "getDemand", Method: http.MethodGet, Path: "/v1/products/{id}/demand", Tags: []string{"products"},
		Summary: "Count what is asked for during a drop",
		Description: "For the seller of the product's brand. Requests, not units, since the first one; a second old at most. Forgotten a day " +
			"after the last one.",
	}, d.get)
}

func (d demands) get(ctx context.Context, in *productInput) (*output[demandBody], error) {
	if err := d.checkProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	sums, err := d.Demand.DemandFor(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[demandBody]{Body: demandBody{ProductID: in.ID, Ordered: sums.Ordered, Refused: sums.Refused, AsOf: time.Now()}}, nil
}
