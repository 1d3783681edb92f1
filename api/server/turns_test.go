package server

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"runrun/domain"
)

func TestTurns(t *testing.T) {
	var same turns
	var inside, most int
	var mu sync.Mutex
	var done sync.WaitGroup
	for range 50 {
		done.Go(func() {
			end, err := same.take(t.Context(), "a")
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
	if most != 1 || len(same.lines) != 0 {
		t.Errorf("%d had the turn at once, and %d turns are left", most, len(same.lines))
	}
	end, err := same.take(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if other, err := same.take(t.Context(), "b"); err != nil {
		t.Errorf("another name: %v", err)
	} else {
		other()
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := same.take(gone, "a"); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("after hanging up: %v, want UNAVAILABLE", err)
	}
}

func TestALineOfTurnsIsBounded(t *testing.T) {
	var same turns
	end, err := same.take(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	waiting, leave := context.WithCancel(t.Context())
	var left sync.WaitGroup
	for range mostWaiting {
		left.Go(func() {
			if _, err := same.take(waiting, "a"); domain.CodeOf(err) != domain.Unavailable {
				t.Errorf("who waited and left: %v, want UNAVAILABLE", err)
			}
		})
	}
	for full := false; !full; runtime.Gosched() {
		same.mu.Lock()
		full = len(same.lines["a"]) == mostWaiting
		same.mu.Unlock()
	}
	if _, err := same.take(t.Context(), "a"); domain.CodeOf(err) != domain.TooManyRequests {
		t.Errorf("one more: %v, want TOO_MANY_REQUESTS", err)
	}
	leave()
	left.Wait()
	end()
	if len(same.lines) != 0 {
		t.Errorf("%d lines are left, want none", len(same.lines))
	}
}
