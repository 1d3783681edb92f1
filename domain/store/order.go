package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
)

// orderRow is a row of orders, without the receiver.
type orderRow struct {
	ID             domain.OrderID
	UserID         domain.UserID
	Status         domain.OrderStatus
	Reason         string
	Attention      domain.Attention
	Ticket         int64
	Name           string
	TotalAmount    int64
	DeliveryAmount int64
	DueAmount      int64
	Currency       string
	PayBy          int64
	ExtendBy       int64
	NextAt         int64
	ReturnBy       int64
	Declines       int
	Version        int64
	CreatedAt      int64
	UpdatedAt      int64
	FromCart       bool
	Now            int64 `gorm:"->"` // the database's time when the row was locked

	actor, note string // of the change that is being written
}

type itemRow struct {
	OrderID   domain.OrderID
	Line      int
	ProductID domain.ProductID
	Name      string
	Quantity  int
	UnitPrice int64
	Ticket    int64
}

// lineRow is an order's row with one of its items.
type lineRow struct {
	Order      orderRow `gorm:"embedded"`
	Line       int
	ProductID  domain.ProductID
	ItemName   string
	Quantity   int
	UnitPrice  int64
	ItemTicket int64
}

const (
	orderColumns = `o.id, o.user_id, o.status, o.reason, o.attention, o.ticket, o.name, o.total_amount, o.delivery_amount, o.due_amount,
	o.currency, o.pay_by, o.extend_by, o.next_at, o.return_by, o.declines, o.version, o.created_at, o.updated_at`
	itemColumns = "i.line, i.product_id, i.name AS item_name, i.quantity, i.unit_price, i.ticket AS item_ticket"
)

// gather puts the lines of orders together: the orders in the order of the lines, and their items.
func gather(lines []lineRow) (rows []orderRow, items map[domain.OrderID][]itemRow) {
	items = map[domain.OrderID][]itemRow{}
	for _, line := range lines {
		id := line.Order.ID
		if len(items[id]) == 0 {
			rows = append(rows, line.Order)
		}
		items[id] = append(items[id], itemRow{
			OrderID: id, Line: line.Line, ProductID: line.ProductID, Name: line.ItemName, Quantity: line.Quantity,
			UnitPrice: line.UnitPrice, Ticket: line.ItemTicket,
		})
	}
	return rows, items
}

func (r orderRow) order(items []itemRow) domain.Order {
	o := domain.Order{
		ID: r.ID, UserID: r.UserID, Status: r.Status, Reason: r.Reason, Attention: r.Attention, Ticket: r.Ticket, Name: r.Name,
		Total:    domain.Money{Amount: r.TotalAmount, Currency: r.Currency},
		Delivery: domain.Money{Amount: r.DeliveryAmount, Currency: r.Currency},
		Due:      domain.Money{Amount: r.DueAmount, Currency: r.Currency},
		PayBy:    fromMillis(r.PayBy), ExtendBy: time.Duration(r.ExtendBy) * time.Millisecond,
		NextAt: fromMillis(r.NextAt), ReturnBy: fromMillis(r.ReturnBy), Declines: r.Declines, Version: r.Version,
		CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt),
	}
	for _, item := range items {
		o.Items = append(o.Items, domain.OrderItem{
			ProductID: item.ProductID, Name: item.Name, Quantity: item.Quantity,
			UnitPrice: domain.Money{Amount: item.UnitPrice, Currency: r.Currency}, Ticket: item.Ticket,
		})
	}
	return o
}

// Order reads an order.
// Errors: NotFound.
func (s *Store) Order(ctx context.Context, id domain.OrderID) (domain.Order, error) {
	orders, err := s.orders(ctx, "id = ?", id)
	if err != nil {
		return domain.Order{}, err
	}
	if len(orders) == 0 {
		return domain.Order{}, domain.Errorf(domain.CodeNotFound, "there is no order %s", id)
	}
	return orders[0], nil
}

// OrdersByID reads orders; those that do not exist are missing from the answer.
func (s *Store) OrdersByID(ctx context.Context, ids []domain.OrderID) (map[domain.OrderID]domain.Order, error) {
	orders, err := s.orders(ctx, "id IN ?", ids)
	found := map[domain.OrderID]domain.Order{}
	for _, o := range orders {
		found[o.ID] = o
	}
	return found, err
}

