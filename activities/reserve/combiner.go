package reserve

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// maxWaiting bounds the orders that wait for one product in one worker; the workflow comes again.
const maxWaiting = 10_000

// Combiner gathers the orders of this worker that want the same product. Their leader acquires the product's lock and decides the whole
// batch in one transaction; while it waits for the lock, the batch grows. One commit serves all.
type Combiner struct {
	cfg   Config
	store Store
	locks Locker
	sizes metric.Int64Histogram
	stale metric.Int64Counter

	mu      sync.Mutex
	queues  map[domain.ProductID][]*waiting // a product with a queue has a leader
	leaders sync.WaitGroup
}

// waiting is an order that waits for its leader.
type waiting struct {
	id        domain.OrderID
	payWithin time.Duration
	answer    chan decided // holds one, so that the leader never waits
}

type decided struct {
	order domain.Order
	err   error
}

// NewCombiner returns the Combiner of a worker.
func NewCombiner(store Store, locks Locker, cfg Config) (*Combiner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	meter := otel.Meter("runrun/reserve")
	sizes, err1 := meter.Int64Histogram("runrun_reserve_batch_size",
		metric.WithDescription("Orders that one reservation transaction decided."))
	stale, err2 := meter.Int64Counter("runrun_reserve_fenced",
		metric.WithDescription("Batches refused because their lock had been overtaken; they are tried again."))
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	stale.Add(context.Background(), 0) // so that the first one is an increase
	return &Combiner{
		cfg:    cfg,
		store:  store,
		locks:  locks,
		sizes:  sizes,
		stale:  stale,
		queues: map[domain.ProductID][]*waiting{},
	}, nil
}

// Request asks for the units of an order.
type Request struct {
	OrderID    domain.OrderID
	ProductIDs []domain.ProductID
	PayWithin  time.Duration
}

// Reserve decides one order: with others if it wants one product, alone if it is a basket. The decision may be made even if
// ctx ends before it is known; asked again, it is the same.
// Errors: NotFound, Overloaded, Unavailable, Conflict, Internal.
func (c *Combiner) Reserve(ctx context.Context, in Request) (domain.Order, error) {
	w := &waiting{id: in.OrderID, payWithin: in.PayWithin, answer: make(chan decided, 1)}
	if len(in.ProductIDs) != 1 {
		return c.basket(ctx, in.ProductIDs, w)
	}
	if err := c.join(in.ProductIDs[0], w); err != nil {
		return domain.Order{}, err
	}
	select {
	case d := <-w.answer:
		return d.order, d.err
	case <-ctx.Done():
		return domain.Order{}, domain.Wrap(domain.CodeUnavailable, ctx.Err(), "the reservation was not decided in time")
	}
}

// Wait returns when no leader is at work any more.
func (c *Combiner) Wait() { c.leaders.Wait() }

// join puts an order into its product's queue, and makes it the leader's business: a new leader's, if there is none.
func (c *Combiner) join(product domain.ProductID, w *waiting) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue, led := c.queues[product]
	if len(queue) >= maxWaiting {
		return domain.Errorf(domain.CodeOverloaded, "too many orders wait for %s", product)
	}
	c.queues[product] = append(queue, w)
	if !led {
		c.leaders.Go(func() { c.lead(product) })
	}
	return nil
}

// lead serves a product's queue, a batch at a time, until it is empty. Between two batches the lock is given back, so that
// other workers can acquire it.
func (c *Combiner) lead(product domain.ProductID) {
	for c.serveBatch(product) {
	}
}

// serveBatch serves one batch and reports whether more are waiting. The leader's context is its own: no single order's limit may end
// the batch of the others.
func (c *Combiner) serveBatch(product domain.ProductID) bool {
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.LockWait)
	lease, err := c.locks.Acquire(ctx, product, 0)
	cancel()
	batch := c.nextBatch(product)
	if err != nil {
		answerAll(batch, err)
		return c.more(product)
	}
	ctx, cancel = context.WithTimeout(context.Background(), c.cfg.BatchLimit)
	defer cancel()
	c.sizes.Record(ctx, int64(len(batch)))
	lease = c.decide(ctx, leases{product: lease}, batch)[product]
	lease.Release(ctx)
	return c.more(product)
}

