package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// refundRow is a row of refunds.
type refundRow struct {
	OrderID    domain.OrderID
	PaymentKey string
	Amount     int64
	Currency   string
	Reason     string
	Status     domain.RefundStatus
	Code       string
	CreatedAt  int64
	UpdatedAt  int64
}

// TableName tells gorm the table.
func (refundRow) TableName() string { return "refunds" }

func (r refundRow) refund() *domain.Refund {
	return &domain.Refund{
		OrderID: r.OrderID, PaymentKey: r.PaymentKey, Amount: domain.Money{Amount: r.Amount, Currency: r.Currency},
		Reason: r.Reason, Status: r.Status, Code: r.Code,
	}
}

// RecordRefundIntent writes down that an approved payment will be given back, before the gateway is asked. Asked again it
// returns the refund as it stands; nil if the payment is not DONE, so that there is nothing to give back.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) RecordRefundIntent(ctx context.Context, id domain.OrderID, paymentKey, reason string) (*domain.Refund, error) {
	var refund *domain.Refund
	_, err := s.changeOrder(ctx, id, func(tx *gorm.DB, _ *orderRow) error {
		refund = nil
		var there []refundRow
		if err := tx.Raw("SELECT * FROM refunds WHERE order_id = ? AND payment_key = ?", id, paymentKey).Scan(&there).Error; err != nil {
			return err
		}
		if len(there) > 0 {
			refund = there[0].refund()
			return nil
		}
		if err := s.intendRefund(tx, id, paymentKey, reason); err != nil {
			return err
		}
		err := tx.Raw("SELECT * FROM refunds WHERE order_id = ? AND payment_key = ?", id, paymentKey).Scan(&there).Error
		if err == nil && len(there) > 0 {
			refund = there[0].refund()
		}
		return err
	})
	return refund, err
}

// intendRefund writes the refund of an approved payment, if there is one.
func (s *Store) intendRefund(tx *gorm.DB, id domain.OrderID, paymentKey, reason string) error {
	var paid []paymentRow
	err := tx.Raw("SELECT * FROM payments WHERE order_id = ? AND payment_key = ? AND status = ?", id, paymentKey, domain.PaymentDone).
		Scan(&paid).Error
	if err != nil || len(paid) == 0 {
		return err
	}
	now, err := s.txNow(tx)
	if err != nil {
		return err
	}
	return tx.Create(&refundRow{
		OrderID: id, PaymentKey: paymentKey, Amount: paid[0].Amount, Currency: paid[0].Currency, Reason: reason,
		Status: domain.RefundIntent, CreatedAt: now, UpdatedAt: now,
	}).Error
}

// OpenRefund returns an order's refund that is not done, or nil.
func (s *Store) OpenRefund(ctx context.Context, id domain.OrderID) (*domain.Refund, error) {
	var rows []refundRow
	err := s.query(ctx, &rows, "SELECT * FROM refunds WHERE order_id = ? AND status <> ? ORDER BY created_at LIMIT 1", id, domain.RefundDone)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].refund(), nil
}

// SettleRefund gives a refund its outcome; with DONE the payment is CANCELED.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) SettleRefund(ctx context.Context, id domain.OrderID, paymentKey string, status domain.RefundStatus, code string) error {
	_, err := s.changeOrder(ctx, id, func(tx *gorm.DB, _ *orderRow) error {
		update := tx.Exec("UPDATE refunds SET status = ?, code = ?, updated_at = "+s.dialect.now()+
			" WHERE order_id = ? AND payment_key = ? AND status <> ?", status, clip(code), id, paymentKey, domain.RefundDone)
		if update.Error != nil || update.RowsAffected == 0 || status != domain.RefundDone {
			return update.Error
		}
		return tx.Exec("UPDATE payments SET status = ?, updated_at = "+s.dialect.now()+" WHERE order_id = ? AND payment_key = ? AND status = ?",
			domain.PaymentCanceled, id, paymentKey, domain.PaymentDone).Error
	})
	return err
}
