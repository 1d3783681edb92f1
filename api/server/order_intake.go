package server

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// intake writes new orders durably, many in one transaction: while one commit is on its way to the disk the next batch
// gathers, so a rush costs few commits and a single order waits for nobody.
type intake struct {
	accept func(ctx context.Context, orders []domain.NewOrder) ([]bool, error)
	// accepted is told of the orders of a batch that are new, whether or not their shoppers are still there.
	accepted func([]domain.NewOrder)
	queue    chan *candidate
	stopping sync.RWMutex // held for writing by stop, so that nothing is added to a closed queue
	stopped  bool
	maxBatch int
	writers  sync.WaitGroup
	sizes    metric.Int64Histogram
}

// candidate is an order that asks to be written.
type candidate struct {
	order  domain.NewOrder
	answer chan written // holds one, so that the writer never waits
}

type written struct {
	isNew bool
	err   error
}

// newIntake starts the given number of writers. At most backlog orders wait for them.
func newIntake(accept func(context.Context, []domain.NewOrder) ([]bool, error), accepted func([]domain.NewOrder), writers, maxBatch, backlog int) (*intake, error) {
	sizes, err := otel.Meter("runrun/intake").Int64Histogram("runrun_intake_batch_size",
		metric.WithDescription("Orders that one transaction wrote."))
	if err != nil {
		return nil, err
	}
	i := &intake{accept: accept, accepted: accepted, queue: make(chan *candidate, backlog), maxBatch: maxBatch, sizes: sizes}
	for range writers {
		i.writers.Go(i.write)
	}
	return i, nil
}

// add writes an order and says whether it is new: false if its shopper has one under its idempotency key. If ctx ends first
// the order may be written all the same.
// Errors: Overloaded if too many wait; Unavailable, Internal.
func (i *intake) add(ctx context.Context, order domain.NewOrder) (bool, error) {
	c := &candidate{order: order, answer: make(chan written, 1)}
	if !i.enqueue(c) {
		return false, domain.Errorf(domain.Overloaded, "too many orders are being written; nothing was ordered, try again in a moment")
	}
	select {
	case w := <-c.answer:
		return w.isNew, w.err
	case <-ctx.Done():
		return false, domain.Because(domain.Unavailable, ctx.Err(), "the order was not written in time; ask again with the same Idempotency-Key")
	}
}

func (i *intake) enqueue(c *candidate) bool {
	i.stopping.RLock()
	defer i.stopping.RUnlock()
	if i.stopped {
		return false
	}
	select {
	case i.queue <- c:
		return true
	default:
		return false
	}
}

// stop writes what is waiting, and ends.
func (i *intake) stop() {
	i.stopping.Lock()
	i.stopped = true
	close(i.queue)
	i.stopping.Unlock()
	i.writers.Wait()
}

func (i *intake) write() {
	for first := range i.queue {
		i.flush(i.gather(first))
	}
}

// gather takes what is waiting, and does not wait for more.
func (i *intake) gather(first *candidate) []*candidate {
	batch := []*candidate{first}
	for len(batch) < i.maxBatch {
		select {
		case next, open := <-i.queue:
			if !open {
				return batch
			}
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// flush writes a batch. One order that cannot be written fails nobody else: the batch is halved until that one is alone.
func (i *intake) flush(batch []*candidate) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	orders := make([]domain.NewOrder, len(batch))
	for n, c := range batch {
		orders[n] = c.order
	}
	news, err := i.accept(ctx, orders)
	if err != nil {
		if len(batch) > 1 && !errors.Is(err, context.DeadlineExceeded) && domain.CodeOf(err) != domain.Unavailable {
			i.flush(batch[:len(batch)/2])
			i.flush(batch[len(batch)/2:])
			return
		}
		for _, c := range batch {
			c.answer <- written{err: err}
		}
		return
	}
	i.sizes.Record(ctx, int64(len(batch)))
	var fresh []domain.NewOrder
	for n, c := range batch {
		if news[n] {
			fresh = append(fresh, c.order)
		}
		c.answer <- written{isNew: news[n]}
	}
	i.accepted(fresh)
}
