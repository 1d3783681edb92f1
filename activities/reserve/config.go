package reserve

import (
	"errors"
	"time"
)

// Config tunes the combining of reservations.
type Config struct {
	// MaxBatch is how many orders one transaction decides at most.
	MaxBatch int `name:"reserve-batch" env:"RESERVE_BATCH" default:"256" help:"Most orders that one reservation transaction decides."`
	// LockWait bounds the wait for a product's lock.
	LockWait time.Duration `name:"reserve-lock-wait" env:"RESERVE_LOCK_WAIT" default:"20s" help:"How long a batch waits for a product's lock."`
	// BatchLimit bounds the transactions of one batch under the lock; the lock's lease must be longer.
	BatchLimit time.Duration `name:"reserve-limit" env:"RESERVE_LIMIT" default:"8s" help:"How long a batch may take under the lock; shorter than lock-lease."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.MaxBatch < 1 || c.MaxBatch > 1000 || c.LockWait <= 0 || c.BatchLimit <= 0 {
		return errors.New("reserve-batch: 1 to 1000; reserve-lock-wait and reserve-limit: must be positive")
	}
	return nil
}
