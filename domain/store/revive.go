package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"runrun/domain"
)

// errNoUnits says that an order cannot have its units back.
var errNoUnits = errors.New("the units are gone")

// Revive places an order that ended unpaid, whose payment turned out to be approved, in one transaction: its units are taken again if they
// are still on sale and within the shopper's limit, and sold; the payment is DONE. Else, and if the order ended otherwise, it changes
// nothing. It returns the order as it is afterwards.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) Revive(ctx context.Context, in domain.Placement) (domain.Order, error) {
	order, err := s.changeWithStock(ctx, in.OrderID, func(tx *gorm.DB, row *orderRow) error {
		if !row.Status.Revivable() {
			return nil
		}
		if err := s.retake(tx, row); err != nil {
			return err
		}
		if err := s.recordLatePayment(tx, row, in); err != nil {
			return err
		}
		row.Status, row.Reason, row.NextAt = domain.StatusPlaced, "", row.Now+in.ShipAfter.Milliseconds()
		return s.save(tx, row)
	})
	if errors.Is(err, errNoUnits) {
		return s.Order(ctx, in.OrderID)
	}
	return order, err
}

// retake takes the units that an order gave back. The stocks of its products are locked.
func (s *Store) retake(tx *gorm.DB, row *orderRow) error {
	var mine []reservationRow
	err := tx.Raw("SELECT * FROM reservations WHERE order_id = ? AND status = ? ORDER BY product_id"+s.dialect.forUpdate(),
		row.ID, domain.ReservationReleased).Scan(&mine).Error
	if err != nil {
		return err
	}
	if len(mine) == 0 {
		return errNoUnits
	}
	for _, r := range mine {
		update := tx.Exec(`UPDATE stocks SET available = available - ?, updated_at = `+s.dialect.now()+` WHERE product_id = ? AND available >= ?
			AND EXISTS (SELECT 1 FROM products p WHERE p.id = ? AND p.deleted_at IS NULL AND (p.limit_per_shopper = 0 OR p.limit_per_shopper >= ? +
				(SELECT COALESCE(SUM(o.quantity), 0) FROM reservations o WHERE o.product_id = ? AND o.user_id = ? AND o.status IN ('HELD', 'SOLD'))))`,
			r.Quantity, r.ProductID, r.Quantity, r.ProductID, r.Quantity, r.ProductID, row.UserID)
		if update.Error != nil {
			return update.Error
		}
		if update.RowsAffected == 0 {
			return errNoUnits
		}
	}
	return tx.Exec("UPDATE reservations SET status = ?, updated_at = "+s.dialect.now()+" WHERE order_id = ? AND status = ?",
		domain.ReservationSold, row.ID, domain.ReservationReleased).Error
}

// recordLatePayment makes the late payment the one that pays the order.
func (s *Store) recordLatePayment(tx *gorm.DB, row *orderRow, in domain.Placement) error {
	var attempts []paymentRow
	err := tx.Raw("SELECT * FROM payments WHERE order_id = ? ORDER BY attempt"+s.dialect.forUpdate(), row.ID).Scan(&attempts).Error
	if err != nil {
		return err
	}
	for _, p := range attempts {
		if p.PaymentKey != in.PaymentKey {
			continue
		}
		if p.Status != domain.PaymentDeclined && p.Status != domain.PaymentCanceled {
			return errNoUnits // it is refunded already, or being asked about
		}
		settled, err := s.settle(tx, row.ID, in.PaymentKey, domain.PaymentDone, in.Paid)
		if err == nil && !settled {
			err = errNoUnits
		}
		return err
	}
	return s.insertLate(tx, row, domain.LateApproval{OrderID: row.ID, PaymentKey: in.PaymentKey, Paid: in.Paid}, len(attempts)+1)
}
