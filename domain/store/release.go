package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

// Release ends an unpaid order and makes its units available again, in one transaction. It may be repeated: units are returned
// once. An order without a reservation is ended too, so that an abandoned Reserve that runs later holds no units for it. An
// order with an open or approved payment is not changed, nor is one that would expire before its deadline. Release returns the
// order as it is afterwards.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) Release(ctx context.Context, in domain.Release) (domain.Order, error) {
	return s.changeWithStock(ctx, in.OrderID, func(tx *gorm.DB, row *orderRow) error { return s.release(tx, row, in) })
}

// changeWithStock is changeOrder for a change that puts units back: the stocks of the order's products are locked before it.
// Errors: NotFound, and those of change.
func (s *Store) changeWithStock(
	ctx context.Context, id domain.OrderID, change func(tx *gorm.DB, row *orderRow) error,
) (domain.Order, error) {
	var order domain.Order
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		var products []domain.ProductID
		err := tx.Raw("SELECT product_id FROM order_items WHERE order_id = ? ORDER BY product_id", id).Scan(&products).Error
		if err != nil {
			return err
		}
		if err := s.lockStocks(tx, products); err != nil {
			return err
		}
		row, items, err := s.lockOrder(tx, id)
		if err != nil {
			return err
		}
		err = change(tx, row)
		order = row.order(items)
		return err
	})
	return order, err
}

func (s *Store) release(tx *gorm.DB, row *orderRow, in domain.Release) error {
	if !row.Status.Unpaid() {
		return nil
	}
	if in.End == domain.StatusExpired {
		if row.Now < row.PayBy {
			return nil // the clock that set the deadline says that it has not passed
		}
	}
	if busy, err := moneyInFlight(tx, row.ID); busy || err != nil {
		return err
	}
	row.actor, row.note = in.Actor, in.Note
	if ended, err := s.advance(tx, row, in.End, in.Reason); !ended || err != nil {
		return err
	}
	return s.giveBack(tx, row.ID, domain.ReservationHeld, domain.ReservationReleased)
}

// giveBack takes an order's reservations from one status to the next and makes their units available again.
func (s *Store) giveBack(tx *gorm.DB, id domain.OrderID, from, to domain.ReservationStatus) error {
	var mine []reservationRow
	err := tx.Raw("SELECT * FROM reservations WHERE order_id = ? AND status = ? ORDER BY product_id"+s.dialect.forUpdate(), id, from).
		Scan(&mine).Error
	if err != nil {
		return err
	}
	for _, r := range mine {
		err := tx.Exec("UPDATE stocks SET available = available + ?, updated_at = "+s.dialect.now()+" WHERE product_id = ?",
			r.Quantity, r.ProductID).Error
		if err != nil {
			return err
		}
	}
	return tx.Exec("UPDATE reservations SET status = ?, updated_at = "+s.dialect.now()+" WHERE order_id = ? AND status = ?",
		to, id, from).Error
}

// moneyInFlight reports whether an order has a payment that is, or may turn out to be, approved.
func moneyInFlight(tx *gorm.DB, id domain.OrderID) (bool, error) {
	var statuses []domain.PaymentStatus
	err := tx.Raw("SELECT status FROM payments WHERE order_id = ?", id).Scan(&statuses).Error
	return slices.ContainsFunc(statuses, func(s domain.PaymentStatus) bool {
		return s == domain.PaymentIntent || s == domain.PaymentUnknown || s == domain.PaymentDone
	}), err
}
