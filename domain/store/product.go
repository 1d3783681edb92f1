package store

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
	"runrun/domain/ids"
)

type productRow struct {
	ID               domain.ProductID
	BrandID          domain.BrandID
	Name             string
	Category         string
	Price            int64
	Currency         string
	Discount         int
	OpensAt          int64
	ClosesAt         int64
	LimitPerShopper  int
	HoldExtension    int64
	CategoryID       domain.CategoryID
	Manufacturer     string
	Country          string
	Contact          string
	Thumbnail        domain.ImageID
	DescriptionImage domain.ImageID
	Likes            int64
	CreatedAt        int64
	UpdatedAt        int64
}

const productColumns = `id, brand_id, name, category, price, currency, discount, COALESCE(opens_at, 0) AS opens_at,
	COALESCE(closes_at, 0) AS closes_at, limit_per_shopper, hold_extension, category_id, manufacturer, country, contact, thumbnail, description_image, likes,
	created_at, updated_at`

func (r productRow) product() domain.Product {
	return domain.Product{
		ID: r.ID, BrandID: r.BrandID, Name: r.Name, Category: r.Category, Price: domain.Money{Amount: r.Price, Currency: r.Currency},
		Discount: r.Discount, OpensAt: fromMillis(r.OpensAt), ClosesAt: fromMillis(r.ClosesAt), LimitPerShopper: r.LimitPerShopper,
		HoldExtension: time.Duration(r.HoldExtension) * time.Millisecond,
		CategoryID:    r.CategoryID, Details: domain.ProductDetails{Manufacturer: r.Manufacturer, Country: r.Country, Contact: r.Contact},
		Thumbnail: r.Thumbnail, Description: r.DescriptionImage, Likes: r.Likes,
		CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt),
	}
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
		err = tx.Exec(`INSERT INTO products (id, brand_id, name, category, price, currency, discount, opens_at, closes_at, limit_per_shopper,
			hold_extension, category_id, manufacturer, country, contact, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID, p.BrandID, p.Name, p.Category, p.Price.Amount, p.Price.Currency, p.Discount, toMillis(p.OpensAt), toMillis(p.ClosesAt),
			p.LimitPerShopper, p.HoldExtension.Milliseconds(), cmp.Or(p.CategoryID, domain.OtherCategory), p.Details.Manufacturer, p.Details.Country,
			p.Details.Contact, now, now).Error
		if err != nil {
			return err
		}
		err = tx.Exec("INSERT INTO stocks (product_id, total, available, fence, updated_at) VALUES (?, ?, ?, 0, ?)", p.ID, units, units, now).Error
		if err != nil || units == 0 {
			return err
		}
		return insertStockChange(tx, domain.StockChange{
			ID: ids.New[domain.StockChangeID](domain.StockChangePrefix), ProductID: p.ID, Quantity: units, Total: units, Reason: "first units",
		}, now)
	})
}

// ChangeProduct replaces what a seller says of a product and returns it. It is decided under the lock of the product's stock, as
// reservations are.
// Errors: Validation; NotFound; Conflict while units are held, or ordered, under terms that the change would make unfair.
func (s *Store) ChangeProduct(ctx context.Context, c domain.ProductChange) (changed domain.Product, err error) {
	err = s.InTx(ctx, func(tx *gorm.DB) error {
		before, err := s.lockProduct(tx, c.ID)
		if err != nil {
			return err
		}
		now, err := s.txNow(tx)
		if err != nil {
			return err
		}
		if changed, err = c.ApplyTo(before, fromMillis(now)); err != nil {
			return err
		}
		if before.CheatsHolders(changed) {
			if err := checkNobodyHolds(tx, c.ID); err != nil {
				return err
			}
		}
		changed.UpdatedAt = fromMillis(now)
		return tx.Exec(`UPDATE products SET name = ?, category = ?, category_id = ?, price = ?, discount = ?, limit_per_shopper = ?, hold_extension = ?, opens_at = ?,
			closes_at = ?, manufacturer = ?, country = ?, contact = ?, updated_at = ? WHERE id = ?`,
			changed.Name, changed.Category, changed.CategoryID, changed.Price.Amount, changed.Discount, changed.LimitPerShopper,
			changed.HoldExtension.Milliseconds(),
			toMillis(changed.OpensAt), toMillis(changed.ClosesAt), changed.Details.Manufacturer, changed.Details.Country,
			changed.Details.Contact, now, c.ID).Error
	})
	return changed, err
}

// lockProduct locks a product's stock and reads the product.
// Errors: NotFound.
func (s *Store) lockProduct(tx *gorm.DB, id domain.ProductID) (domain.Product, error) {
	if err := s.lockStocks(tx, []domain.ProductID{id}); err != nil {
		return domain.Product{}, err
	}
	var rows []productRow
	err := tx.Raw("SELECT "+productColumns+" FROM products WHERE id = ? AND deleted_at IS NULL", id).Scan(&rows).Error
	if err == nil && len(rows) == 0 {
		err = errNoProduct(id)
	}
	if err != nil {
		return domain.Product{}, err
	}
	return rows[0].product(), nil
}

// checkNobodyHolds returns an error while somebody holds units of a product, or has an accepted order for some.
func checkNobodyHolds(tx *gorm.DB, id domain.ProductID) error {
	for _, query := range []string{
		"SELECT COUNT(*) FROM reservations WHERE product_id = ? AND status = 'HELD'",
		"SELECT COUNT(*) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.product_id = ? AND o.status = 'RECEIVED'",
	} {
		var n int64
		if err := tx.Raw(query, id).Scan(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return domain.Errorf(domain.CodeConflict,
				"shoppers hold units of the product: its price, discount, limit and opening time cannot change until they have paid or given up")
		}
	}
	return nil
}

// DeleteProduct takes a product out of the shop. Orders for it go on.
// Errors: NotFound.
func (s *Store) DeleteProduct(ctx context.Context, id domain.ProductID) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		if _, err := s.lockProduct(tx, id); err != nil {
			return err
		}
		return tx.Exec("UPDATE products SET deleted_at = "+s.dialect.now()+", updated_at = "+s.dialect.now()+" WHERE id = ?", id).Error
	})
}

// SetProductImage gives a product another image and returns the one before, which nothing names any more.
// Errors: NotFound.
func (s *Store) SetProductImage(ctx context.Context, id domain.ProductID, thumbnail bool,
	image domain.ImageID) (old domain.ImageID, err error) {
	column := "description_image"
	if thumbnail {
		column = "thumbnail"
	}
	err = s.InTx(ctx, func(tx *gorm.DB) error {
		old, err = s.replaceImage(tx, "products", column, string(id), image)
		return err
	})
	return old, err
}
