package server

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

// batcher serves many requests by one act: while one act is under way the next batch gathers. So a rush costs few acts, and a
// single request waits for nobody.
type batcher[In, Out any] struct {
	act      func(ctx context.Context, batch []In) ([]Out, error) // an answer for each, or an error and nothing is done
	queue    chan *asking[In, Out]
	stopping sync.RWMutex // held for writing by stop, so that nothing is added to a closed queue
	stopped  bool
	cfg      batching
	orphaned func(In, Out)
	actors   sync.WaitGroup
	sizes    metric.Int64Histogram
}

// asking is a request that waits for its batch.
type asking[In, Out any] struct {
	ctx    context.Context
	in     In
	answer chan answered[Out] // holds one, so that the actor never waits
	// settled is won by whoever is first: the actor who answers, or the caller who gives up.
	settled atomic.Bool
}

type answered[Out any] struct {
	out Out
	err error
}

// batching says how requests are gathered.
type batching struct {
	name    string // of the metric: runrun_<name>_batch_size
	actors  int    // acts at once
	most    int    // requests in one act
	backlog int    // requests that wait; the next is told OVERLOADED
	// limit bounds one act.
	limit time.Duration
	// dropsGone leaves out who does not wait any more. What is to be written is written all the same.
	dropsGone bool
}

func newBatcher[In, Out any](act func(context.Context, []In) ([]Out, error), cfg batching) (*batcher[In, Out], error) {
	sizes, err := otel.Meter("runrun/"+cfg.name).Int64Histogram("runrun_"+cfg.name+"_batch_size",
		metric.WithDescription("Requests that one statement or transaction served."))
	if err != nil {
		return nil, err
	}
	b := &batcher[In, Out]{act: act, queue: make(chan *asking[In, Out], cfg.backlog), cfg: cfg, orphaned: func(In, Out) {}, sizes: sizes}
	for range cfg.actors {
		b.actors.Go(b.run)
	}
	return b, nil
}

// ask has a request served. If ctx ends first, it may be served all the same.
// Errors: Overloaded if too many wait; Unavailable; those of the act.
func (b *batcher[In, Out]) ask(ctx context.Context, in In) (Out, error) {
	a := &asking[In, Out]{ctx: ctx, in: in, answer: make(chan answered[Out], 1)}
	var none Out
	if !b.enqueue(a) {
		return none, domain.Errorf(domain.Overloaded, "too many are waiting; try again in a moment")
	}
	select {
	case done := <-a.answer:
		return done.out, done.err
	case <-ctx.Done():
	}
	if !a.settled.CompareAndSwap(false, true) { // the answer came at the same moment
		done := <-a.answer
		return done.out, done.err
	}
	return none, domain.Because(domain.Unavailable, ctx.Err(), "there was no answer in time; the same request may be sent again")
}

// reply answers a request, and reports whether its caller still waited.
func (b *batcher[In, Out]) reply(a *asking[In, Out], done answered[Out]) bool {
	if !a.settled.CompareAndSwap(false, true) {
		return false
	}
	a.answer <- done
	return true
}

func (b *batcher[In, Out]) enqueue(a *asking[In, Out]) bool {
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

// stop serves what is waiting, and ends.
func (b *batcher[In, Out]) stop() {
	b.stopping.Lock()
	b.stopped = true
	close(b.queue)
	b.stopping.Unlock()
	b.actors.Wait()
}

func (b *batcher[In, Out]) run() {
	for first := range b.queue {
		if batch := b.gather(first); len(batch) > 0 {
			b.serve(batch)
		}
	}
}

// gather takes what is waiting, and does not wait for more.
func (b *batcher[In, Out]) gather(first *asking[In, Out]) []*asking[In, Out] {
	var batch []*asking[In, Out]
	take := func(a *asking[In, Out]) {
		if !b.cfg.dropsGone || a.ctx.Err() == nil {
			batch = append(batch, a)
		}
	}
	take(first)
	for len(batch) < b.cfg.most {
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

// serve acts for a batch. One request that cannot be served fails nobody else: the batch is halved until that one is alone.
func (b *batcher[In, Out]) serve(batch []*asking[In, Out]) {
	ctx, cancel := context.WithTimeout(context.Background(), b.cfg.limit)
	defer cancel()
	ins := make([]In, len(batch))
	for n, a := range batch {
		ins[n] = a.in
	}
	outs, err := b.act(ctx, ins)
	if err != nil {
		if len(batch) > 1 && !errors.Is(err, context.DeadlineExceeded) && domain.CodeOf(err) != domain.Unavailable {
			b.serve(batch[:len(batch)/2])
			b.serve(batch[len(batch)/2:])
			return
		}
		for _, a := range batch {
			b.reply(a, answered[Out]{err: err})
		}
		return
	}
	b.sizes.Record(ctx, int64(len(batch)))
	var late []func()
	for n, a := range batch {
		if !b.reply(a, answered[Out]{out: outs[n]}) {
			late = append(late, func() { b.orphaned(a.in, outs[n]) })
		}
	}
	if len(late) > 0 {
		b.actors.Go(func() { // beside the acts: those who still wait do not wait for this
			for _, orphan := range late {
				orphan()
			}
		})
	}
}
