// Package storetest gives tests a real, migrated and empty database: SQLite always, MySQL or MariaDB where MYSQL_DSN names a
// server. With CI=true a missing server is a failure, not a skip.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/uuid"

	"runrun/domain"
	"runrun/domain/store"
)

// Each runs the test on every database there is.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Open(t, SQLite(t))) })
	t.Run("mysql", func(t *testing.T) { test(t, Open(t, MySQL(t))) })
}

// SQLite returns the configuration of a fresh file.
func SQLite(t testing.TB) store.Config {
	t.Helper()
	return config("sqlite:" + filepath.Join(t.TempDir(), "shop.db"))
}

// MySQL returns the configuration of a fresh database on the server of MYSQL_DSN, dropped when the test ends.
func MySQL(t testing.TB) store.Config {
	t.Helper()
	dsn := os.Getenv("MYSQL_DSN")
	if dsn == "" || strings.HasPrefix(dsn, "sqlite:") {
		if os.Getenv("CI") == "true" {
			t.Fatal("MYSQL_DSN is not set, and in CI the tests run on MySQL too")
		}
		t.Skip("MYSQL_DSN is not set")
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatalf("MYSQL_DSN: %v", err)
	}
	name := "runrun_test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	execute(t, *cfg, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, *cfg, "DROP DATABASE "+name) })
	cfg.DBName = name
	return config(cfg.FormatDSN())
}

func config(dsn string) store.Config {
	return store.Config{DSN: dsn, MaxConnections: 16, DataKey: store.DevelopmentDataKey}
}

func execute(t testing.TB, cfg mysql.Config, statement string) {
	t.Helper()
	cfg.DBName = ""
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Open opens and migrates a database, closed when the test ends.
func Open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// Exec runs raw SQL, to bring a database into a state that the store would not.
func Exec(t testing.TB, s *store.Store, statement string, args ...any) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

var last atomic.Int64

// ID makes an id that sorts after all made before it.
func ID(prefix string) string { return fmt.Sprintf("%s%012d", prefix, last.Add(1)) }

// Product puts a product of 1,000 won with the given units on sale; change may alter it first.
func Product(t testing.TB, s *store.Store, units int64, change ...func(*domain.Product)) domain.Product {
	t.Helper()
	p := domain.Product{
		ID: domain.ProductID(ID(domain.ProductPrefix)), BrandID: "brd_test", Name: "Sneaker", Category: "shoes", Price: domain.Won(1000),
	}
	for _, alter := range change {
		alter(&p)
	}
	if err := s.AddProduct(t.Context(), p, units); err != nil {
		t.Fatal(err)
	}
	return p
}

// Limit sets a product's limit per shopper.
func Limit(n int) func(*domain.Product) {
	return func(p *domain.Product) { p.LimitPerShopper = n }
}

// NewOrder makes an order that is not written yet.
func NewOrder(user domain.UserID, items ...domain.OrderItem) domain.NewOrder {
	var total int64
	for _, item := range items {
		total += item.UnitPrice.Amount * int64(item.Quantity)
	}
	id := ID(domain.OrderPrefix)
	return domain.NewOrder{
		ID: domain.OrderID(id), UserID: user, IdempotencyKey: "key-" + id, Fingerprint: "print", Name: domain.OrderName(items), Items: items,
		Quote:    domain.Quote{Total: domain.Won(total), Delivery: domain.Won(0), Due: domain.Won(total)},
		Receiver: domain.Receiver{Name: "Kim Minji", Phone: "010-1234-5678", ZipCode: "04524", Address: "110 Sejong-daero, Seoul"},
	}
}

// Item is a line of an order.
func Item(p domain.Product, quantity int) domain.OrderItem {
	return domain.OrderItem{ProductID: p.ID, Name: p.Name, Quantity: quantity, UnitPrice: p.Price}
}

// Received writes an order and returns its id.
func Received(t testing.TB, s *store.Store, user domain.UserID, items ...domain.OrderItem) domain.OrderID {
	t.Helper()
	order := NewOrder(user, items...)
	accepted, err := s.Accept(t.Context(), []domain.NewOrder{order})
	if err != nil || !accepted[0] {
		t.Fatalf("accept: %v, %v", accepted, err)
	}
	return order.ID
}

// Held writes an order and reserves its units for ten minutes.
func Held(t testing.TB, s *store.Store, user domain.UserID, items ...domain.OrderItem) domain.OrderID {
	t.Helper()
	id := Received(t, s, user, items...)
	if got := Reserve(t, s, id)[0]; got.Status != domain.StatusHeld {
		t.Fatalf("order %s is %s (%s), want HELD", id, got.Status, got.Reason)
	}
	return id
}

// PassDeadline lets an order's time to pay be over.
func PassDeadline(t testing.TB, s *store.Store, id domain.OrderID) {
	t.Helper()
	Exec(t, s, "UPDATE orders SET pay_by = 1 WHERE id = ?", id)
}

// Reserve decides orders in one batch, without a lock, and returns their rows.
func Reserve(t testing.TB, s *store.Store, ids ...domain.OrderID) []domain.Order {
	t.Helper()
	found, err := s.OrdersByID(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	batch := domain.ReserveBatch{Orders: ids, PayWithin: 10 * time.Minute}
	for _, o := range found {
		for _, item := range o.Items {
			batch.Products = append(batch.Products, item.ProductID)
		}
	}
	answers, err := s.Reserve(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	orders := make([]domain.Order, len(answers))
	for i, answer := range answers {
		orders[i] = answer.Order
	}
	return orders
}

// WantStock compares a product's stock with what it should be, by both ways to read it, and demands that it balances.
func WantStock(t testing.TB, s *store.Store, id domain.ProductID, available, held, sold int64) {
	t.Helper()
	type read func(context.Context, domain.ProductID) (domain.Stock, error)
	for name, stock := range map[string]read{"read": s.Stock, "counted": s.CountStock} {
		got, err := stock(context.WithoutCancel(t.Context()), id)
		if err != nil {
			t.Fatal(err)
		}
		if got.Available != available || got.Held != held || got.Sold != sold || !got.Balanced() {
			t.Errorf("stock of %s, %s: total %d = %d available + %d held + %d sold, want %d + %d + %d",
				id, name, got.Total, got.Available, got.Held, got.Sold, available, held, sold)
		}
	}
}

// Count runs a statement that reads one number.
func Count(t testing.TB, s *store.Store, statement string, args ...any) (count int) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), statement, args...).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}
