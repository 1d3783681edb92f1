package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

// refundRow is a row of refunds.
type refundRow struct {
	OrderID    domain.OrderID
	PaymentKey string
	Seq        int
	Amount     int64
	Currency   string
	Reason     string
	Status     domain.RefundStatus
	Code       string
	Attempt    int
	RequestID  string
	CreatedAt  int64
	UpdatedAt  int64
}

// TableName tells gorm the table.
func (refundRow) TableName() string { return "refunds" }

func (r refundRow) refund() *domain.Refund {
	return &domain.Refund{
		OrderID: r.OrderID, PaymentKey: r.PaymentKey, Seq: r.Seq, Amount: domain.Money{Amount: r.Amount, Currency: r.Currency},
		Reason: r.Reason, Status: r.Status, Code: r.Code, Attempt: r.Attempt,
	}
}

// RecordRefundIntent writes down that an approved payment, or a part of it, will be given back, before the gateway is asked. While an
// earlier refund of the payment is open it returns that one: it has to be made first. Asked again it returns the refund as it stands;
// nil if the payment is not DONE, so that there is nothing to give back.
// Errors: Validation if the part is more than what is left of the payment; NotFound, Unavailable, Internal.
func (s *Store) RecordRefundIntent(ctx context.Context, in domain.RefundIntention) (*domain.Refund, error) {
	var refund *domain.Refund
	_, err := s.changeOrder(ctx, in.OrderID, func(tx *gorm.DB, _ *orderRow) (err error) {
		refund, err = s.intendRefund(tx, in)
		return err
	})
	return refund, err
}

// intendRefund writes the refund of an approved payment, if there is something to give back; the order's row is locked.
func (s *Store) intendRefund(tx *gorm.DB, in domain.RefundIntention) (*domain.Refund, error) {
	var payments []paymentRow
	err := tx.Raw("SELECT * FROM payments WHERE order_id = ? AND payment_key = ?", in.OrderID, in.PaymentKey).Scan(&payments).Error
	if err != nil || len(payments) == 0 {
		return nil, err
	}
	var rows []refundRow
	err = tx.Raw("SELECT * FROM refunds WHERE order_id = ? AND payment_key = ? ORDER BY seq", in.OrderID, in.PaymentKey).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	paid := payments[0]
	if known := knownRefund(rows, paid.Amount, in.Request); known != nil || paid.Status != domain.PaymentDone || in.OpenOnly {
		return known, nil
	}
	row := refundRow{
		OrderID: in.OrderID, PaymentKey: in.PaymentKey, Seq: len(rows) + 1, Currency: paid.Currency, Reason: in.Reason,
		Status: domain.RefundIntent, RequestID: in.Request,
	}
	row.Amount = paid.Amount - refunded(rows)
	if in.Amount > 0 {
		if in.Amount > row.Amount {
			return nil, domain.Errorf(domain.CodeValidation, "%d of the payment are left, and cannot be refunded with %d", row.Amount, in.Amount)
		}
		row.Amount = in.Amount
	}
	if row.CreatedAt, err = s.txNow(tx); err != nil {
		return nil, err
	}
	row.UpdatedAt = row.CreatedAt
	refund := row.refund()
	refund.Before, refund.Paid = atGateway(rows), paid.Amount
	return refund, tx.Create(&row).Error
}

// RecordLateApproval writes down that a payment took money, and that it will be given back: it was approved after the order had ended, or
// beside another payment. It returns the refund; nil if the payment pays the order, or is still open and its order's workflow decides.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) RecordLateApproval(ctx context.Context, in domain.LateApproval) (*domain.Refund, error) {
	var refund *domain.Refund
	_, err := s.changeOrder(ctx, in.OrderID, func(tx *gorm.DB, row *orderRow) error {
		refund = nil
		var payments []paymentRow
		err := tx.Raw("SELECT * FROM payments WHERE order_id = ? ORDER BY attempt"+s.dialect.forUpdate(), in.OrderID).Scan(&payments).Error
		if err != nil {
			return err
		}
		in.Paid.Code = lateApproval
		late := slices.IndexFunc(payments, func(p paymentRow) bool { return p.PaymentKey == in.PaymentKey })
		if late < 0 {
			err = s.insertLate(tx, row, in, len(payments)+1)
		} else {
			switch payments[late].Status {
			case domain.PaymentIntent, domain.PaymentUnknown:
				return nil
			case domain.PaymentDone:
				if row.Status.Paid() && payments[late].Code != lateApproval {
					return nil
				}
			case domain.PaymentDeclined, domain.PaymentCanceled:
				_, err = s.settle(tx, in.OrderID, in.PaymentKey, domain.PaymentDone, in.Paid)
			}
		}
		if err != nil {
			return err
		}
		refund, err = s.intendRefund(tx,
			domain.RefundIntention{OrderID: in.OrderID, PaymentKey: in.PaymentKey, Reason: domain.RefundReason})
		return err
	})
	return refund, err
}

