package stocklock_test

import (
	"context"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"runrun/activities/stocklock"
	"runrun/domain"
	"runrun/domain/redis/redistest"
)

func newLocker(t *testing.T, client goredis.UniversalClient) *stocklock.Locker {
	t.Helper()
	locker, err := stocklock.New(client, stocklock.Config{Lease: 2 * time.Second, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return locker
}

func acquire(t *testing.T, locker *stocklock.Locker, product domain.ProductID, above int64) *stocklock.Lease {
	t.Helper()
	lease, err := locker.Acquire(t.Context(), product, above)
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func TestOneHolderAtATimeWithRisingFences(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		product := domain.ProductID(redistest.Unique("prd_"))
		var mu sync.Mutex // holds only as long as the lock under test does
		var last int64
		var holders sync.WaitGroup
		for range 20 {
			locker := newLocker(t, client)
			holders.Go(func() {
				lease, err := locker.Acquire(t.Context(), product, 0)
				if err != nil {
					t.Error(err)
					return
				}
				if !mu.TryLock() {
					t.Error("two hold the lock")
					return
				}
				if lease.Fence <= last {
					t.Errorf("fence %d after %d", lease.Fence, last)
				}
				last = lease.Fence
				mu.Unlock()
				lease.Release(t.Context())
			})
		}
		holders.Wait()
	})
}

func TestAWaiterGivesUpWithItsContext(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		locker, product := newLocker(t, client), domain.ProductID(redistest.Unique("prd_"))
		defer acquire(t, locker, product, 0).Release(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if _, err := locker.Acquire(ctx, product, 0); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
	})
}

// Redis restarted empty: the counter is below what the row has seen, and is reloaded from it.
func TestTheFenceIsReloadedFromTheRow(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		locker, product := newLocker(t, client), domain.ProductID(redistest.Unique("prd_"))
		first := acquire(t, locker, product, 0)
		first.Release(t.Context())
		second := acquire(t, locker, product, 41)
		if first.Fence != 1 || second.Fence != 42 {
			t.Errorf("fences %d and %d, want 1 and 42", first.Fence, second.Fence)
		}
		second.Release(t.Context())
		third := acquire(t, locker, product, 7)
		if third.Fence != 43 {
			t.Errorf("fence %d, want 43: it never falls", third.Fence)
		}
		third.Release(t.Context())
	})
}

// A lease that ran out: the next holder gets the lock and a higher fence, and the old one's release does not take it away.
func TestALeaseThatRunsOut(t *testing.T) {
	client, server := redistest.Embedded(t)
	locker := newLocker(t, client)
	old := acquire(t, locker, "prd_a", 0)
	server.FastForward(3 * time.Second)
	next := acquire(t, locker, "prd_a", 0)
	if next.Fence <= old.Fence {
		t.Errorf("fence %d after %d", next.Fence, old.Fence)
	}
	old.Release(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := locker.Acquire(ctx, "prd_a", 0); err == nil {
		t.Error("the overtaken holder's release freed the lock of the next")
	}
	next.Release(t.Context())
}

func TestWithoutRedis(t *testing.T) {
	client, server := redistest.Embedded(t)
	locker := newLocker(t, client)
	server.Close()
	lease := acquire(t, locker, "prd_a", 0)
	if lease.Fence != domain.NoFence {
		t.Errorf("fence %d, want NoFence", lease.Fence)
	}
	lease.Release(t.Context())
}

func TestRedisDiesWhileTheLockIsHeld(t *testing.T) {
	client, server := redistest.Embedded(t)
	lease := acquire(t, newLocker(t, client), "prd_a", 0)
	server.Close()
	lease.Release(t.Context()) // must not hang or panic
}
