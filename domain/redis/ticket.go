package redis

import (
	"context"

	"github.com/redis/go-redis/v9"

	"runrun/domain"
)

// Tickets numbers the shoppers of a product in order of arrival.
type Tickets struct {
	client redis.UniversalClient
}

// NewTickets makes the queue's numbers.
func NewTickets(client redis.UniversalClient) *Tickets { return &Tickets{client} }

// draw raises a counter that exists; one that does not must be seeded first, or numbers would be given out twice after
// Redis restarted empty.
var draw = redis.NewScript(`if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end return redis.call('INCR', KEYS[1])`)

// Draw gives out the next ticket of a product. last tells the highest ticket that any order carries, and is asked only when
// Redis does not know.
// Errors: Unavailable, and those of last.
func (t *Tickets) Draw(ctx context.Context, product domain.ProductID, last func() (int64, error)) (int64, error) {
	key := "runrun:ticket:{" + string(product) + "}"
	ticket, err := draw.Run(ctx, t.client, []string{key}).Int64()
	if err == nil && ticket == 0 {
		var seed int64
		if seed, err = last(); err != nil {
			return 0, err
		}
		if err = t.client.SetNX(ctx, key, seed, 0).Err(); err == nil {
			ticket, err = draw.Run(ctx, t.client, []string{key}).Int64()
		}
	}
	if err != nil {
		return 0, domain.Because(domain.Unavailable, err, "Redis does not answer")
	}
	return ticket, nil
}
