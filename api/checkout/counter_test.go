package checkout

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// comer is a request that comes to the counter.
func comer(t *testing.T, c *Counter) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), placeKey{}, &place{counter: c})
}

// Requests are served in order of arrival; Rush reports the line, and OnCalm its end.
func TestTheCounterServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCounter(1)
		calm := 0
		c.calm = func() { calm++ }
		first := comer(t, c)
		if err := c.reenter(first); err != nil || c.Rush() {
			t.Fatalf("the first: %v, a rush: %v", err, c.Rush())
		}
		served := make(chan int, 10)
		for n := range 10 {
			go func() {
				ctx := comer(t, c)
				if err := c.reenter(ctx); err != nil {
					t.Error(err)
				}
				served <- n
				leaveCounter(ctx)
			}()
			synctest.Wait()
		}
		if !c.Rush() || len(served) != 0 {
			t.Fatalf("ten wait: a rush: %v, %d served", c.Rush(), len(served))
		}
		leaveCounter(first)
		leaveCounter(first) // leaving twice makes one place
		for want := range 10 {
			if got := <-served; got != want {
				t.Errorf("%d was served as number %d", got, want)
			}
		}
		synctest.Wait()
		if c.Rush() || calm != 1 || !c.places.TryAcquire(1) || c.places.TryAcquire(1) {
			t.Errorf("afterwards: a rush: %v, calm %d times, want one place and calm once", c.Rush(), calm)
		}
	})
}

// Nobody waits for ever, and those who gave up take no place.
func TestTheCountersLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCounter(1)
		first := comer(t, c)
		if err := c.reenter(first); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := c.reenter(comer(t, c)); domain.CodeOf(err) != domain.CodeOverloaded || time.Since(began) != counterTimeout {
			t.Errorf("after %s: %v, want OVERLOADED after %s", time.Since(began), err, counterTimeout)
		}
		c.waiting.Store(counterQueue)
		began = time.Now()
		if err := c.reenter(comer(t, c)); domain.CodeOf(err) != domain.CodeOverloaded || time.Since(began) != 0 {
			t.Errorf("a full line: after %s: %v, want OVERLOADED at once", time.Since(began), err)
		}
		leaveCounter(first)
		if err := c.reenter(comer(t, c)); err != nil {
			t.Errorf("the place is free: %v", err)
		}
	})
}

// A crowd of clicks of one shopper takes one place, however long the first takes.
func TestClicksOfOneShopperTakeOnePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Checkout{counter: NewCounter(2)}
		first := comer(t, c.counter)
		if err := c.counter.reenter(first); err != nil {
			t.Fatal(err)
		}
		unlock, err := c.lockShopper(first, "usr_a")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 20)
		for range cap(done) {
			go func() {
				ctx := comer(t, c.counter)
				defer leaveCounter(ctx)
				if err := c.counter.reenter(ctx); err != nil {
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
		if err := c.counter.reenter(comer(t, c.counter)); err != nil || c.counter.Rush() {
			t.Errorf("another shopper: %v, a rush: %v", err, c.counter.Rush())
		}
		unlock()
		leaveCounter(first)
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
