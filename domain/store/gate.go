package store

import (
	"context"
	"strings"

	"runrun/domain"
)

// Claims counts the units of a product that nobody has a claim on, and tells which of the given tickets have become orders, both
// as of the same moment.
// Errors: NotFound.
func (s *Store) Claims(ctx context.Context, product domain.ProductID, tickets []int64) (domain.Claims, error) {
	var rows []struct{ Ticket, Units int64 }
	err := s.query(
		ctx,
		&rows,
		`SELECT 0 AS ticket, CAST(s.available - COALESCE((SELECT SUM(i.quantity) FROM order_items i WHERE i.product_id = s.product_id
		AND i.order_id IN (SELECT id FROM orders WHERE status = 'RECEIVED')), 0) AS SIGNED) AS units FROM stocks s WHERE s.product_id = ?
		UNION ALL SELECT w.ticket, w.quantity FROM order_items w WHERE w.product_id = ? AND w.ticket IN ?`,
		product,
		product,
		tickets,
	)
	claims, known := domain.Claims{Written: map[int64]bool{}}, false
	for _, row := range rows {
		if row.Ticket == 0 {
			claims.Unclaimed, known = row.Units, true
		} else {
			claims.Written[row.Ticket] = true
		}
	}
	if err == nil && !known {
		err = domain.Errorf(domain.CodeNotFound, "there is no product %s", product)
	}
	return claims, err
}

// LastTicket is the highest ticket that an order of a product carries, 0 if none does.
func (s *Store) LastTicket(ctx context.Context, product domain.ProductID) (int64, error) {
	var last int64
	err := s.query(ctx, &last, "SELECT COALESCE(MAX(ticket), 0) FROM order_items WHERE product_id = ?", product)
	return last, err
}

// claimed lists the claims of shoppers on a product: reservations, and orders that are not decided. The filter stands in both
// halves, so that each is read by its index.
func claimed(filter string) string {
	return `SELECT user_id, CAST(SUM(quantity) AS SIGNED) AS quantity FROM (
		SELECT r.user_id, r.quantity FROM reservations r WHERE r.product_id = ? AND r.status IN ('HELD', 'SOLD')` + strings.ReplaceAll(filter, "$", "r") + `
		UNION ALL SELECT o.user_id, i.quantity FROM (SELECT id, user_id FROM orders WHERE status = 'RECEIVED') o
		JOIN order_items i ON i.order_id = o.id AND i.product_id = ? WHERE 1 = 1` + strings.ReplaceAll(filter, "$", "o") + `) claims GROUP BY user_id`
}

// Owned is how many units of a product each shopper has ordered, holds and has bought.
func (s *Store) Owned(ctx context.Context, product domain.ProductID) (map[domain.UserID]int64, error) {
	var rows []struct {
		UserID   domain.UserID
		Quantity int64
	}
	err := s.query(ctx, &rows, claimed(""), product, product)
	owned := map[domain.UserID]int64{}
	for _, row := range rows {
		owned[row.UserID] = row.Quantity
	}
	return owned, err
}

// OwnedBy is how many units of a product one shopper has ordered, holds and has bought.
func (s *Store) OwnedBy(ctx context.Context, product domain.ProductID, user domain.UserID) (int64, error) {
	var rows []struct{ Quantity int64 }
	err := s.query(ctx, &rows, claimed(" AND $.user_id = ?"), product, user, product, user)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Quantity, nil
}