// OrderByKey reads the order that a user made under an idempotency key, and the fingerprint of the request.
// Errors: NotFound.
func (s *Store) OrderByKey(ctx context.Context, user domain.UserID, key string) (domain.Order, string, error) {
	orders, err := s.orders(ctx, "user_id = ? AND idempotency_key = ?", user, key)
	if err != nil {
		return domain.Order{}, "", err
	}
	if len(orders) == 0 {
		return domain.Order{}, "", domain.Errorf(domain.CodeNotFound, "there is no order under this idempotency key")
	}
	var fingerprint string
	err = s.query(ctx, &fingerprint, "SELECT fingerprint FROM orders WHERE id = ?", orders[0].ID)
	return orders[0], fingerprint, err
}

// OrderIDs says under which of many idempotency keys there are orders, in one statement that reads nothing but an index.
func (s *Store) OrderIDs(ctx context.Context, keys []domain.OrderKey) (map[domain.OrderKey]domain.OrderID, error) {
	var rows []struct {
		ID             domain.OrderID
		UserID         domain.UserID
		IdempotencyKey string
	}
	where := strings.Repeat(" OR user_id = ? AND idempotency_key = ?", len(keys))
	args := make([]any, 0, 2*len(keys))
	for _, key := range keys {
		args = append(args, key.UserID, key.Key)
	}
	err := s.query(ctx, &rows, "SELECT id, user_id, idempotency_key FROM orders WHERE"+strings.TrimPrefix(where, " OR"), args...)
	ids := map[domain.OrderKey]domain.OrderID{}
	for _, row := range rows {
		ids[domain.OrderKey{UserID: row.UserID, Key: row.IdempotencyKey}] = row.ID
	}
	return ids, err
}

// OrdersOf lists a user's orders, of one status if one is named, newest first, from the one after the cursor (empty: from the newest).
func (s *Store) OrdersOf(
	ctx context.Context, user domain.UserID, status domain.OrderStatus, after domain.OrderID, limit int,
) ([]domain.Order, error) {
	where, args := "user_id = ?", []any{user}
	if status != "" {
		where, args = where+" AND status = ?", append(args, status)
	}
	if after != "" {
		where, args = where+" AND id < ?", append(args, after)
	}
	return s.orders(ctx, where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
}

// OpenOrdersOf counts the orders of users that are undecided or unpaid, and their units.
func (s *Store) OpenOrdersOf(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.OpenOrders, error) {
	var rows []struct {
		UserID        domain.UserID
		Orders, Units int64
	}
	err := s.query(ctx, &rows, `SELECT o.user_id, COUNT(DISTINCT o.id) AS orders, CAST(COALESCE(SUM(i.quantity), 0) AS SIGNED) AS units
		FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.user_id IN ? AND o.status IN ('RECEIVED', 'HELD', 'PAYING') GROUP BY o.user_id`, users)
	open := map[domain.UserID]domain.OpenOrders{}
	for _, row := range rows {
		open[row.UserID] = domain.OpenOrders{Orders: row.Orders, Units: row.Units}
	}
	return open, err
}

// orders reads the orders of a condition with their items, newest first.
func (s *Store) orders(ctx context.Context, where string, args ...any) ([]domain.Order, error) {
	var lines []lineRow
	err := s.query(ctx, &lines, "SELECT "+orderColumns+", "+itemColumns+" FROM (SELECT * FROM orders WHERE "+where+
		") AS o JOIN order_items i ON i.order_id = o.id ORDER BY o.id DESC, i.line", args...)
	rows, items := gather(lines)
	orders := make([]domain.Order, len(rows))
	for i, row := range rows {
		orders[i] = row.order(items[row.ID])
	}
	return orders, err
}

// Receiver reads whom an order is sent to.
// Errors: NotFound; Internal if the value cannot be decrypted. An order whose shopper was erased has an empty receiver.
func (s *Store) Receiver(ctx context.Context, id domain.OrderID) (domain.Receiver, error) {
	var rows []struct{ Receiver []byte }
	if err := s.query(ctx, &rows, "SELECT receiver FROM orders WHERE id = ?", id); err != nil {
		return domain.Receiver{}, err
	}
	if len(rows) == 0 {
		return domain.Receiver{}, domain.Errorf(domain.CodeNotFound, "there is no order %s", id)
	}
	text, err := s.sealer.open(receiverPlace(id), rows[0].Receiver)
	if err != nil || text == "" {
		return domain.Receiver{}, err
	}
	var receiver domain.Receiver
	if err := json.Unmarshal([]byte(text), &receiver); err != nil {
		return domain.Receiver{}, domain.Wrap(domain.CodeInternal, err, "the receiver of "+string(id)+" is not readable")
	}
	return receiver, nil
}

func receiverPlace(id domain.OrderID) string { return "orders.receiver " + string(id) }

// SetAttention marks an order for a person, or takes the mark off.
// Errors: NotFound.
func (s *Store) SetAttention(ctx context.Context, in domain.AttentionChange) (domain.Order, error) {
	return s.changeOrder(ctx, in.OrderID, func(tx *gorm.DB, row *orderRow) error {
		if row.Attention == in.Attention && in.Actor == "" {
			return nil
		}
		row.Attention, row.actor, row.note = in.Attention, in.Actor, in.Note
		return s.save(tx, row)
	})
}

// changeOrder locks an order's row, lets change act on it and returns the row as it is afterwards.
// Errors: NotFound, and those of change.
func (s *Store) changeOrder(ctx context.Context, id domain.OrderID, change func(tx *gorm.DB, row *orderRow) error) (domain.Order, error) {
	var order domain.Order
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		row, items, err := s.lockOrder(tx, id)
		if err != nil {
			return err
		}
		err = change(tx, row)
		order = row.order(items)
		return err
	})
	return order, err
}

