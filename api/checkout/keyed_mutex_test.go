package checkout

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"runrun/domain"
)

func TestKeyedMutex(t *testing.T) {
	var same KeyedMutex
	var inside, most int
	var mu sync.Mutex
	var done sync.WaitGroup
	for range 50 {
		done.Go(func() {
			end, err := same.Lock(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			mu.Lock()
			inside--
			mu.Unlock()
			end()
		})
	}
	done.Wait()
	if most != 1 || len(same.waiters) != 0 {
		t.Errorf("%d had the turn at once, and %d turns are left", most, len(same.waiters))
	}
	end, err := same.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if other, err := same.Lock(t.Context(), "b"); err != nil {
		t.Errorf("another name: %v", err)
	} else {
		other()
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := same.Lock(gone, "a"); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("after hanging up: %v, want UNAVAILABLE", err)
	}
}

func TestTheWaitersOfAKeyAreBounded(t *testing.T) {
	var same KeyedMutex
	end, err := same.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	waiting, leave := context.WithCancel(t.Context())
	var left sync.WaitGroup
	for range maxWaiters {
		left.Go(func() {
			if _, err := same.Lock(waiting, "a"); domain.CodeOf(err) != domain.CodeUnavailable {
				t.Errorf("who waited and left: %v, want UNAVAILABLE", err)
			}
		})
	}
	for full := false; !full; runtime.Gosched() {
		same.mu.Lock()
		full = len(same.waiters["a"]) == maxWaiters
		same.mu.Unlock()
	}
	if _, err := same.Lock(t.Context(), "a"); domain.CodeOf(err) != domain.CodeTooManyRequests {
		t.Errorf("one more: %v, want TOO_MANY_REQUESTS", err)
	}
	leave()
	left.Wait()
	end()
	if len(same.waiters) != 0 {
		t.Errorf("%d lines are left, want none", len(same.waiters))
	}
}
