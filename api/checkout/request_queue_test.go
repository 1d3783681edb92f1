package checkout

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// queued is a request that comes to the queue.
func queued(t *testing.T, c *RequestQueue) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), slotKey{}, &slot{queue: c})
}

// Requests are served in order of arrival; Rush reports the line, and OnQueueEmpty its end.
func TestTheCounterServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewRequestQueue(1)
		emptied := 0
		c.onQueueEmpty = func() { emptied++ }
		first := queued(t, c)
		if err := c.reenter(first); err != nil || c.Rush() {
			t.Fatalf("the first: %v, a rush: %v", err, c.Rush())
		}
		served := make(chan int, 10)
		for n := range 10 {
			go func() {
				ctx := queued(t, c)
				if err := c.reenter(ctx); err != nil {
					t.Error(err)
				}
				served <- n
				releaseSlot(ctx)
			}()
			synctest.Wait()
		}
		if !c.Rush() || len(served) != 0 {
			t.Fatalf("ten wait: a rush: %v, %d served", c.Rush(), len(served))
		}
		releaseSlot(first)
		releaseSlot(first) // releasing twice makes one slot
		for want := range 10 {
			if got := <-served; got != want {
				t.Errorf("%d was served as number %d", got, want)
			}
		}
		synctest.Wait()
		if c.Rush() || emptied != 1 || !c.slots.TryAcquire(1) || c.slots.TryAcquire(1) {
			t.Errorf("afterwards: a rush: %v, emptied %d times, want one slot and once", c.Rush(), emptied)
		}
	})
}

// Nobody waits for ever, and those who gave up take no place.
func TestTheCountersLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewRequestQueue(1)
		first := queued(t, c)
		if err := c.reenter(first); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := c.reenter(queued(t, c)); domain.CodeOf(err) != domain.CodeOverloaded || time.Since(began) != queueTimeout {
			t.Errorf("after %s: %v, want OVERLOADED after %s", time.Since(began), err, queueTimeout)
		}
		c.waiting.Store(maxQueued)
		began = time.Now()
		if err := c.reenter(queued(t, c)); domain.CodeOf(err) != domain.CodeOverloaded || time.Since(began) != 0 {
			t.Errorf("a full line: after %s: %v, want OVERLOADED at once", time.Since(began), err)
		}
		releaseSlot(first)
		if err := c.reenter(queued(t, c)); err != nil {
			t.Errorf("the place is free: %v", err)
		}
	})
}

// A crowd of clicks of one shopper takes one place, however long the first takes.
func TestClicksOfOneShopperTakeOnePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Checkout{requests: NewRequestQueue(2)}
		first := queued(t, c.requests)
		if err := c.requests.reenter(first); err != nil {
			t.Fatal(err)
		}
		unlock, err := c.lockShopper(first, "usr_a")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 20)
		for range cap(done) {
			go func() {
				ctx := queued(t, c.requests)
				defer releaseSlot(ctx)
				if err := c.requests.reenter(ctx); err != nil {
					done <- err
					return
				}
				unlock, err := c.lockShopper(ctx, "usr_a")
				if err == nil {
					unlock()
				}
				done <- err
			}()
		}
		synctest.Wait()
		if err := c.requests.reenter(queued(t, c.requests)); err != nil || c.requests.Rush() {
			t.Errorf("another shopper: %v, a rush: %v", err, c.requests.Rush())
		}
		unlock()
		releaseSlot(first)
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