// lateApproval is the code of a payment that took money beside its order.
const lateApproval = "LATE_APPROVAL"

// insertLate writes a payment down that was never asked for by this shop's order, as one more attempt.
func (s *Store) insertLate(tx *gorm.DB, row *orderRow, in domain.LateApproval, attempt int) error {
	return tx.Create(&paymentRow{
		OrderID: in.OrderID, PaymentKey: in.PaymentKey, Attempt: attempt, Amount: row.DueAmount, Currency: row.Currency,
		Status: domain.PaymentDone, Code: in.Paid.Code, ApprovedAt: toMillis(in.Paid.ApprovedAt), CreatedAt: row.Now, UpdatedAt: row.Now,
	}).Error
}

// knownRefund returns the refund that answers a request without a new one: the one that is open, the one of the same request, or the
// last one if nothing is left of the payment.
func knownRefund(rows []refundRow, paid int64, request string) *domain.Refund {
	for i, row := range rows {
		last := i == len(rows)-1 && refunded(rows) >= paid
		if row.Status != domain.RefundDone || request != "" && row.RequestID == request || last {
			refund := row.refund()
			refund.Before, refund.Paid = atGateway(rows[:i]), paid
			return refund
		}
	}
	return nil
}

// refunded sums up the refunds that are done.
func refunded(rows []refundRow) (sum int64) {
	for _, row := range rows {
		if row.Status == domain.RefundDone {
			sum += row.Amount
		}
	}
	return sum
}

// atGateway sums up the refunds that the gateway made, and knows of.
func atGateway(rows []refundRow) (sum int64) {
	for _, row := range rows {
		if row.Status == domain.RefundDone && row.Code != domain.RefundResolved {
			sum += row.Amount
		}
	}
	return sum
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

// Refunds lists an order's refunds, oldest first.
func (s *Store) Refunds(ctx context.Context, id domain.OrderID) ([]domain.Refund, error) {
	var rows []refundRow
	err := s.query(ctx, &rows, "SELECT * FROM refunds WHERE order_id = ? ORDER BY created_at, seq", id)
	refunds := make([]domain.Refund, len(rows))
	for i, row := range rows {
		refunds[i] = *row.refund()
	}
	return refunds, err
}

// ChangeRefund gives a refund its outcome. A refund that is DONE stays so; when everything of a payment is refunded, the payment is
// CANCELED.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) ChangeRefund(ctx context.Context, in domain.RefundChange) error {
	_, err := s.changeOrder(ctx, in.OrderID, func(tx *gorm.DB, _ *orderRow) error {
		seq := max(in.Seq, 1) // a workflow of the build before this one names none
		update := tx.Exec("UPDATE refunds SET status = ?, code = ?, attempt = CASE WHEN attempt < ? THEN ? ELSE attempt END, updated_at = "+
			s.dialect.now()+" WHERE order_id = ? AND payment_key = ? AND seq = ? AND status <> ?",
			in.Status, clip(in.Code), in.Attempt, in.Attempt, in.OrderID, in.PaymentKey, seq, domain.RefundDone)
		if update.Error != nil || update.RowsAffected == 0 || in.Status != domain.RefundDone {
			return update.Error
		}
		return tx.Exec("UPDATE payments SET status = ?, updated_at = "+s.dialect.now()+" WHERE order_id = ? AND payment_key = ? AND status = ?"+
			" AND amount <= (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.order_id = payments.order_id"+
			" AND r.payment_key = payments.payment_key AND r.status = ?)",
			domain.PaymentCanceled, in.OrderID, in.PaymentKey, domain.PaymentDone, domain.RefundDone).Error
	})
	return err
}
