package reserve

import "runrun/domain"

// Waiting returns how many orders wait for a product.
func (c *Combiner) Waiting(product domain.ProductID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queues[product])
}
