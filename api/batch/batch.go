// Package batch serves many requests by one call: while one call is under way the next batch gathers. So a rush costs few
// statements, and a single request waits for nobody. It knows neither what a request is nor who serves it. Start at Batcher.
package batch

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// Batcher gathers requests and flushes them together.
type Batcher[In, Out any] struct {
	flush     func(ctx context.Context, batch []In) ([]Out, error)
	cfg       Config
	queue     chan *request[In, Out]
	stopping  sync.RWMutex // held for writing by Stop, so that nothing is added to a closed queue
	stopped   bool
	abandoned func(In, Out)
	writers   sync.WaitGroup
	sizes     metric.Int64Histogram
}

// Config says how requests are gathered.
type Config struct {
	Name    string        // of the metric: runrun_<name>_batch_size
	Writers int           // flushes at once
	Size    int           // most requests in one flush
	Queue   int           // most requests that wait; the next gets OVERLOADED
	Timeout time.Duration // of one flush
	// SkipCanceled leaves out requests whose context has ended; a Batcher that writes keeps them.
	SkipCanceled bool
}

// request waits for its batch.
type request[In, Out any] struct {
	ctx    context.Context
	in     In
	result chan result[Out] // buffered, so that the writer never waits
	// done is set by whoever is first: the writer who delivers, or the caller who gives up.
	done atomic.Bool
}

type result[Out any] struct {
	out Out
	err error
}

// New returns a running Batcher. flush returns one answer for each request, or an error if nothing was done.
func New[In, Out any](flush func(context.Context, []In) ([]Out, error), cfg Config) (*Batcher[In, Out], error) {
	sizes, err := otel.Meter("runrun/"+cfg.Name).Int64Histogram("runrun_"+cfg.Name+"_batch_size",
		metric.WithDescription("Requests that one statement or transaction served."))
	if err != nil {
		return nil, err
	}
	b := &Batcher[In, Out]{flush: flush, queue: make(chan *request[In, Out], cfg.Queue), cfg: cfg, abandoned: func(In, Out) {}, sizes: sizes}
	for range cfg.Writers {
		b.writers.Go(b.run)
	}
	return b, nil
}

// OnAbandoned sets what is done with an answer whose caller has given up. It is set before the first request.
func (b *Batcher[In, Out]) OnAbandoned(handle func(In, Out)) { b.abandoned = handle }

// Do returns the answer to one request. If ctx ends first, the request may be served all the same.
// Errors: Overloaded if the queue is full; Unavailable if ctx ends first; those of flush.
func (b *Batcher[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	a := &request[In, Out]{ctx: ctx, in: in, result: make(chan result[Out], 1)}
	var none Out
	if !b.enqueue(a) {
		return none, domain.Errorf(domain.CodeOverloaded, "too many are waiting; try again in a moment")
	}
	select {
	case r := <-a.result:
		return r.out, r.err
	case <-ctx.Done():
	}
	if !a.done.CompareAndSwap(false, true) { // the answer came at the same moment
		r := <-a.result
		return r.out, r.err
	}
	return none, domain.Wrap(domain.CodeUnavailable, ctx.Err(),
		"no answer in time; the request may still be carried out: send the same request again, it is not carried out twice")
}

// deliver hands a request its result, and reports whether its caller still waited.
func (b *Batcher[In, Out]) deliver(a *request[In, Out], r result[Out]) bool {
	if !a.done.CompareAndSwap(false, true) {
		return false
	}
	a.result <- r
	return true
}

func (b *Batcher[In, Out]) enqueue(a *request[In, Out]) bool {
	b.stopping.RLock()
	defer b.stopping.RUnlock()
	if b.stopped {
		return false
	}
	select {
	case b.queue <- a:
		return true
	default:
		return false
	}
}

// Stop serves what is waiting, and ends. Later requests get OVERLOADED.
func (b *Batcher[In, Out]) Stop() {
	b.stopping.Lock()
	b.stopped = true
	close(b.queue)
	b.stopping.Unlock()
	b.writers.Wait()
}

func (b *Batcher[In, Out]) run() {
	for first := range b.queue {
		if batch := b.gather(first); len(batch) > 0 {
			b.serve(batch)
		}
	}
}

// gather takes what is waiting, and does not wait for more.
func (b *Batcher[In, Out]) gather(first *request[In, Out]) []*request[In, Out] {
	var batch []*request[In, Out]
	take := func(a *request[In, Out]) {
		if !b.cfg.SkipCanceled || a.ctx.Err() == nil {
			batch = append(batch, a)
		}
	}
	take(first)
	for len(batch) < b.cfg.Size {
		select {
		case next, open := <-b.queue:
			if !open {
				return batch
			}
			take(next)
		default:
			return batch
		}
	}
	return batch
}

// serve flushes a batch. A request that cannot be served fails no other: the batch is halved until that one is alone.
func (b *Batcher[In, Out]) serve(batch []*request[In, Out]) {
	ctx, cancel := context.WithTimeout(context.Background(), b.cfg.Timeout)
	defer cancel()
	ins := make([]In, len(batch))
	for n, a := range batch {
		ins[n] = a.in
	}
	outs, err := b.flush(ctx, ins)
	if err != nil {
		if len(batch) > 1 && !errors.Is(err, context.DeadlineExceeded) && domain.CodeOf(err) != domain.CodeUnavailable {
			b.serve(batch[:len(batch)/2])
			b.serve(batch[len(batch)/2:])
			return
		}
		for _, a := range batch {
			b.deliver(a, result[Out]{err: err})
		}
		return
	}
	b.sizes.Record(ctx, int64(len(batch)))
	var late []func()
	for n, a := range batch {
		if !b.deliver(a, result[Out]{out: outs[n]}) {
			late = append(late, func() { b.abandoned(a.in, outs[n]) })
		}
	}
	if len(late) > 0 {
		b.writers.Go(func() { // beside the flushes: those who still wait do not wait for this
			for _, handle := range late {
				handle()
			}
		})
	}
}
