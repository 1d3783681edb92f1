package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// flusher doubles numbers, and can be stopped in the middle of a flush.
type flusher struct {
	mu      sync.Mutex
	batches [][]int
	poison  int
	entered chan struct{} // receives when a flush begins
	leave   chan struct{} // every flush waits for one; nil waits for nothing
}

func (f *flusher) flush(_ context.Context, numbers []int) ([]int, error) {
	if f.leave != nil {
		f.entered <- struct{}{}
		<-f.leave
	}
	doubled := make([]int, len(numbers))
	for i, n := range numbers {
		if f.poison != 0 && n == f.poison {
			return nil, domain.Errorf(domain.CodeInternal, "poison")
		}
		doubled[i] = 2 * n
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, numbers)
	return doubled, nil
}

func newBatcher(t *testing.T, f *flusher, cfg Config) *Batcher[int, int] {
	t.Helper()
	cfg.Name, cfg.Writers, cfg.Timeout = "test", 1, time.Minute
	b, err := New(f.flush, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// One request is served at once; what comes during its flush is flushed together, at most Size at a time.
func TestABatchGathersWhileAFlushIsUnderWay(t *testing.T) {
	f := &flusher{entered: make(chan struct{}), leave: make(chan struct{})}
	b := newBatcher(t, f, Config{Size: 8, Queue: 100})
	var done sync.WaitGroup
	add := func(n int) {
		done.Go(func() {
			if got, err := b.Do(t.Context(), n); err != nil || got != 2*n {
				t.Errorf("%d: %d, %v", n, got, err)
			}
		})
	}
	add(1)
	<-f.entered
	for n := 2; n <= 11; n++ {
		add(n)
	}
	for len(b.queue) < 10 { // all are waiting: nothing else happens until the flush is let go
		select {
		case <-t.Context().Done():
			t.Fatal("they do not come")
		default:
		}
	}
	f.leave <- struct{}{}
	for range 2 {
		<-f.entered
		f.leave <- struct{}{}
	}
	done.Wait()
	b.Stop()
	var sizes []int
	for _, batch := range f.batches {
		sizes = append(sizes, len(batch))
	}
	if !slices.Equal(sizes, []int{1, 8, 2}) {
		t.Errorf("batches of %v, want 1, then 8, then 2", sizes)
	}
}

// A request that cannot be served fails no other.
func TestAPoisonedRequestFailsAlone(t *testing.T) {
	f := &flusher{poison: 3}
	b := newBatcher(t, f, Config{Size: 8, Queue: 100})
	defer b.Stop()
	all := make([]*request[int, int], 8)
	for n := range all {
		all[n] = &request[int, int]{ctx: t.Context(), in: n, result: make(chan result[int], 1)}
	}
	b.serve(all)
	for n, r := range all {
		got := <-r.result
		if (got.err != nil) != (n == 3) || n != 3 && got.out != 2*n {
			t.Errorf("request %d: %+v", n, got)
		}
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	f := &flusher{entered: make(chan struct{}), leave: make(chan struct{})}
	b := newBatcher(t, f, Config{Size: 8, Queue: 1})
	var done sync.WaitGroup
	done.Go(func() { _, _ = b.Do(t.Context(), 1) })
	<-f.entered
	if !b.enqueue(&request[int, int]{ctx: t.Context(), in: 2, result: make(chan result[int], 1)}) {
		t.Error("the one place of the queue is taken")
	}
	if _, err := b.Do(t.Context(), 3); domain.CodeOf(err) != domain.CodeOverloaded {
		t.Errorf("beyond the queue: %v, want OVERLOADED", err)
	}
	go func() {
		for range f.entered {
		}
	}()
	close(f.leave)
	done.Wait()
	b.Stop()
	if _, err := b.Do(t.Context(), 4); domain.CodeOf(err) != domain.CodeOverloaded {
		t.Errorf("after the stop: %v, want OVERLOADED", err)
	}
	close(f.entered)
	if len(f.batches) != 2 {
		t.Errorf("%d batches were flushed, want the two that were waiting", len(f.batches))
	}
}

// A caller who gives up is told so at once; the answer that comes later is handed to OnAbandoned.
func TestAnAbandonedAnswer(t *testing.T) {
	f := &flusher{entered: make(chan struct{}), leave: make(chan struct{})}
	b := newBatcher(t, f, Config{Size: 8, Queue: 1})
	abandoned := make(chan int, 1)
	b.OnAbandoned(func(in, out int) { abandoned <- 100*in + out })
	ctx, hangUp := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if _, err := b.Do(ctx, 7); !errors.Is(err, context.Canceled) || domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("got %v", err)
		}
	})
	<-f.entered
	hangUp()
	done.Wait()
	f.leave <- struct{}{}
	if got := <-abandoned; got != 714 {
		t.Errorf("abandoned %d, want the answer 14 to 7", got)
	}
	b.Stop()
}

// Requests whose callers have given up are left out, where that is allowed.
func TestCanceledRequestsAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for skip, want := range map[bool]int{true: 1, false: 2} {
			f := &flusher{}
			b := newBatcher(t, f, Config{Size: 8, Queue: 10, SkipCanceled: skip})
			b.Stop()
			canceled, cancel := context.WithCancel(t.Context())
			cancel()
			b.queue = make(chan *request[int, int], 10)
			for n, ctx := range []context.Context{canceled, t.Context()} {
				b.queue <- &request[int, int]{ctx: ctx, in: n, result: make(chan result[int], 1)}
			}
			close(b.queue)
			b.run()
			if len(f.batches) != 1 || len(f.batches[0]) != want {
				t.Errorf("skip %t: flushed %v, want %d in one batch", skip, f.batches, want)
			}
		}
	})
}
