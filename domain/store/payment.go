package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

// paymentRow is a row of payments.
type paymentRow struct {
	OrderID    domain.OrderID
	PaymentKey string
	Attempt    int
	Amount     int64
	Currency   string
	Status     domain.PaymentStatus
	Code       string
	Message    string
	ApprovedAt *int64
	Method     string
	ReceiptURL string
	CreatedAt  int64
	UpdatedAt  int64
}

// TableName tells gorm the table.
func (paymentRow) TableName() string { return "payments" }

func (r paymentRow) payment() *domain.Payment {
	p := &domain.Payment{
		OrderID: r.OrderID, PaymentKey: r.PaymentKey, Attempt: r.Attempt, Amount: domain.Money{Amount: r.Amount, Currency: r.Currency},
		Status: r.Status, Code: r.Code, Message: r.Message, Method: r.Method, ReceiptURL: r.ReceiptURL,
	}
	if r.ApprovedAt != nil {
		p.ApprovedAt = fromMillis(*r.ApprovedAt)
	}
	return p
}

// Payments lists an order's attempts, oldest first.
func (s *Store) Payments(ctx context.Context, id domain.OrderID) ([]domain.Payment, error) {
	var rows []paymentRow
	err := s.query(ctx, &rows, "SELECT * FROM payments WHERE order_id = ? ORDER BY attempt", id)
	payments := make([]domain.Payment, len(rows))
	for i, row := range rows {
		payments[i] = *row.payment()
	}
	return payments, err
}

// RecordIntent writes down that a payment will be confirmed, before the gateway is asked, and takes the order to PAYING.
// Called again with the same key, it returns the attempt as it stands; called without a key, the one that is open. The intent is
// nil if the order cannot be paid now: it is not HELD, its time is up, or an earlier attempt has no outcome yet.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) RecordIntent(ctx context.Context, id domain.OrderID, paymentKey string) (domain.Order, *domain.Intent, error) {
	var intent *domain.Intent
	order, err := s.changeOrder(ctx, id, func(tx *gorm.DB, row *orderRow) error {
		intent = nil
		var attempts []paymentRow
		if err := tx.Raw("SELECT * FROM payments WHERE order_id = ? ORDER BY attempt"+s.dialect.forUpdate(), id).
			Scan(&attempts).Error; err != nil {
			return err
		}
		for _, attempt := range attempts {
			open := attempt.Status == domain.PaymentIntent || attempt.Status == domain.PaymentUnknown
			if attempt.PaymentKey == paymentKey || open && paymentKey == "" {
				intent = &domain.Intent{Payment: *attempt.payment()}
				return nil
			}
			if open {
				return nil
			}
		}
		if paymentKey == "" || !row.Status.Payable() || row.Now >= row.PayBy {
			return nil
		}
		if _, err := s.advance(tx, row, domain.StatusPaying, ""); err != nil {
			return err
		}
		attempt := paymentRow{
			OrderID: id, PaymentKey: paymentKey, Attempt: len(attempts) + 1, Amount: row.DueAmount, Currency: row.Currency,
			Status: domain.PaymentIntent, CreatedAt: row.UpdatedAt, UpdatedAt: row.UpdatedAt,
		}
		intent = &domain.Intent{Payment: *attempt.payment(), New: true}
		return tx.Create(&attempt).Error
	})
	return order, intent, err
}

// Place records an approved payment in one transaction: the order becomes PLACED, its reservations SOLD, the payment DONE. If
// the order is not PAYING, it stays as it is: the payment becomes DONE, a refund intent is written, and the caller must refund.
// Errors: NotFound if the order or the attempt does not exist; Unavailable, Internal.
func (s *Store) Place(ctx context.Context, in domain.Placement) (domain.Order, error) {
	id := in.OrderID
	return s.changeOrder(ctx, id, func(tx *gorm.DB, row *orderRow) error {
		wasPaying := row.Status == domain.StatusPaying
		if wasPaying {
			row.NextAt = row.Now + in.ShipAfter.Milliseconds()
			if _, err := s.advance(tx, row, domain.StatusPlaced, ""); err != nil {
				return err
			}
			sold := tx.Exec("UPDATE reservations SET status = ?, updated_at = ? WHERE order_id = ? AND status = ?",
				domain.ReservationSold, row.UpdatedAt, id, domain.ReservationHeld)
			if sold.Error != nil {
				return sold.Error
			}
			if sold.RowsAffected == 0 {
				return domain.Errorf(domain.CodeInternal, "order %s is being paid and holds no units", id)
			}
		}
		settled, err := s.settle(tx, id, in.PaymentKey, domain.PaymentDone, in.Paid)
		switch {
		case err != nil:
			return err
		case wasPaying && !settled:
			return domain.Errorf(domain.CodeNotFound, "order %s has no open payment %s", id, in.PaymentKey)
		case !wasPaying && settled: // that it has to go back stands with it, whatever becomes of the workflow
			_, err := s.intendRefund(tx, domain.RefundIntention{OrderID: id, PaymentKey: in.PaymentKey, Reason: domain.RefundReason})
			return err
		}
		return nil
	})
}

