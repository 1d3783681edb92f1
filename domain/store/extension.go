package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// Extend puts off until when a held order is to be paid, once, by as much as its products allowed when it was ordered. An order that cannot
// be extended any more, or whose time is up by the database's clock, stays as it is. Extend returns the order as it is afterwards.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) Extend(ctx context.Context, id domain.OrderID) (domain.Order, error) {
	return s.changeOrder(ctx, id, func(tx *gorm.DB, row *orderRow) error {
		if row.Status != domain.StatusHeld || row.ExtendBy == 0 || row.Now >= row.PayBy {
			return nil
		}
		row.PayBy, row.ExtendBy, row.Reason = row.PayBy+row.ExtendBy, 0, domain.ReasonExtended
		if err := tx.Exec("UPDATE orders SET pay_by = ?, extend_by = 0 WHERE id = ?", row.PayBy, row.ID).Error; err != nil {
			return err
		}
		return s.save(tx, row)
	})
}
