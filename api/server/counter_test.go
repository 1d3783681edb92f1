package server

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// comer is a request that comes to the counter.
func comer(t *testing.T, c *counter, user domain.UserID) context.Context {
	t.Helper()
	return context.WithValue(context.WithValue(t.Context(), placeKey{}, &place{counter: c}), callerKey{}, caller{ID: user})
}

// Who comes first is served first; the line is seen, and its end is told.
func TestTheCounterServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(1)
		calm := 0
		c.calm = func() { calm++ }
		first := comer(t, c, "")
		if err := c.comeBack(first); err != nil || c.rush() {
			t.Fatalf("the first: %v, a rush: %v", err, c.rush())
		}
		served := make(chan int, 10)
		for n := range 10 {
			go func() {
				ctx := comer(t, c, "")
				if err := c.comeBack(ctx); err != nil {
					t.Error(err)
				}
				served <- n
				leaveCounter(ctx)
			}()
			synctest.Wait()
		}
		if !c.rush() || len(served) != 0 {
			t.Fatalf("ten wait: a rush: %v, %d served", c.rush(), len(served))
		}
		leaveCounter(first)
		leaveCounter(first) // leaving twice makes one place
		for want := range 10 {
			if got := <-served; got != want {
				t.Errorf("%d was served as number %d", got, want)
			}
		}
		synctest.Wait()
		if c.rush() || calm != 1 || !c.places.TryAcquire(1) || c.places.TryAcquire(1) {
			t.Errorf("afterwards: a rush: %v, calm %d times, want one place and calm once", c.rush(), calm)
		}
	})
}

// Nobody waits for ever, and those who gave up take no place.
func TestTheCountersLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(1)
		first := comer(t, c, "")
		if err := c.comeBack(first); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := c.comeBack(comer(t, c, "")); domain.CodeOf(err) != domain.Overloaded || time.Since(began) != counterPatience {
			t.Errorf("after %s: %v, want OVERLOADED after %s", time.Since(began), err, counterPatience)
		}
		c.waiting.Store(counterWaiting)
		began = time.Now()
		if err := c.comeBack(comer(t, c, "")); domain.CodeOf(err) != domain.Overloaded || time.Since(began) != 0 {
			t.Errorf("a full line: after %s: %v, want OVERLOADED at once", time.Since(began), err)
		}
		leaveCounter(first)
		if err := c.comeBack(comer(t, c, "")); err != nil {
			t.Errorf("the place is free: %v", err)
		}
	})
}

// A crowd of clicks of one shopper takes one place, however long the first takes.
func TestClicksOfOneShopperTakeOnePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{counter: newCounter(2)}
		first := comer(t, s.counter, "usr_a")
		if err := s.counter.comeBack(first); err != nil {
			t.Fatal(err)
		}
		end, err := s.turn(first)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 20)
		for range cap(done) {
			go func() {
				ctx := comer(t, s.counter, "usr_a")
				defer leaveCounter(ctx)
				if err := s.counter.comeBack(ctx); err != nil {
					done <- err
					return
				}
				end, err := s.turn(ctx)
				if err == nil {
					end()
				}
				done <- err
			}()
		}
		synctest.Wait()
		if err := s.counter.comeBack(comer(t, s.counter, "usr_b")); err != nil || s.counter.rush() {
			t.Errorf("another shopper: %v, a rush: %v", err, s.counter.rush())
		}
		end()
		leaveCounter(first)
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
