package store

import (
	"context"
	"strings"

	"runrun/domain"
)

// OrdersFor lists the orders of a filter, newest first.
func (s *Store) OrdersFor(ctx context.Context, f domain.OrderFilter) ([]domain.Order, error) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	if f.Status != "" {
		add("status = ?", f.Status)
	}
	switch f.Attention {
	case domain.AttentionNone:
	case domain.AnyAttention:
		add("attention > ''")
	default:
		add("attention = ?", f.Attention)
	}
	if f.User != "" {
		add("user_id = ?", f.User)
	}
	if f.Product != "" {
		add("id IN (SELECT order_id FROM order_items WHERE product_id = ?)", f.Product)
	}
	if f.Text != "" {
		add("(id = ? OR id IN (SELECT order_id FROM payments WHERE payment_key = ?))", f.Text, f.Text)
	}
	if f.After != "" {
		add("id < ?", f.After)
	}
	if len(where) == 0 {
		add("1 = 1")
	}
	return s.orders(ctx, strings.Join(where, " AND ")+" ORDER BY id DESC LIMIT ?", append(args, f.Limit)...)
}

// Reservations lists an order's claims on units, by product.
func (s *Store) Reservations(ctx context.Context, id domain.OrderID) ([]domain.Reservation, error) {
	var rows []reservationRow
	err := s.query(ctx, &rows, "SELECT * FROM reservations WHERE order_id = ? ORDER BY product_id", id)
	claims := make([]domain.Reservation, len(rows))
	for i, row := range rows {
		claims[i] = domain.Reservation{
			OrderID: row.OrderID, ProductID: row.ProductID, UserID: row.UserID, Quantity: row.Quantity, Status: row.Status,
		}
	}
	return claims, err
}
