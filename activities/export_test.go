package activities

import (
	"time"

	"runrun/domain"
)

// QuickGates is NewGates with a short moment between the two snapshots.
func QuickGates(store ClaimStore, gate GateKeeper) *Gates {
	return &Gates{store: store, gate: gate, pause: time.Millisecond}
}

// Waiting tells tests how many orders wait for a product.
func (c *Combiner) Waiting(product domain.ProductID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queues[product])
}