// nextBatch removes the next batch from a queue: at most MaxBatch orders with the same time to pay.
func (c *Combiner) nextBatch(product domain.ProductID) []*waiting {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue := c.queues[product]
	n := 0
	for n < min(len(queue), c.cfg.MaxBatch) && queue[n].payWithin == queue[0].payWithin {
		n++
	}
	batch := slices.Clone(queue[:n])
	c.queues[product] = slices.Delete(queue, 0, n)
	return batch
}

// more reports whether orders wait for a product. If none do, it removes the queue, and the leader must return: the next order
// starts a new one.
func (c *Combiner) more(product domain.ProductID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queues[product]) > 0 {
		return true
	}
	delete(c.queues, product)
	return false
}

// leases are the locks that a batch holds, by product.
type leases map[domain.ProductID]Lease

func (l leases) fences() map[domain.ProductID]int64 {
	fences := map[domain.ProductID]int64{}
	for product, lease := range l {
		fences[product] = lease.Token()
	}
	return fences
}

// decide answers every order of a batch. If the lock was overtaken, or Redis has forgotten its counter, the lock is taken
// anew above the row's fence and the batch tried once more. It returns the leases that are held afterwards.
func (c *Combiner) decide(ctx context.Context, held leases, batch []*waiting) leases {
	err := c.try(ctx, held, batch)
	var overtaken *domain.StaleFenceError
	if errors.As(err, &overtaken) {
		c.stale.Add(ctx, 1)
		slog.WarnContext(ctx, "reservation fenced", "product_id", overtaken.ProductID,
			"fence", held[overtaken.ProductID].Token(), "row", overtaken.RowFence)
		held[overtaken.ProductID].Release(ctx)
		fresh, lockErr := c.locks.Acquire(ctx, overtaken.ProductID, overtaken.RowFence)
		if lockErr != nil {
			held[overtaken.ProductID] = noLease{}
			answerAll(batch, lockErr)
			return held
		}
		held[overtaken.ProductID] = fresh
		err = c.try(ctx, held, batch)
	}
	switch {
	case err == nil:
	case len(batch) == 1 || domain.CodeOf(err).Retryable() && domain.CodeOf(err) != domain.CodeConflict:
		answerAll(batch, err)
	default: // one order poisons the batch: halve it until that one is alone
		half := len(batch) / 2
		held = c.decide(ctx, held, batch[:half])
		held = c.decide(ctx, held, batch[half:])
	}
	return held
}

// try runs one transaction and hands out its answers.
func (c *Combiner) try(ctx context.Context, held leases, batch []*waiting) error {
	ids := make([]domain.OrderID, len(batch))
	for i, w := range batch {
		ids[i] = w.id
	}
	slices.Sort(ids)
	answers, err := c.store.Reserve(ctx, domain.ReserveBatch{
		Orders: slices.Compact(ids), Products: slices.Collect(maps.Keys(held)), Fences: held.fences(), PayWithin: batch[0].payWithin,
	})
	if err != nil {
		return err
	}
	orders := map[domain.OrderID]domain.Order{}
	for _, answer := range answers {
		orders[answer.Order.ID] = answer.Order
	}
	for _, w := range batch {
		order, found := orders[w.id]
		if !found {
			w.answer <- decided{err: domain.Errorf(domain.CodeNotFound, "there is no order %s", w.id)}
			continue
		}
		w.answer <- decided{order: order}
	}
	return nil
}

func answerAll(batch []*waiting, err error) {
	for _, w := range batch {
		w.answer <- decided{err: err}
	}
}

// noLease stands for a lock that was lost and could not be had again.
type noLease struct{}

func (noLease) Token() int64            { return domain.NoFence }
func (noLease) Release(context.Context) {}
