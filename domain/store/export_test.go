package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// TakeStock is the conditional update alone, as a writer would run it that read the stock before somebody else changed it.
func (s *Store) TakeStock(ctx context.Context, product domain.ProductID, units, fence int64) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		d := &decision{
			batch: domain.ReserveBatch{Fences: map[domain.ProductID]int64{product: fence}},
			taken: map[domain.ProductID]int64{product: units}, stocks: map[domain.ProductID]*lockedStock{product: {}},
		}
		return takeStock(tx, d, product)
	})
}

// MigrateTo brings the schema up to a version: that of an earlier build.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	provider, err := s.migrations()
	if err == nil {
		_, err = provider.UpTo(ctx, version)
	}
	return err
}

// Migrations is how many there are.
func (s *Store) Migrations() (int64, error) {
	provider, err := s.migrations()
	if err != nil {
		return 0, err
	}
	all := provider.ListSources()
	return all[len(all)-1].Version, nil
}
