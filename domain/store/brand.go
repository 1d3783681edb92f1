package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// BrandsByID reads brands; those that do not exist are missing from the answer.
func (s *Store) BrandsByID(ctx context.Context, ids []domain.BrandID) (map[domain.BrandID]domain.Brand, error) {
	var rows []struct {
		ID          domain.BrandID
		SellerID    domain.UserID
		Name        string
		DeliveryFee int64
		FreeFrom    int64
		Currency    string
	}
	err := s.query(ctx, &rows, "SELECT id, seller_id, name, delivery_fee, free_from, currency FROM brands WHERE id IN ?", ids)
	brands := map[domain.BrandID]domain.Brand{}
	for _, r := range rows {
		brands[r.ID] = domain.Brand{
			ID: r.ID, SellerID: r.SellerID, Name: r.Name,
			DeliveryFee: domain.Money{Amount: r.DeliveryFee, Currency: r.Currency},
			FreeFrom:    domain.Money{Amount: r.FreeFrom, Currency: r.Currency},
		}
	}
	return brands, err
}

// AddBrand writes a brand.
// Errors: Validation; Conflict if the id is taken.
func (s *Store) AddBrand(ctx context.Context, b domain.Brand) error {
	if err := b.Validate(); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO brands (id, seller_id, name, delivery_fee, free_from, currency, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, `+s.dialect.now()+`, `+s.dialect.now()+`)`,
			b.ID, b.SellerID, b.Name, b.DeliveryFee.Amount, b.FreeFrom.Amount, b.DeliveryFee.Currency).Error
	})
}
