package cache

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// TTL is a cache with request coalescing: of many who miss at once one reads. Callers must tolerate values up to ttl old.
type TTL[K ~string, V any] struct {
	ttl  time.Duration
	read func(context.Context, K) (V, error)

	reading singleflight.Group
	mu      sync.Mutex
	entries map[K]entry[V]
}

type entry[V any] struct {
	value  V
	readAt time.Time // when its reading began
}

const (
	maxEntries = 10_000
	// readTimeout bounds one reading, whoever waits for it.
	readTimeout = 2 * time.Second
)

// NewTTL returns an empty cache of what read returns.
func NewTTL[K ~string, V any](ttl time.Duration, read func(context.Context, K) (V, error)) *TTL[K, V] {
	return &TTL[K, V]{ttl: ttl, read: read, entries: map[K]entry[V]{}}
}

// Get returns a value at most ttl old.
// Errors: those of read; none is cached.
func (c *TTL[K, V]) Get(ctx context.Context, key K) (V, error) {
	c.mu.Lock()
	last, cached := c.entries[key]
	c.mu.Unlock()
	if cached && time.Since(last.readAt) < c.ttl {
		return last.value, nil
	}
	answer, err, _ := c.reading.Do(string(key), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		began := time.Now()
		value, err := c.read(ctx, key)
		if err == nil {
			c.put(key, entry[V]{value, began})
		}
		return value, err
	})
	value, _ := answer.(V)
	return value, err
}

func (c *TTL[K, V]) put(key K, fresh entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key].readAt.After(fresh.readAt) { // a slower reading, of an older state
		return
	}
	if len(c.entries) >= maxEntries {
		clear(c.entries)
	}
	c.entries[key] = fresh
}

// Invalidate makes the next Get read. It does not wait for a reading that is under way, which may have seen the old state.
func (c *TTL[K, V]) Invalidate(key K) {
	c.reading.Forget(string(key))
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}