// Decline records a declined payment, or one that failed by a fault of ours, and takes the order from PAYING back to HELD. A
// fault does not count towards MaxDeclines. A payment that is UNKNOWN is not settled by a fault: nothing is changed.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) Decline(ctx context.Context, id domain.OrderID, paymentKey string, result domain.PaymentResult) (domain.Order, error) {
	return s.changeOrder(ctx, id, func(tx *gorm.DB, row *orderRow) error {
		status, reason := domain.PaymentDeclined, domain.ReasonDeclined
		if result.Outcome == domain.OutcomeFault {
			status, reason = domain.PaymentCanceled, domain.ReasonPaymentFault
		}
		from := openPayment
		if status == domain.PaymentCanceled {
			from = from[:1] // an outcome that was unknown once is not made known by a fault of ours
		}
		settled, err := s.settleFrom(tx, from, id, paymentKey, status, result)
		if err != nil || !settled || row.Status != domain.StatusPaying {
			return err
		}
		if status == domain.PaymentDeclined {
			row.Declines++
		}
		_, err = s.advance(tx, row, domain.StatusHeld, reason)
		return err
	})
}

// MarkUnknown writes down that the outcome of a payment is open; the order stays PAYING and its units held.
// Errors: NotFound, Unavailable, Internal.
func (s *Store) MarkUnknown(ctx context.Context, id domain.OrderID, paymentKey string, result domain.PaymentResult) (domain.Order, error) {
	return s.changeOrder(ctx, id, func(tx *gorm.DB, _ *orderRow) error {
		_, err := s.settle(tx, id, paymentKey, domain.PaymentUnknown, result)
		return err
	})
}

// settle gives an open payment its outcome and says whether it was open. Money that turns up after a definite no is
// written down as well: a DECLINED or CANCELED attempt becomes DONE, unless it was
// refunded.
func (s *Store) settle(tx *gorm.DB, id domain.OrderID, key string, status domain.PaymentStatus, result domain.PaymentResult) (bool, error) {
	from := openPayment
	if status == domain.PaymentDone {
		from = append(slices.Clone(from), domain.PaymentDeclined, domain.PaymentCanceled)
	}
	return s.settleFrom(tx, from, id, key, status, result)
}

// openPayment are the statuses of a payment that has no outcome yet.
var openPayment = []domain.PaymentStatus{domain.PaymentIntent, domain.PaymentUnknown}

func (s *Store) settleFrom(
	tx *gorm.DB,
	from []domain.PaymentStatus,
	id domain.OrderID,
	key string,
	status domain.PaymentStatus,
	result domain.PaymentResult,
) (bool, error) {
	update := tx.Exec("UPDATE payments SET status = ?, code = ?, message = ?, approved_at = ?, method = ?, receipt_url = ?, updated_at = "+
		s.dialect.now()+
		" WHERE order_id = ? AND payment_key = ? AND status IN ? AND NOT EXISTS "+
		"(SELECT 1 FROM refunds WHERE refunds.order_id = payments.order_id AND refunds.payment_key = payments.payment_key)",
		status, clip(result.Code), clip(result.Message), toMillis(result.ApprovedAt), clip(result.Method),
		receiptURL(result.ReceiptURL), id, key, from)
	return update.RowsAffected == 1, update.Error
}

// maxReceiptURL is the width of the column of receipts.
const maxReceiptURL = 1000

// receiptURL is an address of a receipt, or none: half an address leads nowhere.
func receiptURL(address string) string {
	if len(address) > maxReceiptURL {
		return ""
	}
	return address
}

// clip fits a foreign text into its column.
func clip(text string) string { return clipTo(text, 255) }

// actorWidth is the width of the column that names a person.
const actorWidth = 64

func clipTo(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}
