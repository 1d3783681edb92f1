package store

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

// reservationRow is a row of reservations.
type reservationRow struct {
	OrderID   domain.OrderID
	ProductID domain.ProductID
	UserID    domain.UserID
	Quantity  int
	Status    domain.ReservationStatus
	CreatedAt int64
	UpdatedAt int64
}

// TableName tells gorm the table.
func (reservationRow) TableName() string { return "reservations" }

// Reserve decides a batch of orders in one transaction, in ticket order, each all or nothing. An order that is no longer
// RECEIVED is answered with what its row says.
// Errors: StaleFenceError (code Fenced) if a lock of the batch was overtaken; Unavailable, Conflict, Internal. After an error
// nothing of the batch is decided.
func (s *Store) Reserve(ctx context.Context, batch domain.ReserveBatch) ([]domain.ReserveAnswer, error) {
	var d *decision
	err := s.InTx(ctx, func(tx *gorm.DB) (err error) {
		if d, err = s.openDecision(tx, batch); err != nil {
			return err
		}
		d.decide()
		return s.writeDecision(tx, d)
	})
	if err != nil {
		return nil, err
	}
	return d.answers(batch.Orders), nil
}

// decision is a batch between its locks and its writes.
type decision struct {
	batch  domain.ReserveBatch
	now    int64
	orders []orderRow // in ticket order
	items  map[domain.OrderID][]itemRow
	stocks map[domain.ProductID]*lockedStock
	owned  map[holding]int64 // units held and bought, by shopper and product

	taken   map[domain.ProductID]int64
	changed []int // indexes into orders
}

// lockedStock is a product's locked stock, and what limits its sale.
type lockedStock struct {
	Stock           stockRow `gorm:"embedded"`
	OnSale          bool
	ClosesAt        int64
	LimitPerShopper int64
}

type holding struct {
	UserID    domain.UserID
	ProductID domain.ProductID
}

// openDecision acquires the locks, in the order of ARCHITECTURE, and reads all that the decision needs.
func (s *Store) openDecision(tx *gorm.DB, batch domain.ReserveBatch) (*decision, error) {
	d := &decision{batch: batch, taken: map[domain.ProductID]int64{}}
	if err := s.readStocks(tx, d); err != nil {
		return nil, err
	}
	for product, locked := range d.stocks {
		d.now = locked.Stock.Now
		if fence := d.fenceOf(product); fence != domain.NoFence && fence < locked.Stock.Fence {
			return nil, &domain.StaleFenceError{ProductID: product, RowFence: locked.Stock.Fence}
		}
	}
	if err := s.lockBatch(tx, d); err != nil {
		return nil, err
	}
	slices.SortFunc(d.orders, byTicket)
	return d, d.readHoldings(tx)
}

// readStocks locks the stock of the batch's products, sorted by product, and reads what limits their sale, in one statement.
func (s *Store) readStocks(tx *gorm.DB, d *decision) error {
	var rows []lockedStock
	rule := func(column string) string {
		return "(SELECT " + column + " FROM products p WHERE p.id = s.product_id AND p.deleted_at IS NULL)"
	}
	err := tx.Raw("SELECT s.product_id, s.available, s.fence, "+s.dialect.now()+" AS now, "+rule("1")+" IS NOT NULL AS on_sale, "+
		"COALESCE("+rule("closes_at")+", 0) AS closes_at, COALESCE("+rule("limit_per_shopper")+", 0) AS limit_per_shopper "+
		"FROM stocks s WHERE s.product_id IN ? ORDER BY s.product_id"+s.dialect.forUpdate(),
		slices.Sorted(slices.Values(d.batch.Products))).Scan(&rows).Error
	d.stocks = map[domain.ProductID]*lockedStock{}
	for i := range rows {
		d.stocks[rows[i].Stock.ProductID] = &rows[i]
	}
	return err
}

// lockBatch locks the orders of the batch, sorted by id, and reads them with their items in one statement; names and amounts
// are not among what it reads.
func (s *Store) lockBatch(tx *gorm.DB, d *decision) error {
	var rows []struct {
		Order     orderRow `gorm:"embedded"`
		ProductID domain.ProductID
		Quantity  int
		Entry     int64
	}
	err := tx.Raw(
		`SELECT o.id, o.user_id, o.status, o.reason, o.attention, o.ticket, o.currency, o.pay_by, o.next_at, o.return_by, o.declines, o.version, o.created_at, o.updated_at, o.from_cart,
		i.product_id, i.quantity, i.ticket AS entry FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.id IN ? ORDER BY o.id`+s.dialect.forUpdate(),
		d.batch.Orders,
	).
		Scan(&rows).Error
	d.items = map[domain.OrderID][]itemRow{}
	for _, row := range rows {
		if !slices.Contains(d.batch.Products, row.ProductID) {
			return domain.Errorf(domain.CodeInternal, "order %s wants %s, whose stock is not locked", row.Order.ID, row.ProductID)
		}
		if len(d.items[row.Order.ID]) == 0 {
			d.orders = append(d.orders, row.Order)
		}
		d.items[row.Order.ID] = append(d.items[row.Order.ID],
			itemRow{OrderID: row.Order.ID, ProductID: row.ProductID, Quantity: row.Quantity, Ticket: row.Entry})
	}
	return err
}

