package server

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// recent remembers what was read a moment ago, so that ten thousand who look at one thing cost one reading an age. Who decides
// by it must be right even if it is an age old.
type recent[K ~string, V any] struct {
	age  time.Duration
	read func(context.Context, K) (V, error)

	reading singleflight.Group
	mu      sync.Mutex
	known   map[K]known[V]
}

type known[V any] struct {
	value V
	at    time.Time // when its reading began
}

// maxKnown bounds what is remembered.
const maxKnown = 10_000

func newRecent[K ~string, V any](age time.Duration, read func(context.Context, K) (V, error)) *recent[K, V] {
	return &recent[K, V]{age: age, read: read, known: map[K]known[V]{}}
}

// get returns what is at most an age old. Of many who ask at once one reads.
// Errors: those of the reading; none is remembered.
func (r *recent[K, V]) get(ctx context.Context, key K) (V, error) {
	r.mu.Lock()
	last, there := r.known[key]
	r.mu.Unlock()
	if there && time.Since(last.at) < r.age {
		return last.value, nil
	}
	answer, err, _ := r.reading.Do(string(key), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpLimit)
		defer cancel()
		began := time.Now()
		value, err := r.read(ctx, key)
		if err == nil {
			r.keep(key, known[V]{value, began})
		}
		return value, err
	})
	value, _ := answer.(V)
	return value, err
}

func (r *recent[K, V]) keep(key K, fresh known[V]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[key].at.After(fresh.at) { // a slower reading, of how it was before
		return
	}
	if len(r.known) >= maxKnown {
		clear(r.known)
	}
	r.known[key] = fresh
}

// forget lets the next reader read anew: something changed. A reading that is under way may have seen it as it was, and is not
// waited for.
func (r *recent[K, V]) forget(key K) {
	r.reading.Forget(string(key))
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, key)
}
