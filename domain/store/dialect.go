package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	driver "github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"runrun/domain"
)

// dialect is what differs between the databases. Everything else is the same SQL.
type dialect interface {
	name() string
	gorm() gorm.Dialector
	goose() goose.Dialect
	maxConnections(asked int) int
	// now is an expression for the database's time in milliseconds.
	now() string
	// forUpdate is the suffix that locks the rows of a SELECT.
	forUpdate() string
	// skipLocked is the same, but passes over rows that another transaction has locked.
	skipLocked() string
	// onDuplicate is the suffix by which an INSERT leaves an existing row of the unique key as it is. It is never INSERT
	// IGNORE, which would swallow other errors too.
	onDuplicate(key ...string) string
	// transaction runs fn between BEGIN and COMMIT, and leaves no transaction open whatever fails.
	transaction(db *gorm.DB, fn func(tx *gorm.DB) error) error
	// enter waits for the turn to write; the returned function ends the turn.
	enter(ctx context.Context) (leave func(), err error)
	// migrationLock keeps two processes from migrating at once; the returned function unlocks.
	migrationLock(ctx context.Context, db *sql.DB) (unlock func(), err error)
	// code tells driver errors apart by number: "" if the number means nothing to us.
	code(err error) domain.Code
}

// sqlitePrefix marks a DSN that is a path.
const sqlitePrefix = "sqlite:"

func dialectOf(dsn string) (dialect, error) {
	if path, ok := strings.CutPrefix(dsn, sqlitePrefix); ok {
		return newSQLite(path)
	}
	return newMySQL(dsn)
}

// checkDSN reports what is wrong with a DSN, without opening or creating anything.
func checkDSN(dsn string) error {
	if path, ok := strings.CutPrefix(dsn, sqlitePrefix); ok {
		return checkPath(path)
	}
	_, err := newMySQL(dsn)
	return err
}

func checkPath(path string) error {
	if path == "" || path == ":memory:" {
		return domain.Errorf(domain.CodeValidation, "mysql-dsn: sqlite: wants the path of a file")
	}
	return nil
}

// mySQL speaks to MySQL 8 and to MariaDB.
type mySQL struct{ connector sqldriver.Connector }

func newMySQL(dsn string) (dialect, error) {
	cfg, err := driver.ParseDSN(dsn)
	if err != nil || cfg.DBName == "" {
		return nil, domain.Errorf(domain.CodeValidation, "mysql-dsn: want user:password@tcp(host:port)/name or sqlite:PATH")
	}
	cfg.Params = map[string]string{"time_zone": "'+00:00'"}
	cfg.ClientFoundRows = true   // "0 rows" must mean that the condition failed, not that nothing changed
	cfg.InterpolateParams = true // one round trip instead of two
	cfg.Collation = "utf8mb4_bin"
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = 30 * time.Second
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = 30 * time.Second
	}
	cfg.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(cfg)
	return mySQL{connector}, err
}

func (mySQL) name() string { return "mysql" }
func (d mySQL) gorm() gorm.Dialector {
	return mysql.New(mysql.Config{Conn: sql.OpenDB(readCommitted{d.connector})})
}
func (mySQL) goose() goose.Dialect         { return goose.DialectMySQL }
func (mySQL) maxConnections(asked int) int { return asked }
func (mySQL) now() string                  { return "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)" }
func (mySQL) forUpdate() string            { return " FOR UPDATE" }
func (mySQL) skipLocked() string           { return " FOR UPDATE SKIP LOCKED" }
func (mySQL) onDuplicate(key ...string) string {
	return " ON DUPLICATE KEY UPDATE " + key[0] + " = " + key[0]
}

func (mySQL) transaction(db *gorm.DB, fn func(tx *gorm.DB) error) error {
	return db.Transaction(fn)
}

// readCommitted opens sessions whose transactions are READ COMMITTED: asked for with each transaction it would be a statement more.
type readCommitted struct{ sqldriver.Connector }

func (c readCommitted) Connect(ctx context.Context) (sqldriver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	session, ok := conn.(sqldriver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver cannot set the isolation of a session"), conn.Close())
	}
	if _, err := session.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (mySQL) enter(context.Context) (leave func(), _ error) { return func() {}, nil }

func (mySQL) migrationLock(ctx context.Context, db *sql.DB) (func(), error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('migrate ', DATABASE()), 25)").Scan(&got); err != nil || got.Int64 != 1 {
		_ = conn.Close()
		return nil, domain.Wrap(domain.CodeUnavailable, err, "another process is migrating the database")
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT RELEASE_LOCK(CONCAT('migrate ', DATABASE()))")
		_ = conn.Close()
	}, nil
}

// sqLite is the embedded database. It has one writer at a time: turn queues those of this process in order of arrival,
// which SQLite's own polling does not; other processes are waited for by busy_timeout.
type sqLite struct {
	dsn  string
	turn chan struct{}
}

func newSQLite(path string) (dialect, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	dsn := "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(ON)"
	return &sqLite{dsn: dsn, turn: make(chan struct{}, 1)}, nil
}

func (*sqLite) name() string           { return "sqlite" }
func (d *sqLite) gorm() gorm.Dialector { return sqlite.Open(d.dsn) }
func (*sqLite) goose() goose.Dialect   { return goose.DialectSQLite3 }
func (*sqLite) maxConnections(asked int) int {
	return min(asked, 4) // more connections only wait for the one writer
}
func (*sqLite) now() string {
	return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"
}
func (*sqLite) forUpdate() string  { return "" } // BEGIN IMMEDIATE has locked everything
func (*sqLite) skipLocked() string { return "" }
func (*sqLite) onDuplicate(key ...string) string {
	return " ON CONFLICT (" + strings.Join(key, ", ") + ") DO NOTHING"
}

// transaction pins a connection: a COMMIT that fails leaves SQLite's transaction open, and the next user of the connection
// would find itself inside it.
func (*sqLite) transaction(db *gorm.DB, fn func(tx *gorm.DB) error) error {
	return db.Connection(func(conn *gorm.DB) error {
		err := conn.Transaction(fn)
		if err != nil {
			conn.WithContext(context.WithoutCancel(conn.Statement.Context)).Exec("ROLLBACK") // fails where there is nothing to roll back
		}
		return err
	})
}

func (d *sqLite) enter(ctx context.Context) (func(), error) {
	select {
	case d.turn <- struct{}{}:
		return func() { <-d.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (d *sqLite) migrationLock(ctx context.Context, _ *sql.DB) (func(), error) { return d.enter(ctx) }
