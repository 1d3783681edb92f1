package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

// stockRow is a locked row of stocks.
type stockRow struct {
	ProductID domain.ProductID
	Available int64
	Fence     int64
	Now       int64
}

// Stock reads how a product's units are spread, for shoppers: what is neither available nor held is sold. It does not read what was sold
// before, of which there may be a million rows; CountStock does.
// Errors: NotFound.
func (s *Store) Stock(ctx context.Context, id domain.ProductID) (domain.Stock, error) {
	return s.stock(ctx, id, "s.total - s.available - COALESCE(SUM(r.quantity), 0)", "r.status = 'HELD'")
}

// CountStock counts the reservations of a product one by one, so that a unit that is nowhere, or in two places, shows.
// Errors: NotFound.
func (s *Store) CountStock(ctx context.Context, id domain.ProductID) (domain.Stock, error) {
	return s.stock(ctx, id, "COALESCE(SUM(CASE WHEN r.status = 'SOLD' THEN r.quantity END), 0)", "r.status IN ('HELD', 'SOLD')")
}

// stock reads stock and reservations in one statement, so that they are of the same moment.
func (s *Store) stock(ctx context.Context, id domain.ProductID, sold, which string) (domain.Stock, error) {
	var rows []struct{ Total, Available, Held, Sold, Now int64 }
	err := s.query(ctx, &rows, `SELECT s.total, s.available,
		CAST(COALESCE(SUM(CASE WHEN r.status = 'HELD' THEN r.quantity END), 0) AS SIGNED) AS held,
		CAST(`+sold+` AS SIGNED) AS sold, `+s.dialect.now()+` AS now
		FROM stocks s LEFT JOIN reservations r ON r.product_id = s.product_id AND `+which+`
		WHERE s.product_id = ? GROUP BY s.product_id, s.total, s.available`, id)
	if err != nil {
		return domain.Stock{}, err
	}
	if len(rows) == 0 {
		return domain.Stock{}, domain.Errorf(domain.CodeNotFound, "there is no product %s", id)
	}
	r := rows[0]
	return domain.Stock{ProductID: id, Total: r.Total, Available: r.Available, Held: r.Held, Sold: r.Sold, AsOf: fromMillis(r.Now)}, nil
}

// AddStock puts more units of a product on sale, or takes unsold ones off sale (quantity < 0).
// Errors: Validation; NotFound; Conflict if fewer units are available than are taken off, or there would be too many.
func (s *Store) AddStock(ctx context.Context, id domain.ProductID, quantity int64) error {
	if err := domain.ValidateUnits(quantity); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		update := tx.Exec("UPDATE stocks SET total = total + ?, available = available + ?, updated_at = "+s.dialect.now()+
			" WHERE product_id = ? AND available + ? >= 0 AND total + ? <= ?", quantity, quantity, id, quantity, quantity, domain.MaxStock)
		if update.Error != nil || update.RowsAffected == 1 {
			return update.Error
		}
		if rows, err := s.lockStocks(tx, []domain.ProductID{id}); err != nil || len(rows) == 1 {
			return firstError(
				err,
				domain.Errorf(domain.CodeConflict,
					"%s cannot have %+d units: fewer are available, or it would have more than %d", id, quantity,
					domain.MaxStock),
			)
		}
		return domain.Errorf(domain.CodeNotFound, "there is no product %s", id)
	})
}

// lockStocks locks the stock rows of products, sorted by product: the first locks of every transaction that takes any.
func (s *Store) lockStocks(tx *gorm.DB, products []domain.ProductID) (map[domain.ProductID]*stockRow, error) {
	slices.Sort(products)
	var rows []stockRow
	err := tx.Raw("SELECT product_id, available, fence, "+s.dialect.now()+" AS now FROM stocks WHERE product_id IN ? ORDER BY product_id"+
		s.dialect.forUpdate(), products).Scan(&rows).Error
	stocks := map[domain.ProductID]*stockRow{}
	for i := range rows {
		stocks[rows[i].ProductID] = &rows[i]
	}
	return stocks, err
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
