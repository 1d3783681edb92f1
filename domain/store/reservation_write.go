package store

import (
	"cmp"
	"maps"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

// writeDecision writes what was decided: stock, reservations, orders, events.
func (s *Store) writeDecision(tx *gorm.DB, d *decision) error {
	if len(d.changed) == 0 {
		return nil
	}
	for _, product := range slices.Sorted(maps.Keys(d.taken)) {
		if err := takeStock(tx, d, product); err != nil {
			return err
		}
	}
	var reservations, events []any
	ids := map[domain.OrderStatus]map[string][]domain.OrderID{domain.StatusHeld: {}, domain.StatusRefused: {}}
	for _, i := range d.changed {
		row := d.orders[i]
		events = append(events, []any{row.ID, row.Version, row.Status, row.Reason, row.Attention, row.UpdatedAt})
		ids[row.Status][row.Reason] = append(ids[row.Status][row.Reason], row.ID)
		if row.Status == domain.StatusHeld {
			reservations = append(reservations, d.reservationsOf(row)...)
		}
	}
	if len(reservations) > 0 {
		if err := insertValues(tx,
			"INSERT INTO reservations (order_id, product_id, user_id, quantity, status, created_at, updated_at) VALUES ",
			reservations, ""); err != nil {
			return err
		}
	}
	for _, status := range []domain.OrderStatus{domain.StatusHeld, domain.StatusRefused} {
		for _, reason := range slices.Sorted(maps.Keys(ids[status])) {
			if err := d.writeOrders(tx, status, reason, ids[status][reason]); err != nil {
				return err
			}
		}
	}
	if err := d.emptyCarts(tx); err != nil {
		return err
	}
	return insertValues(tx, "INSERT INTO order_events (order_id, seq, status, reason, attention, at) VALUES ", events, "")
}

// takeStock deducts the units that a batch holds of a product, if they are available and the fence is not stale. This condition,
// not a lock, prevents overselling.
// Errors: Unavailable if the condition fails.
func takeStock(tx *gorm.DB, d *decision, product domain.ProductID) error {
	fence := d.fenceOf(product)
	if fence == domain.NoFence {
		fence = d.stocks[product].Stock.Fence + 1
	}
	update := tx.Exec(`UPDATE stocks SET available = available - ?, fence = ?, updated_at = ?
		WHERE product_id = ? AND available >= ? AND fence <= ?`, d.taken[product], fence, d.now, product, d.taken[product], fence)
	if update.Error != nil || update.RowsAffected == 1 {
		return update.Error
	}
	return domain.Errorf(domain.CodeUnavailable, "the stock of %s changed under its row lock; read again", product)
}

func (d *decision) reservationsOf(row orderRow) []any {
	var rows []any
	for _, item := range d.items[row.ID] {
		rows = append(rows, []any{row.ID, item.ProductID, row.UserID, item.Quantity, domain.ReservationHeld, d.now, d.now})
	}
	return rows
}

// writeOrders gives orders one status and one reason. Their rows are locked and were read as RECEIVED.
func (d *decision) writeOrders(tx *gorm.DB, status domain.OrderStatus, reason string, ids []domain.OrderID) error {
	var payBy int64
	if status == domain.StatusHeld {
		payBy = d.now + d.batch.PayWithin.Milliseconds()
	}
	update := tx.Exec("UPDATE orders SET status = ?, reason = ?, pay_by = ?, version = version + 1, updated_at = ? WHERE id IN ?",
		status, reason, payBy, d.now, ids)
	return update.Error
}

// emptyCarts takes what is held now out of the carts of those who asked for it. Carts are locked last, in the order of their keys.
func (d *decision) emptyCarts(tx *gorm.DB) error {
	var ordered []cartRow
	for _, i := range d.changed {
		if row := d.orders[i]; row.FromCart && row.Status == domain.StatusHeld {
			for _, item := range d.items[row.ID] {
				ordered = append(ordered, cartRow{UserID: row.UserID, ProductID: item.ProductID, Quantity: item.Quantity})
			}
		}
	}
	slices.SortFunc(ordered, func(a, b cartRow) int {
		return cmp.Or(cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.ProductID, b.ProductID))
	})
	for _, line := range ordered {
		if err := takeFromCart(tx, line, d.now); err != nil {
			return err
		}
	}
	return nil
}
