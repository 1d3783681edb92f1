package store

import (
	"context"
	"strings"

	"runrun/domain"
)

// CountOpen counts the orders of every status from which they move on, each up to domain.MaxCounted. It reads an index and no rows but
// the oldest of each status; ids sort by age. Beyond that number the oldest is that of those that were counted.
// Errors: Unavailable.
func (s *Store) CountOpen(ctx context.Context) ([]domain.OrderCount, error) {
	var parts []string
	var args []any
	for _, status := range domain.OpenStatuses() {
		parts = append(parts, "SELECT ? AS status, COUNT(*) AS count, MIN(id) AS first FROM (SELECT id FROM orders WHERE status = ? LIMIT ?) counted")
		args = append(args, status, status, domain.MaxCounted)
	}
	var rows []struct {
		Status domain.OrderStatus
		Count  int64
		Oldest int64
	}
	err := s.query(ctx, &rows, `SELECT c.status, c.count, COALESCE(o.created_at, 0) AS oldest
		FROM (`+strings.Join(parts, " UNION ALL ")+`) c LEFT JOIN orders o ON o.id = c.first`, args...)
	open := make([]domain.OrderCount, len(rows))
	for n, row := range rows {
		open[n] = domain.OrderCount{Status: row.Status, Count: row.Count, Oldest: fromMillis(row.Oldest)}
	}
	return open, err
}

// CountAttention counts the orders that need a person, by reason, up to domain.MaxCounted in all.
// Errors: Unavailable.
func (s *Store) CountAttention(ctx context.Context) (map[domain.Attention]int64, error) {
	var rows []struct {
		Attention domain.Attention
		Count     int64
	}
	err := s.query(ctx, &rows, `SELECT attention, COUNT(*) AS count FROM (SELECT attention FROM orders WHERE attention > '' LIMIT ?) counted
		GROUP BY attention`, domain.MaxCounted)
	counts := map[domain.Attention]int64{}
	for _, row := range rows {
		counts[row.Attention] = row.Count
	}
	return counts, err
}
