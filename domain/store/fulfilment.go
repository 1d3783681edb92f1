package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// Move takes a paid order to its next status. It decides every race of an order's life after its payment: the first of two moves wins,
// the other finds another status and changes nothing; so does a move whose time has not come by the database's clock, or is over. Move
// returns the order as it is afterwards.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) Move(ctx context.Context, in domain.Move) (domain.Order, error) {
	return s.changeOrder(ctx, in.OrderID, func(tx *gorm.DB, row *orderRow) error {
		if !row.Status.CanBecome(in.To) || !timely(row, in) {
			return nil
		}
		row.NextAt = 0
		if in.NextAfter > 0 {
			row.NextAt = row.Now + in.NextAfter.Milliseconds()
		}
		if in.ReturnWithin > 0 {
			row.ReturnBy = row.Now + in.ReturnWithin.Milliseconds()
		}
		row.actor, row.note = in.Actor, in.Note
		_, err := s.advance(tx, row, in.To, in.Reason)
		return err
	})
}

// timely reports whether a move is neither early nor late.
func timely(row *orderRow, in domain.Move) bool {
	switch in.To {
	case domain.StatusInTransit, domain.StatusDelivered, domain.StatusCompleted:
		return row.Now >= row.NextAt
	case domain.StatusReturning:
		return in.Staff || row.Status.Returnable() && row.Now < row.ReturnBy
	case domain.StatusCanceling:
		return true
	}
	return false // the other statuses have their own transactions
}

// Restock ends an order whose money is back: CANCELING becomes CANCELED, RETURNING becomes RETURNED, and its units are on sale again, in
// one transaction. It may be repeated: units are put back once. An order with money that is not back is not changed. Restock returns
// the order as it is afterwards.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) Restock(ctx context.Context, in domain.Restock) (domain.Order, error) {
	return s.changeWithStock(ctx, in.OrderID, func(tx *gorm.DB, row *orderRow) error {
		if !row.Status.Reversing() {
			return nil
		}
		if back, err := moneyBack(tx, row.ID); !back || err != nil {
			return err
		}
		end := domain.StatusCanceled
		if row.Status == domain.StatusReturning {
			end = domain.StatusReturned
		}
		row.actor, row.note = in.Actor, in.Note
		if _, err := s.advance(tx, row, end, row.Reason); err != nil {
			return err
		}
		return s.giveBack(tx, row.ID, domain.ReservationSold, domain.ReservationReturned)
	})
}

// moneyBack reports whether everything that an order's payments took was refunded.
func moneyBack(tx *gorm.DB, id domain.OrderID) (bool, error) {
	var open int64
	err := tx.Raw(`SELECT COUNT(*) FROM payments p WHERE p.order_id = ? AND (p.status IN ('INTENT', 'UNKNOWN') OR p.status = 'DONE' AND p.amount >
		(SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.order_id = p.order_id AND r.payment_key = p.payment_key AND r.status = 'DONE'))`,
		id).Scan(&open).Error
	return open == 0, err
}
