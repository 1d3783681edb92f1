package auth

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// Addresses from which somebody has logged in before are served first, however many strangers wait. Nobody waits for ever, and no
// place is lost.
func TestTheLaneServesKnownAddressesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lane{width: 1, maxQueue: 3}
		release, err := l.acquire(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		order := make(chan string, 10)
		wait := func(name string, known bool, patience time.Duration) {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				release, err := l.acquire(ctx, known)
				if err != nil {
					order <- name + " gave up"
					return
				}
				order <- name
				release()
			}()
			synctest.Wait()
		}
		wait("stranger 1", false, time.Hour)
		wait("stranger 2", false, time.Hour)
		wait("hasty", false, time.Second)
		if _, err := l.acquire(t.Context(), false); domain.CodeOf(err) != domain.CodeOverloaded {
			t.Errorf("one more stranger: %v, want OVERLOADED", err)
		}
		wait("known", true, time.Hour)
		time.Sleep(time.Minute)
		release()
		for _, want := range []string{"hasty gave up", "known", "stranger 1", "stranger 2"} {
			if got := <-order; got != want {
				t.Errorf("served %s, want %s", got, want)
			}
		}
		synctest.Wait()
		if l.held != 0 || len(l.known)+len(l.strangers) != 0 {
			t.Errorf("%d inside, %d waiting, want an empty lane", l.held, len(l.known)+len(l.strangers))
		}
	})
}
