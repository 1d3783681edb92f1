package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
)

// ClaimUndispatched leases up to limit RECEIVED orders whose dispatch_after has passed, and postpones their dispatch_after by
// again. Concurrent callers get disjoint orders.
func (s *Store) ClaimUndispatched(ctx context.Context, limit int, again time.Duration) ([]domain.Order, error) {
	var mine []domain.OrderID
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		mine = nil
		err := tx.Raw("SELECT id FROM orders WHERE status = ? AND dispatch_after < "+s.dialect.now()+" ORDER BY dispatch_after LIMIT ?"+
			s.dialect.skipLocked(), domain.StatusReceived, limit).Scan(&mine).Error
		if err != nil {
			return err
		}
		return s.lease(tx, mine, again)
	})
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	return s.orders(ctx, "id IN ? ORDER BY ticket, id", mine)
}

// ClaimOverdue leases up to limit orders of each kind that should have moved on and hold units or money: HELD past their deadline,
// PAYING that nobody touched, paid and not moved on, ended with a refund that is open; each for longer than grace. Concurrent callers
// get disjoint orders.
func (s *Store) ClaimOverdue(ctx context.Context, limit int, grace, again time.Duration) ([]domain.Order, error) {
	var mine []domain.OrderID
	due := s.dialect.now() + " - ?"
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		mine = nil
		for _, kind := range []struct {
			where string
			args  []any
		}{
			{"status = ? AND pay_by < " + due, []any{domain.StatusHeld, grace.Milliseconds()}},
			{"status = ? AND updated_at < " + due, []any{domain.StatusPaying, grace.Milliseconds()}},
			{"status IN ? AND dispatch_after < " + due, []any{movingStatuses, grace.Milliseconds()}},
			{"id IN (SELECT order_id FROM refunds WHERE status IN ? AND updated_at < " + due + ")",
				[]any{[]domain.RefundStatus{domain.RefundIntent, domain.RefundUnknown, domain.RefundRefused}, grace.Milliseconds()}},
		} {
			var ids []domain.OrderID
			err := tx.Raw("SELECT id FROM orders WHERE "+kind.where+" AND dispatch_after < "+s.dialect.now()+" LIMIT ?"+s.dialect.skipLocked(),
				append(kind.args, limit)...).Scan(&ids).Error
			if err != nil {
				return err
			}
			mine = append(mine, ids...)
		}
		slices.Sort(mine)
		mine = slices.Compact(mine)
		return s.lease(tx, mine, again)
	})
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	return s.orders(ctx, "id IN ? ORDER BY id", mine)
}

// lease keeps other sweepers from orders for a while.
func (s *Store) lease(tx *gorm.DB, ids []domain.OrderID, again time.Duration) error {
	if len(ids) == 0 {
		return nil
	}
	return tx.Exec("UPDATE orders SET dispatch_after = "+s.dialect.now()+" + ? WHERE id IN ?", again.Milliseconds(), ids).Error
}

// Unfinished reads those of the orders that hold units or money: not ended, or ended with a refund that is open.
func (s *Store) Unfinished(ctx context.Context, ids []domain.OrderID) ([]domain.Order, error) {
	return s.orders(ctx, "id IN ? AND (status IN ? OR id IN (SELECT order_id FROM refunds WHERE order_id IN ? AND status <> ?))",
		ids, domain.OpenStatuses(), ids, domain.RefundDone)
}

// movingStatuses are those of paid orders that move on, by themselves or as soon as they can.
var movingStatuses = slices.DeleteFunc(domain.OpenStatuses(), func(s domain.OrderStatus) bool { return !s.Paid() })
