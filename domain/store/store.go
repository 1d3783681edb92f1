package store

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"runrun/domain"
)

// Config says where the truth lies.
type Config struct {
	// DSN is a go-sql-driver DSN for MySQL or MariaDB, or sqlite:PATH.
	DSN string `name:"mysql-dsn" env:"MYSQL_DSN" default:"sqlite:.data/runrun.db" help:"Database: a MySQL or MariaDB DSN (user:password@tcp(host:3306)/name), or sqlite:PATH."`
	// MaxConnections bounds the pool; requests beyond it wait for a connection, within their own limit.
	MaxConnections int `name:"db-max-connections" env:"DB_MAX_CONNECTIONS" default:"32" help:"Most connections to the database (SQLite: at most 4)."`
	// DataKey encrypts personal data.
	DataKey string `name:"data-key" env:"DATA_KEY" default:"1:cnVucnVuLWRldmVsb3BtZW50LWRhdGEta2V5LTAwMDE=" help:"Keys of personal data, newest last: VERSION:BASE64[,VERSION:BASE64…], 32 bytes each."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.MaxConnections < 2 || c.MaxConnections > mostConnections { // one holds the migration's lock while another migrates
		errs = append(errs, domain.Errorf(domain.CodeValidation, "db-max-connections: 2 to %d, not %d", mostConnections, c.MaxConnections))
	}
	if _, err := newSealer(c.DataKey); err != nil {
		errs = append(errs, err)
	}
	if err := checkDSN(c.DSN); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Local reports whether the database is on this machine.
func (c Config) Local() bool {
	if strings.HasPrefix(c.DSN, sqlitePrefix) {
		return true
	}
	cfg, err := driver.ParseDSN(c.DSN)
	if err != nil || cfg.Net == "unix" {
		return err == nil
	}
	host, _, err := net.SplitHostPort(cfg.Addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// mostConnections bounds one process's pool. A MySQL server allows 151 by default, for all processes together: four with the default
// pool of 32 fit.
const mostConnections = 140

// Store is the database. It is safe for concurrent use.
type Store struct {
	db      *gorm.DB
	pool    *sql.DB
	dialect dialect
	sealer  *sealer
}

// Open connects, without touching the schema.
// Errors: Unavailable, if the database may answer later.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	d, err := dialectOf(cfg.DSN)
	if err != nil {
		return nil, err
	}
	seal, err := newSealer(cfg.DataKey)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(d.gorm(), &gorm.Config{
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard, // errors are returned, and logged where they are handled
	})
	if err != nil {
		return nil, (&Store{dialect: d}).classify(err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	most := d.maxConnections(cfg.MaxConnections)
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{db: db, pool: pool, dialect: d, sealer: seal}
	if err := s.Ping(ctx); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return s, nil
}

// Ping reports whether the database answers.
// Errors: Unavailable.
func (s *Store) Ping(ctx context.Context) error { return s.classify(s.pool.PingContext(ctx)) }

// Close gives the connections back.
func (s *Store) Close() error { return s.pool.Close() }

// Dialect names the kind of database: mysql or sqlite.
func (s *Store) Dialect() string { return s.dialect.name() }

// DB gives tests a way past the store, to break it at one exact statement.
func (s *Store) DB() *sql.DB { return s.pool }

// query runs a statement that reads into dest, a pointer to a struct or to a slice of structs.
func (s *Store) query(ctx context.Context, dest any, stmt string, args ...any) error {
	return s.classify(s.db.WithContext(ctx).Raw(stmt, args...).Scan(dest).Error)
}

// Now returns the database's time.
// Errors: Unavailable.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now int64
	if err := s.query(ctx, &now, "SELECT "+s.dialect.now()); err != nil {
		return time.Time{}, err
	}
	return fromMillis(now), nil
}

// fromMillis turns a column into a time; 0 is the zero time.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// toMillis is the reverse of fromMillis, with NULL for the zero time.
func toMillis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
