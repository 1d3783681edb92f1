package checkout

import (
	"context"
	"time"

	"runrun/api/batch"
	"runrun/domain"
)

// Idempotency finds the order that was made under an idempotency key. Look-ups are batched: a rush of shoppers who are going to be
// refused costs the database hardly more than one of them.
type Idempotency struct {
	index   KeyIndex
	lookUps *batch.Batcher[domain.OrderKey, domain.OrderID]
}

// NewIdempotency returns an Idempotency.
func NewIdempotency(index KeyIndex, cfg batch.Config) (*Idempotency, error) {
	cfg.Name, cfg.SkipCanceled = "replay", true
	lookUps, err := batch.New(func(ctx context.Context, keys []domain.OrderKey) ([]domain.OrderID, error) {
		found, err := index.OrderIDs(ctx, keys)
		ids := make([]domain.OrderID, len(keys))
		for n, key := range keys {
			ids[n] = found[key]
		}
		return ids, err
	}, cfg)
	return &Idempotency{index: index, lookUps: lookUps}, err
}

// Stop ends looking up.
func (i *Idempotency) Stop() { i.lookUps.Stop() }

// find returns the order that the shopper made under the key.
// Errors: NotFound if there is none, IdempotencyReused if the request was another; Overloaded, Unavailable.
func (i *Idempotency) find(ctx context.Context, r *Request) (domain.Order, error) {
	id, err := i.lookUps.Do(ctx, domain.OrderKey{UserID: r.User, Key: r.Key})
	if err != nil {
		return domain.Order{}, err
	}
	if id == "" {
		return domain.Order{}, domain.Errorf(domain.CodeNotFound, "there is no order under this idempotency key")
	}
	order, fingerprint, err := i.index.OrderByKey(ctx, r.User, r.Key)
	if err == nil && fingerprint != i.fingerprint(r) {
		err = domain.Errorf(domain.CodeIdempotencyReused, "this Idempotency-Key belongs to another request; use a new one for a new order")
	}
	return order, err
}

// fingerprint returns a keyed digest of the request; it is keyed since the request contains personal data. It is
// computed on first use.
func (i *Idempotency) fingerprint(r *Request) string {
	if r.fingerprint == "" {
		r.fingerprint = i.index.Digest("order", r.Canonical())
	}
	return r.fingerprint
}

// replayWhileOpen is how long an idempotency key is looked up while a breaker is open: a replay is answered if the database answers,
// and a shopper gets BREAKER_OPEN at once if it does not.
const replayWhileOpen = 100 * time.Millisecond

// replay returns the order that was made under the key. A database that does not answer opens the breakers of the products.
// Errors: those of find; BreakerOpen.
func (c *Checkout) replay(ctx context.Context, r *Request) (domain.Order, error) {
	limit := readTimeout
	open := c.breakers.checkOpen(r.Items)
	if open != nil {
		limit = replayWhileOpen
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	order, err := c.idempotency.find(limited, r)
	if !systemFailure(err) || ctx.Err() != nil {
		return order, err
	}
	if open != nil {
		return order, open
	}
	c.breakers.fail(r.Items, err)
	return order, err
}
