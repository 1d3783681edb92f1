package cache

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// The clock follows the database's, and asks for it once in ten seconds.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ahead, asked := time.Hour, 0
		clock := NewClock(func(context.Context) (time.Time, error) {
			asked++
			return time.Now().Add(ahead), nil
		})
		want := func(offset time.Duration, times int) {
			t.Helper()
			now, err := clock.Now(t.Context())
			if got := time.Until(now); err != nil || got != offset || asked != times {
				t.Errorf("%s ahead after %d readings (%v), want %s after %d", got, asked, err, offset, times)
			}
		}
		want(time.Hour, 1)
		ahead = time.Minute
		time.Sleep(offsetTTL - time.Millisecond)
		want(time.Hour, 1)
		time.Sleep(time.Millisecond)
		want(time.Minute, 2)
	})
}

func TestClockOfADatabaseThatIsGone(t *testing.T) {
	clock := NewClock(func(context.Context) (time.Time, error) {
		return time.Time{}, domain.Errorf(domain.CodeUnavailable, "gone")
	})
	if _, err := clock.Now(t.Context()); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}
