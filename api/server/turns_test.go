package server

import (
	"context"
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
	if most != 1 || len(same.taken) != 0 {
		t.Errorf("%d had the turn at once, and %d turns are left", most, len(same.taken))
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
