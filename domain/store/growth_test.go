package store_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// onSale is the product of which there are both old orders and new ones.
const onSale = domain.ProductID("prd_on-sale")

type read func(ctx context.Context, s *store.Store) error

// reads are what the shop asks all day.
var reads = map[string]read{
	"stock of a product": func(ctx context.Context, s *store.Store) error {
		_, err := s.Stock(ctx, onSale)
		return err
	},
	"list a shopper's orders": func(ctx context.Context, s *store.Store) error {
		_, err := s.OrdersOf(ctx, "usr_past7", "", "", 20)
		return err
	},
	"open orders of 64 shoppers": func(ctx context.Context, s *store.Store) error {
		users := make([]domain.UserID, 64)
		for n := range users {
			users[n] = domain.UserID(fmt.Sprint("usr_past", n))
		}
		_, err := s.OpenOrdersOf(ctx, users)
		return err
	},
	"sweeper: nothing to do": func(ctx context.Context, s *store.Store) error {
		if _, err := s.ClaimUndispatched(ctx, 100, time.Minute); err != nil {
			return err
		}
		_, err := s.ClaimOverdue(ctx, 100, time.Minute, time.Minute)
		return err
	},
	"orders with attention": func(ctx context.Context, s *store.Store) error {
		_, err := s.CountAttention(ctx)
		return err
	},
	"gate: compared": func(ctx context.Context, s *store.Store) error {
		if _, err := s.LastTicket(ctx, onSale); err != nil {
			return err
		}
		_, err := s.Claims(ctx, onSale, []int64{1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
		return err
	},
}

// However many orders there were: what the shop asks all day reads the present. MySQL counts the rows that a connection reads.
func TestThePastIsNotRead(t *testing.T) {
	cfg := storetest.MySQL(t)
	storetest.Open(t, cfg) // a migration takes more connections than the one that counts
	cfg.MaxConnections = 1
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	storetest.Product(t, s, domain.MaxUnits, func(p *domain.Product) { p.ID = onSale })
	writeOrders(t, s, written{domain.StatusPlaced, everyTenth, 100, 0, 20_000}) // 2,000 of the product, 200 of each shopper
	writeOrders(t, s, written{domain.StatusHeld, noneOnSale, 10_000, 0, 5_000}) // one of each shopper, of whom 64 are asked for
	storetest.Exec(t, s, "ANALYZE TABLE orders, order_items, reservations")
	rowsRead := func() (sum int) {
		rows, err := s.DB().QueryContext(t.Context(), "SHOW SESSION STATUS LIKE 'Handler_read%'")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name, value string
			if err := rows.Scan(&name, &value); err != nil {
				t.Fatal(err)
			}
			count, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			sum += count
		}
		return sum
	}
	const most = 500 // each of the 64 shoppers is looked up three times, and the status counts itself
	for name, act := range reads {
		before := rowsRead()
		if err := act(t.Context(), s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if count := rowsRead() - before; count > most {
			t.Errorf("%s: reads %d rows, want at most %d", name, count, most)
		} else {
			t.Logf("%s: %d rows", name, count)
		}
	}
}

// firstID makes numbers of one length, so that ids sort as they were written.
const firstID = 1_000_000_000

// Which product an order is of, in SQL, where i is its number.
const (
	everyTenth = "CASE WHEN i % 10 = 0 THEN '" + string(onSale) + "' ELSE CONCAT('prd_past', i % 1000) END"
	allOnSale  = "'" + string(onSale) + "'"
	noneOnSale = "'prd_other'"
)

// written are orders from..to-1 of a status, spread over shoppers.
type written struct {
	status   domain.OrderStatus
	product  string
	shoppers int
	from, to int
}

// writeOrders fills the tables as a purchase leaves them.
func writeOrders(t testing.TB, s *store.Store, w written) {
	t.Helper()
	status, product, from, to := w.status, w.product, w.from, w.to
	reserved := map[domain.OrderStatus]string{domain.StatusHeld: "HELD", domain.StatusPlaced: "SOLD"}[status]
	user := fmt.Sprintf("CONCAT('usr_past', i %% %d)", w.shoppers)
	id := fmt.Sprintf("CONCAT('ord_%s', %d + i)", status, firstID)
	now := time.Now().UnixMilli()
	payBy := now + time.Hour.Milliseconds()
	fill := []struct {
		into, values string
		args         []any
	}{
		{
			`orders (id, user_id, idempotency_key, fingerprint, status, reason, attention, ticket, name, total_amount, delivery_amount,
			due_amount, currency, receiver, pay_by, declines, version, dispatch_after, created_at, updated_at)`,
			id + ", " + user + ", CONCAT('" + string(status) + "', i), 'print', ?, '', '', i, 'Sneaker', 1000, 0, 1000, 'KRW', '', ?, 0, 4, ?, ?, ?",
			[]any{status, payBy, payBy, now, now},
		},
		{
			"order_items (order_id, line, product_id, name, quantity, unit_price, ticket)",
			id + ", 0, " + product + ", 'Sneaker', 1, 1000, i", nil,
		},
		{
			"reservations (order_id, product_id, user_id, quantity, status, created_at, updated_at)",
			id + ", " + product + ", " + user + ", 1, '" + reserved + "', ?, ?", []any{now, now},
		},
		{"order_events (order_id, seq, status, reason, attention, at)", id + ", 1, 'RECEIVED', '', '', ?", []any{now}},
		{"order_events (order_id, seq, status, reason, attention, at)", id + ", 2, 'HELD', '', '', ?", []any{now}},
	}
	if status == domain.StatusPlaced {
		fill = append(fill, struct {
			into, values string
			args         []any
		}{
			"payments (order_id, payment_key, attempt, amount, currency, status, code, message, approved_at, created_at, updated_at)",
			id + ", CONCAT('pay', i), 1, 1000, 'KRW', 'DONE', '', '', ?, ?, ?", []any{now, now, now},
		})
	}
	const numbers = "WITH RECURSIVE digits(d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digits WHERE d < 999), " +
		"n(i) AS (SELECT a.d * 1000 + b.d FROM digits a, digits b WHERE a.d >= ? AND a.d < ?) "
	const chunk = 50_000
	for ; from < to; from += chunk {
		end := min(to, from+chunk)
		for _, f := range fill {
			args := append([]any{from / 1000, end / 1000}, f.args...)
			storetest.Exec(t, s, "INSERT INTO "+f.into+" "+numbers+"SELECT "+f.values+" FROM n", args...)
		}
		storetest.Exec(t, s, `UPDATE stocks SET available = available - (SELECT COUNT(*) FROM reservations WHERE product_id = ? AND order_id >= ? AND order_id < ?)
			WHERE product_id = ?`, onSale, fmt.Sprintf("ord_%s%d", status, firstID+from), fmt.Sprintf("ord_%s%d", status, firstID+end), onSale)
	}
}