// lockOrder locks and reads an order's row with its items.
// Errors: NotFound.
func (s *Store) lockOrder(tx *gorm.DB, id domain.OrderID) (*orderRow, []itemRow, error) {
	var lines []lineRow
	err := tx.Raw("SELECT "+orderColumns+", "+itemColumns+", "+s.dialect.now()+" AS now FROM orders o JOIN order_items i ON i.order_id = o.id"+
		" WHERE o.id = ? ORDER BY i.line"+s.dialect.forUpdate(), id).Scan(&lines).Error
	rows, items := gather(lines)
	if err == nil && len(rows) == 0 {
		err = domain.Errorf(domain.CodeNotFound, "there is no order %s", id)
	}
	if err != nil {
		return nil, nil, err
	}
	return &rows[0], items[id], nil
}

// advance takes a locked order to its next status, with its event. It leaves the row as it is and says false if the table
// of transitions does not allow the step: the row wins.
func (s *Store) advance(tx *gorm.DB, row *orderRow, next domain.OrderStatus, reason string) (bool, error) {
	if !row.Status.CanBecome(next) {
		return false, nil
	}
	row.Status, row.Reason = next, reason
	return true, s.save(tx, row)
}

// save writes what may change of a locked order, one version up, and the event that says so.
func (s *Store) save(tx *gorm.DB, row *orderRow) error {
	row.Version++
	row.UpdatedAt = max(row.Now, row.UpdatedAt) // the lock may have been waited for, and time goes forward
	columns := "status = ?, reason = ?, attention = ?, declines = ?, version = ?, updated_at = ?"
	values := []any{row.Status, row.Reason, row.Attention, row.Declines, row.Version, row.UpdatedAt}
	if row.Status.Paid() { // the sweeper looks at it once it should have moved on
		columns += ", next_at = ?, return_by = ?, dispatch_after = ?"
		values = append(values, row.NextAt, row.ReturnBy, max(row.NextAt, row.UpdatedAt))
	}
	if err := tx.Exec("UPDATE orders SET "+columns+" WHERE id = ?", append(values, row.ID)...).Error; err != nil {
		return err
	}
	return tx.Create(eventOf(row)).Error
}

// txNow is the database's time inside a transaction.
func (s *Store) txNow(tx *gorm.DB) (int64, error) {
	var now int64
	err := tx.Raw("SELECT " + s.dialect.now()).Scan(&now).Error
	return now, err
}
