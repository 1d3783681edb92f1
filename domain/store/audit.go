package store

import (
	"context"
	"time"

	"runrun/domain"
)

// inconsistency is a contradiction between the rows of an order, as a condition on the row o of orders.
type inconsistency struct{ condition, detail string }

// inconsistencies are what must not be true of any order. Each is read in one statement, so a transaction is seen whole or not at all.
var inconsistencies = []inconsistency{
	{
		`NOT EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = o.id AND e.seq = o.version AND e.status = o.status AND e.attention = o.attention)`,
		"its row is not what its last event says: it was changed by hand",
	},
	{
		`o.status IN ('HELD', 'PAYING') AND (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id) <>
			(SELECT COUNT(*) FROM reservations r WHERE r.order_id = o.id AND r.status = 'HELD')`,
		"it is unpaid and does not hold all its units",
	},
	{
		`o.status IN ('PLACED', 'IN_TRANSIT', 'DELIVERED', 'COMPLETED', 'CANCELING', 'RETURNING') AND
			(SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id) <>
			(SELECT COUNT(*) FROM reservations r WHERE r.order_id = o.id AND r.status = 'SOLD')`,
		"it is paid and its units are not all sold",
	},
	{
		`o.status IN ('RECEIVED', 'REFUSED', 'EXPIRED', 'PAYMENT_FAILED', 'CANCELED', 'RETURNED') AND
			EXISTS (SELECT 1 FROM reservations r WHERE r.order_id = o.id AND r.status IN ('HELD', 'SOLD'))`,
		"it has no claim on units, and keeps some",
	},
	{
		`o.status IN ('PLACED', 'IN_TRANSIT', 'DELIVERED', 'COMPLETED') AND
			NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = 'DONE' AND p.amount = o.due_amount) AND
			NOT EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id)`,
		"it is paid and has no approved payment of its amount",
	},
	{
		`o.status IN ('REFUSED', 'EXPIRED', 'PAYMENT_FAILED', 'CANCELED', 'RETURNED') AND
			EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = 'DONE' AND NOT EXISTS
				(SELECT 1 FROM refunds r WHERE r.order_id = p.order_id AND r.payment_key = p.payment_key))`,
		"it has ended, keeps the shopper's money, and no refund is under way",
	},
	{
		`o.status <> 'PAYING' AND EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status IN ('INTENT', 'UNKNOWN'))`,
		"it has an open payment and is not being paid",
	},
	{
		`o.due_amount <> o.total_amount + o.delivery_amount OR
			o.total_amount <> (SELECT COALESCE(SUM(i.quantity * i.unit_price), 0) FROM order_items i WHERE i.order_id = o.id)`,
		"its amounts are not the sum of its items",
	},
	{
		`EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.amount <
			(SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.order_id = o.id AND r.payment_key = p.payment_key AND r.status = 'DONE'))`,
		"more was refunded than was paid",
	},
}

// Inconsistencies finds orders whose rows contradict each other, at most limit of each kind: among those that are open, or all of them.
func (s *Store) Inconsistencies(ctx context.Context, all bool, limit int) ([]domain.Difference, error) {
	from := "(SELECT * FROM orders WHERE status IN ?) AS o"
	args := []any{domain.OpenStatuses()}
	if all {
		from, args = "orders o", nil
	}
	var found []domain.Difference
	for _, wrong := range inconsistencies {
		var ids []domain.OrderID
		query := "SELECT o.id FROM " + from + " WHERE " + wrong.condition + " LIMIT ?"
		if err := s.query(ctx, &ids, query, append(args[:len(args):len(args)], limit)...); err != nil {
			return nil, err
		}
		for _, id := range ids {
			found = append(found, domain.Difference{Kind: domain.DifferenceRow, OrderID: id, Detail: wrong.detail})
		}
	}
	return found, nil
}

// UnbalancedStocks finds products whose units are not all accounted for, or twice, at most limit of them.
func (s *Store) UnbalancedStocks(ctx context.Context, limit int) ([]domain.Stock, error) {
	var rows []struct {
		ProductID                    domain.ProductID
		Total, Available, Held, Sold int64
	}
	err := s.query(ctx, &rows, `SELECT s.product_id, s.total, s.available, CAST(COALESCE(c.held, 0) AS SIGNED) AS held,
		CAST(COALESCE(c.sold, 0) AS SIGNED) AS sold FROM stocks s LEFT JOIN (SELECT product_id,
			SUM(CASE WHEN status = 'HELD' THEN quantity ELSE 0 END) AS held, SUM(CASE WHEN status = 'SOLD' THEN quantity ELSE 0 END) AS sold
			FROM reservations WHERE status IN ('HELD', 'SOLD') GROUP BY product_id) c ON c.product_id = s.product_id
		WHERE s.total <> s.available + COALESCE(c.held, 0) + COALESCE(c.sold, 0) OR s.available < 0 LIMIT ?`, limit)
	stocks := make([]domain.Stock, len(rows))
	for i, r := range rows {
		stocks[i] = domain.Stock{ProductID: r.ProductID, Total: r.Total, Available: r.Available, Held: r.Held, Sold: r.Sold}
	}
	return stocks, err
}

// OpenOrders lists orders that still move on and were not changed for the time of quiet, in the order of their ids, from the
// one after the cursor.
func (s *Store) OpenOrders(ctx context.Context, after domain.OrderID, quiet time.Duration, limit int) ([]domain.Order, error) {
	return s.orders(ctx, "status IN ? AND id > ? AND updated_at < "+s.dialect.now()+" - ? ORDER BY id LIMIT ?",
		domain.OpenStatuses(), after, quiet.Milliseconds(), limit)
}

// PaymentsByKey reads payments by their keys, each with how much of it the shop has given back, or is giving back.
func (s *Store) PaymentsByKey(ctx context.Context, keys []string) (map[string]domain.PaymentBooks, error) {
	var rows []struct {
		Payment             paymentRow `gorm:"embedded"`
		Refunded, Refunding int64
	}
	err := s.query(ctx, &rows, `SELECT p.*, (SELECT CAST(COALESCE(SUM(r.amount), 0) AS SIGNED) FROM refunds r WHERE r.order_id = p.order_id AND
			r.payment_key = p.payment_key AND r.status = 'DONE' AND r.code <> 'RESOLVED_BY_STAFF') AS refunded,
		(SELECT COUNT(*) FROM refunds r WHERE r.order_id = p.order_id AND r.payment_key = p.payment_key AND r.status <> 'DONE') AS refunding
		FROM payments p WHERE p.payment_key IN ?`, keys)
	books := map[string]domain.PaymentBooks{}
	for _, row := range rows {
		books[row.Payment.PaymentKey] = domain.PaymentBooks{Payment: *row.Payment.payment(), Refunded: row.Refunded, Refunding: row.Refunding > 0}
	}
	return books, err
}

// PaidBetween lists the keys of payments that were approved between two times, from the one after the cursor.
func (s *Store) PaidBetween(ctx context.Context, from, until time.Time, after string, limit int) ([]string, error) {
	var keys []string
	err := s.query(ctx, &keys, `SELECT payment_key FROM payments WHERE status IN ('DONE', 'CANCELED') AND approved_at >= ? AND approved_at < ?
		AND payment_key > ? ORDER BY payment_key LIMIT ?`,
		from.UnixMilli(), until.UnixMilli(), after, limit)
	return keys, err
}
