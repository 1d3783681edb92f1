package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"runrun/domain"
)

// demandLife is how long the demand for a product is remembered after its last order.
const demandLife = 24 * time.Hour

// Demand adds up what all processes of the shop have taken and refused. Sellers watch it; nothing depends on it.
type Demand struct{ client redis.UniversalClient }

// NewDemand makes the sums of the demand.
func NewDemand(client redis.UniversalClient) *Demand { return &Demand{client} }

// AddDemand adds to the sums of products.
// Errors: Unavailable; some may have been added then.
func (d *Demand) AddDemand(ctx context.Context, counts map[domain.ProductID]domain.Demand) error {
	_, err := d.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for id, more := range counts {
			key := demandKey(id)
			pipe.HIncrBy(ctx, key, "ordered", more.Ordered)
			pipe.HIncrBy(ctx, key, "refused", more.Refused)
			pipe.Expire(ctx, key, demandLife)
		}
		return nil
	})
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the demand was not counted")
	}
	return nil
}

// DemandFor returns the sums of a product.
// Errors: Unavailable.
func (d *Demand) DemandFor(ctx context.Context, id domain.ProductID) (domain.Demand, error) {
	var sums struct {
		Ordered int64 `redis:"ordered"`
		Refused int64 `redis:"refused"`
	}
	if err := d.client.HGetAll(ctx, demandKey(id)).Scan(&sums); err != nil {
		return domain.Demand{}, domain.Wrap(domain.CodeUnavailable, err, "the demand is not known at this moment")
	}
	return domain.Demand(sums), nil
}

func demandKey(id domain.ProductID) string { return "runrun:demand:{" + string(id) + "}" }
