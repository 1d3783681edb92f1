package store

import (
	"context"

	"runrun/domain"
)

// eventRow is a row of order_events.
type eventRow struct {
	OrderID   domain.OrderID
	Seq       int64
	Status    domain.OrderStatus
	Reason    string
	Attention domain.Attention
	At        int64
	Actor     string
	Note      string
}

// TableName tells gorm the table.
func (eventRow) TableName() string { return "order_events" }

// eventOf describes the state that a row has just been given.
func eventOf(row *orderRow) *eventRow {
	return &eventRow{
		OrderID: row.ID, Seq: row.Version, Status: row.Status, Reason: row.Reason, Attention: row.Attention, At: row.UpdatedAt,
		Actor: clipTo(row.actor, actorWidth), Note: clip(row.note),
	}
}

// Events lists what happened to an order after the event with the given number, oldest first.
func (s *Store) Events(ctx context.Context, id domain.OrderID, after int64) ([]domain.OrderEvent, error) {
	var rows []eventRow
	err := s.query(ctx, &rows,
		"SELECT order_id, seq, status, reason, attention, at, actor, note FROM order_events WHERE order_id = ? AND seq > ? ORDER BY seq",
		id, after)
	events := make([]domain.OrderEvent, len(rows))
	for i, row := range rows {
		events[i] = domain.OrderEvent{
			OrderID: row.OrderID, Seq: row.Seq, Status: row.Status, Reason: row.Reason, Attention: row.Attention, At: fromMillis(row.At),
			Actor: row.Actor, Note: row.Note,
		}
	}
	return events, err
}
