package checkout

import (
	"context"
	"sync"

	"runrun/domain"
)

// KeyedMutex is a mutex for each key: requests with the same key run one after another, in the order in which they came, so that
// the second finds what the first has done. The zero value is ready.
type KeyedMutex struct {
	mu      sync.Mutex
	waiters map[string][]chan struct{} // of the keys that are locked
}

// maxWaiters bounds the requests that wait for one key.
const maxWaiters = 64

// Lock waits for a key; the returned function unlocks it.
// Errors: TooManyRequests if too many wait; Unavailable if ctx ends first.
func (m *KeyedMutex) Lock(ctx context.Context, key string) (unlock func(), err error) {
	m.mu.Lock()
	if m.tryLock(key) {
		m.mu.Unlock()
		return func() { m.unlock(key) }, nil
	}
	line := m.waiters[key]
	if len(line) >= maxWaiters {
		m.mu.Unlock()
		return nil, domain.Errorf(domain.CodeTooManyRequests, "too many of your requests are under way; try again in a moment")
	}
	turn := make(chan struct{}, 1)
	m.waiters[key] = append(line, turn)
	m.mu.Unlock()
	select {
	case <-turn:
		return func() { m.unlock(key) }, nil
	case <-ctx.Done():
		m.leave(key, turn)
		return nil, domain.Wrap(domain.CodeUnavailable, ctx.Err(), "an earlier request of yours is still being worked on")
	}
}

// TryLock locks a key if it is free; the returned function unlocks it.
func (m *KeyedMutex) TryLock(key string) (unlock func(), locked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return func() { m.unlock(key) }, m.tryLock(key)
}

// tryLock locks a key if it is free. The caller holds mu.
func (m *KeyedMutex) tryLock(key string) bool {
	if m.waiters == nil {
		m.waiters = map[string][]chan struct{}{}
	}
	if _, taken := m.waiters[key]; taken {
		return false
	}
	m.waiters[key] = nil
	return true
}

// unlock hands the key to the request that has waited longest.
func (m *KeyedMutex) unlock(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	line := m.waiters[key]
	if len(line) == 0 {
		delete(m.waiters, key)
		return
	}
	line[0] <- struct{}{}
	m.waiters[key] = line[1:]
}

// leave stops waiting, or unlocks the key if it was handed over at the same moment.
func (m *KeyedMutex) leave(key string, turn chan struct{}) {
	m.mu.Lock()
	for n, waiting := range m.waiters[key] {
		if waiting == turn {
			m.waiters[key] = append(m.waiters[key][:n:n], m.waiters[key][n+1:]...)
			m.mu.Unlock()
			return
		}
	}
	m.mu.Unlock()
	m.unlock(key)
}
