package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"runrun/domain"
)

type productRow struct {
	ID              domain.ProductID
	BrandID         domain.BrandID
	Name            string
	Category        string
	Price           int64
	Currency        string
	Discount        int
	OpensAt         int64
	ClosesAt        int64
	LimitPerShopper int
	CreatedAt       int64
	UpdatedAt       int64
}

const productColumns = `id, brand_id, name, category, price, currency, discount, COALESCE(opens_at, 0) AS opens_at,
	COALESCE(closes_at, 0) AS closes_at, limit_per_shopper, created_at, updated_at`

func (r productRow) product() domain.Product {
	return domain.Product{
		ID: r.ID, BrandID: r.BrandID, Name: r.Name, Category: r.Category, Price: domain.Money{Amount: r.Price, Currency: r.Currency},
		Discount: r.Discount, OpensAt: fromMillis(r.OpensAt), ClosesAt: fromMillis(r.ClosesAt), LimitPerShopper: r.LimitPerShopper,
		CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt),
	}
}

// Products lists products that are on sale or will be, newest first, from the one after the cursor (empty: from the newest).
func (s *Store) Products(ctx context.Context, after domain.ProductID, limit int) ([]domain.Product, error) {
	if after == "" {
		return s.products(ctx, "deleted_at IS NULL ORDER BY id DESC LIMIT ?", limit)
	}
	return s.products(ctx, "deleted_at IS NULL AND id < ? ORDER BY id DESC LIMIT ?", after, limit)
}

// ProductsByID reads products; those that do not exist are missing from the answer.
func (s *Store) ProductsByID(ctx context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error) {
	products, err := s.products(ctx, "deleted_at IS NULL AND id IN ?", ids)
	found := map[domain.ProductID]domain.Product{}
	for _, p := range products {
		found[p.ID] = p
	}
	return found, err
}

func (s *Store) products(ctx context.Context, where string, args ...any) ([]domain.Product, error) {
	var rows []productRow
	err := s.query(ctx, &rows, "SELECT "+productColumns+" FROM products WHERE "+where, args...)
	products := make([]domain.Product, len(rows))
	for i, row := range rows {
		products[i] = row.product()
	}
	return products, err
}

// AddProduct puts a product and its units on sale.
// Errors: Validation; Conflict if the id is taken.
func (s *Store) AddProduct(ctx context.Context, p domain.Product, units int64) error {
	if err := errors.Join(p.Validate(), domain.ValidateUnits(units)); err != nil {
		return err
	}
	if units < 0 {
		return domain.Errorf(domain.CodeValidation, "a new product has 0 units or more, not %d", units)
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		now, err := s.txNow(tx)
		if err != nil {
			return err
		}
		err = tx.Exec(
			`INSERT INTO products (id, brand_id, name, category, price, currency, discount, opens_at, closes_at, limit_per_shopper, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID,
			p.BrandID,
			p.Name,
			p.Category,
			p.Price.Amount,
			p.Price.Currency,
			p.Discount,
			toMillis(p.OpensAt),
			toMillis(p.ClosesAt),
			p.LimitPerShopper,
			now,
			now,
		).Error
		if err != nil {
			return err
		}
		return tx.Exec("INSERT INTO stocks (product_id, total, available, fence, updated_at) VALUES (?, ?, ?, 0, ?)", p.ID,
			units, units, now).Error
	})
}

// SetWindow sets the time in which orders for a product are taken.
// Errors: Validation.
func (s *Store) SetWindow(ctx context.Context, p domain.Product) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE products SET opens_at = ?, closes_at = ?, updated_at = "+s.dialect.now()+" WHERE id = ?",
			toMillis(p.OpensAt), toMillis(p.ClosesAt), p.ID).Error
	})
}
