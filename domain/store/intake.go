package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
)

// dispatchAfter is how long the sweeper leaves a new order to the process that accepted it.
const dispatchAfter = 15 * time.Second

// Accept writes new orders durably, all in one transaction, and says of each whether it is new: false where its user
// already has an order under its idempotency key. A duplicate fails nobody else.
// Errors: Validation, Unavailable, Internal; then none is written.
func (s *Store) Accept(ctx context.Context, orders []domain.NewOrder) ([]bool, error) {
	for _, o := range orders {
		if err := o.Validate(); err != nil {
			return nil, err
		}
	}
	// Rows are locked in the order of the unique key, so that two processes with the same shoppers cannot deadlock.
	sorted := slices.SortedFunc(slices.Values(orders), func(a, b domain.NewOrder) int {
		return cmp.Or(cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.IdempotencyKey, b.IdempotencyKey), cmp.Compare(a.ID, b.ID))
	})
	var accepted map[domain.OrderID]bool
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		now, err := s.txNow(tx)
		if err != nil {
			return err
		}
		if err := s.insertOrders(tx, sorted, now); err != nil {
			return err
		}
		if accepted, err = winnersOf(tx, sorted); err != nil {
			return err
		}
		return insertDetails(tx, sorted, accepted, now)
	})
	answers := make([]bool, len(orders))
	for i, o := range orders {
		answers[i] = accepted[o.ID]
	}
	return answers, err
}

func (s *Store) insertOrders(tx *gorm.DB, orders []domain.NewOrder, now int64) error {
	rows := make([]any, 0, len(orders))
	for _, o := range orders {
		receiver, err := json.Marshal(o.Receiver)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			o.ID, o.UserID, o.IdempotencyKey, o.Fingerprint, domain.StatusReceived, "", "", o.Ticket, o.Name,
			o.Quote.Total.Amount, o.Quote.Delivery.Amount, o.Quote.Due.Amount, o.Quote.Due.Currency,
			s.sealer.seal(receiverPlace(o.ID), string(receiver)), 0, 0, 1, now + dispatchAfter.Milliseconds(), now, now,
			o.FromCart, o.ExtendBy.Milliseconds(),
		})
	}
	return insertValues(tx, `INSERT INTO orders (id, user_id, idempotency_key, fingerprint, status, reason, attention, ticket, name,
		total_amount, delivery_amount, due_amount, currency, receiver, pay_by, declines, version, dispatch_after, created_at, updated_at, from_cart,
		extend_by) VALUES `,
		rows, s.dialect.onDuplicate("user_id", "idempotency_key"))
}

// winnersOf reads back which of the orders the insert has written.
func winnersOf(tx *gorm.DB, orders []domain.NewOrder) (map[domain.OrderID]bool, error) {
	asked := make([]domain.OrderID, len(orders))
	for i, o := range orders {
		asked[i] = o.ID
	}
	var written []domain.OrderID
	err := tx.Raw("SELECT id FROM orders WHERE id IN ?", asked).Scan(&written).Error
	winners := map[domain.OrderID]bool{}
	for _, id := range written {
		winners[id] = true
	}
	return winners, err
}

// insertDetails writes the items and the first event of the accepted orders. A flush that is repeated after a commit whose
// answer was lost finds them written.
func insertDetails(tx *gorm.DB, orders []domain.NewOrder, accepted map[domain.OrderID]bool, now int64) error {
	var items []itemRow
	var events []eventRow
	for _, o := range orders {
		if !accepted[o.ID] {
			continue
		}
		events = append(events, eventRow{OrderID: o.ID, Seq: 1, Status: domain.StatusReceived, At: now})
		for line, item := range o.Items {
			items = append(items, itemRow{
				OrderID:   o.ID,
				Line:      line,
				ProductID: item.ProductID,
				Name:      item.Name,
				Quantity:  item.Quantity,
				UnitPrice: item.UnitPrice.Amount,
				Ticket:    item.Ticket,
			})
		}
	}
	if len(events) == 0 {
		return nil
	}
	var there int64
	if err := tx.Raw("SELECT COUNT(*) FROM order_events WHERE seq = 1 AND order_id IN ?", eventIDs(events)).
		Scan(&there).Error; err != nil || there > 0 {
		return err
	}
	if err := tx.Create(&items).Error; err != nil {
		return err
	}
	return tx.Create(&events).Error
}

// TableName tells gorm the table.
func (itemRow) TableName() string { return "order_items" }

func eventIDs(events []eventRow) []domain.OrderID {
	ids := make([]domain.OrderID, len(events))
	for i, e := range events {
		ids[i] = e.OrderID
	}
	return ids
}

// insertValues runs one INSERT of many rows.
func insertValues(tx *gorm.DB, insert string, rows []any, suffix string) error {
	placeholders := make([]byte, 0, 3*len(rows))
	for i := range rows {
		if i > 0 {
			placeholders = append(placeholders, ", "...)
		}
		placeholders = append(placeholders, '?')
	}
	return tx.Exec(insert+string(placeholders)+suffix, rows...).Error
}
