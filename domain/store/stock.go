package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
	"runrun/domain/ids"
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

// AddStock puts more units of a product on sale, or takes unsold ones off sale (quantity < 0), with a line in the ledger.
// Errors: Validation; NotFound; Conflict if fewer units are available than are taken off, or there would be too many.
func (s *Store) AddStock(ctx context.Context, c domain.StockChange) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c.ID = ids.New[domain.StockChangeID](domain.StockChangePrefix)
	return s.InTx(ctx, func(tx *gorm.DB) error {
		if there, err := rowIsThere(tx, "stock_changes", string(c.ID)); err != nil || there { // by the try before this one, whose answer was lost
			return err
		}
		update := tx.Exec("UPDATE stocks SET total = total + ?, available = available + ?, updated_at = "+s.dialect.now()+
			" WHERE product_id = ? AND available + ? >= 0 AND total + ? <= ?",
			c.Quantity, c.Quantity, c.ProductID, c.Quantity, c.Quantity, domain.MaxStock)
		if update.Error != nil {
			return update.Error
		}
		var rows []struct{ Total, Now int64 } // the row is locked by the update
		err := tx.Raw("SELECT total, "+s.dialect.now()+" AS now FROM stocks WHERE product_id = ?", c.ProductID).Scan(&rows).Error
		switch {
		case err != nil:
			return err
		case len(rows) == 0:
			return errNoProduct(c.ProductID)
		case update.RowsAffected == 0:
			return domain.Errorf(domain.CodeConflict, "%s cannot have %+d units: fewer are available, or it would have more than %d",
				c.ProductID, c.Quantity, domain.MaxStock)
		}
		c.Total = rows[0].Total
		return insertStockChange(tx, c, rows[0].Now)
	})
}

// insertStockChange adds a line to the ledger of a product whose stock is locked.
func insertStockChange(tx *gorm.DB, c domain.StockChange, now int64) error {
	return tx.Exec(`INSERT INTO stock_changes (product_id, seq, id, quantity, total, reason, actor, created_at)
		SELECT ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ?, ?, ?, ? FROM stock_changes WHERE product_id = ?`,
		c.ProductID, c.ID, c.Quantity, c.Total, c.Reason, c.Actor, now, c.ProductID).Error
}

// StockChanges lists the ledger of a product's stock, newest first, from the line after the cursor (0: from the newest).
func (s *Store) StockChanges(ctx context.Context, id domain.ProductID, after int64, limit int) ([]domain.StockChange, error) {
	var rows []struct {
		domain.StockChange `gorm:"embedded"`
		CreatedAt          int64
	}
	err := s.query(ctx, &rows, `SELECT id, product_id, seq, quantity, total, reason, actor, created_at FROM stock_changes
		WHERE product_id = ? AND (? = 0 OR seq < ?) ORDER BY seq DESC LIMIT ?`, id, after, after, limit)
	changes := make([]domain.StockChange, len(rows))
	for i, r := range rows {
		changes[i] = r.StockChange
		changes[i].At = fromMillis(r.CreatedAt)
	}
	return changes, err
}

// lockStocks locks the stock rows of products, sorted by product: the first locks of every transaction that takes any.
func (s *Store) lockStocks(tx *gorm.DB, products []domain.ProductID) error {
	slices.Sort(products)
	var locked []domain.ProductID
	return tx.Raw("SELECT product_id FROM stocks WHERE product_id IN ? ORDER BY product_id"+s.dialect.forUpdate(), products).Scan(&locked).Error
}
