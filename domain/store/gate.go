package store

import (
	"context"

	"runrun/domain"
)

// Unclaimed is how many units of a product are neither held nor sold nor asked for by an order that is not decided yet; and,
// seen at the same moment, how many units the orders of the given tickets want, if they are written already.
// Errors: NotFound.
func (s *Store) Unclaimed(ctx context.Context, product domain.ProductID, tickets []int64) (unclaimed, written int64, err error) {
	var rows []struct{ Unclaimed, Written int64 }
	err = s.query(ctx, &rows, `SELECT CAST(s.available - COALESCE((SELECT SUM(i.quantity) FROM order_items i JOIN orders o ON o.id = i.order_id
		WHERE i.product_id = s.product_id AND o.status = 'RECEIVED'), 0) AS SIGNED) AS unclaimed,
		CAST(COALESCE((SELECT SUM(w.quantity) FROM order_items w WHERE w.product_id = s.product_id AND w.ticket IN ?), 0) AS SIGNED) AS written
		FROM stocks s WHERE s.product_id = ?`, tickets, product)
	if err == nil && len(rows) == 0 {
		err = domain.Errorf(domain.NotFound, "there is no product %s", product)
	}
	if err != nil {
		return 0, 0, err
	}
	return rows[0].Unclaimed, rows[0].Written, nil
}

// LastTicket is the highest ticket that an order of a product carries, 0 if none does.
func (s *Store) LastTicket(ctx context.Context, product domain.ProductID) (int64, error) {
	var last int64
	err := s.query(ctx, &last, "SELECT COALESCE(MAX(ticket), 0) FROM order_items WHERE product_id = ?", product)
	return last, err
}

// Owned is how many units of a product each shopper holds and has bought.
func (s *Store) Owned(ctx context.Context, product domain.ProductID) (map[domain.UserID]int64, error) {
	var rows []struct {
		UserID   domain.UserID
		Quantity int64
	}
	err := s.query(ctx, &rows, `SELECT user_id, CAST(SUM(quantity) AS SIGNED) AS quantity FROM reservations
		WHERE product_id = ? AND status IN ('HELD', 'SOLD') GROUP BY user_id`, product)
	owned := map[domain.UserID]int64{}
	for _, row := range rows {
		owned[row.UserID] = row.Quantity
	}
	return owned, err
}