// byTicket sorts by the gate's ticket; orders that were taken without one come after, by age, which their id tells.
func byTicket(a, b orderRow) int {
	ticket := func(row orderRow) int64 {
		if row.Ticket == 0 {
			return math.MaxInt64
		}
		return row.Ticket
	}
	return cmp.Or(cmp.Compare(ticket(a), ticket(b)), cmp.Compare(a.ID, b.ID))
}

// fenceOf is the token of a product's lock; a product without one is written as without a lock.
func (d *decision) fenceOf(id domain.ProductID) int64 {
	if fence, ok := d.batch.Fences[id]; ok {
		return fence
	}
	return domain.NoFence
}

// readHoldings reads what the batch's shoppers own of the products that have a limit.
func (d *decision) readHoldings(tx *gorm.DB) error {
	d.owned = map[holding]int64{}
	var limited []domain.ProductID
	for id, locked := range d.stocks {
		if locked.LimitPerShopper > 0 {
			limited = append(limited, id)
		}
	}
	if len(limited) == 0 {
		return nil
	}
	users := make([]domain.UserID, len(d.orders))
	for i, row := range d.orders {
		users[i] = row.UserID
	}
	var rows []struct {
		UserID    domain.UserID
		ProductID domain.ProductID
		Quantity  int64
	}
	err := tx.Raw(`SELECT user_id, product_id, CAST(SUM(quantity) AS SIGNED) AS quantity FROM reservations
		WHERE product_id IN ? AND user_id IN ? AND status IN ('HELD', 'SOLD') GROUP BY user_id, product_id`, limited, users).Scan(&rows).Error
	for _, row := range rows {
		d.owned[holding{row.UserID, row.ProductID}] = row.Quantity
	}
	return err
}

// decide goes through the orders in ticket order. It writes nothing.
func (d *decision) decide() {
	for i := range d.orders {
		row := &d.orders[i]
		if row.Status != domain.StatusReceived {
			continue
		}
		d.changed = append(d.changed, i)
		row.Version++
		row.UpdatedAt = d.now
		if reason := d.refusal(*row); reason != "" {
			row.Status, row.Reason = domain.StatusRefused, reason
			continue
		}
		row.Status = domain.StatusHeld
		row.PayBy = d.now + d.batch.PayWithin.Milliseconds()
		for _, item := range d.items[row.ID] {
			d.taken[item.ProductID] += int64(item.Quantity)
			d.owned[holding{row.UserID, item.ProductID}] += int64(item.Quantity)
		}
	}
}

// refusal says why an order gets nothing, or "".
func (d *decision) refusal(row orderRow) string {
	soldOut := ""
	for _, item := range d.items[row.ID] {
		locked := d.stocks[item.ProductID]
		owned := d.owned[holding{row.UserID, item.ProductID}]
		switch {
		case locked == nil || !locked.OnSale || locked.ClosesAt > 0 && row.CreatedAt >= locked.ClosesAt:
			return domain.ReasonClosed
		case locked.LimitPerShopper > 0 && owned+int64(item.Quantity) > locked.LimitPerShopper:
			return domain.ReasonLimitExceeded
		case d.taken[item.ProductID]+int64(item.Quantity) > locked.Stock.Available:
			soldOut = domain.ReasonSoldOut
		}
	}
	return soldOut
}

// answers returns the rows, as far as they were read, in the order in which they were asked for. Orders that do not exist have
// none.
func (d *decision) answers(asked []domain.OrderID) []domain.ReserveAnswer {
	byID := map[domain.OrderID]domain.ReserveAnswer{}
	for i, row := range d.orders {
		byID[row.ID] = domain.ReserveAnswer{Order: row.order(d.items[row.ID]), Changed: slices.Contains(d.changed, i)}
	}
	var answers []domain.ReserveAnswer
	for _, id := range asked {
		if answer, ok := byID[id]; ok {
			answers = append(answers, answer)
		}
	}
	return answers
}
