package system

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"runrun/deploy/allinone/process"
	pgmock "runrun/deploy/pgmock/server"
	"runrun/domain"
	"runrun/domain/ops"
	"runrun/workflows"
)

// Config is what the command can be told by flag.
type Config struct {
	Ephemeral bool       `help:"Keep no data: everything is gone at the end."`
	Data      string     `default:".data" help:"Folder that keeps the data."`
	FastLife  bool       `help:"Let a paid order live its whole life within a minute: ship, deliver and complete it after seconds."`
	Demo      bool       `help:"Run a small drop, print what happened, and end: exit 0 only if everything balances."`
	Exec      string     `help:"Run this command when everything is open, with API_URL, PG_URL and TEMPORAL_ADDRESS set, and end with it."`
	Workers   bool       `default:"true" negatable:"" help:"Run a worker in this process (--no-workers leaves that to others)."`
	LogLevel  slog.Level `default:"ERROR" help:"Least severe log lines to show."`

	API        string `default:"127.0.0.1:8080" help:"Address of the API, empty for none; port 0 picks a free one, here and below."`
	APIOps     string `name:"api-ops" default:"127.0.0.1:8082" help:"Address of the API's metrics."`
	Worker     string `default:"127.0.0.1:8081" help:"Address of the worker's metrics."`
	PGMock     string `name:"pgmock" default:"127.0.0.1:8090" help:"Address of the payment gateway's mock."`
	Temporal   int    `default:"7233" help:"Port of the Temporal server."`
	TemporalUI int    `name:"temporal-ui" default:"8233" help:"Port of its Web UI."`
	Postgres   string `name:"temporal-postgres" help:"Let it keep its data in PostgreSQL, postgres://USER:PASSWORD@HOST:PORT/DATABASE, instead of SQLite."`

	// TemporalFlags are more flags of the Temporal server.
	TemporalFlags []string `kong:"-"`
	// Adjust lets tests change the settings that otherwise come from the environment.
	Adjust func(*Settings) `kong:"-"`
}

// demoPayWithin is short, so that the demo sees what becomes of those who walk away.
const demoPayWithin = 10 * time.Second

// fastLife leaves enough time to cancel and to return an order by hand.
var fastLife = domain.Fulfilment{
	ShipAfter: 15 * time.Second, DeliverAfter: 10 * time.Second, CompleteAfter: 25 * time.Second,
	ReturnWithin: 20 * time.Second, ReturnAfter: 10 * time.Second,
}

// Settings are those of the parts, from the environment and with the addresses of what is embedded.
type Settings struct {
	process.Config
	PGMock pgmock.Config
}

// holdStarts lets everybody in a rush be told yes or no before Temporal and the workers take the machine that all of them share.
const holdStarts = 3 * time.Second

// settings puts the parts' configurations together. What the environment does not name is embedded.
func (c Config) settings() (*Settings, error) {
	var s Settings
	var err error
	if s.Config, err = process.FromEnvironment(); err != nil {
		return nil, err
	}
	if _, err := ops.Parse(&s.PGMock, nil); err != nil {
		return nil, fmt.Errorf("pgmock: %w", err)
	}
	s.NoAPI, s.NoWorker = c.API == "", !c.Workers
	s.API.Listen, s.API.OpsListen, s.Worker.Listen, s.PGMock.Listen = c.API, c.APIOps, c.Worker, c.PGMock
	if os.Getenv("MYSQL_DSN") == "" {
		s.SetDSN("sqlite:" + filepath.Join(c.Data, "runrun.db"))
	}
	if os.Getenv("BLOB_URL") == "" {
		s.API.Blob.URL = filepath.Join(c.Data, "images")
	}
	if !c.Ephemeral {
		s.PGMock.DataFile = filepath.Join(c.Data, "pgmock.json")
	}
	if os.Getenv("HOLD_STARTS") == "" {
		s.API.HoldStarts = holdStarts
	}
	if c.Demo && os.Getenv("PAY_WITHIN") == "" {
		s.API.PayWithin = demoPayWithin
	}
	if c.FastLife {
		s.SetFulfilment(fastLife)
	}
	if c.Adjust != nil {
		c.Adjust(&s)
	}
	return &s, nil
}

// SetDSN sets the database of all parts.
func (s *Settings) SetDSN(dsn string) { s.API.Store.DSN, s.Worker.Store.DSN = dsn, dsn }

// SetFulfilment sets how paid orders go on, for all parts.
func (s *Settings) SetFulfilment(f domain.Fulfilment) {
	for _, part := range []*workflows.Settings{&s.API.Settings, &s.Worker.Orders} {
		part.ShipAfter, part.DeliverAfter, part.CompleteAfter = f.ShipAfter, f.DeliverAfter, f.CompleteAfter
		part.ReturnWithin, part.ReturnAfter = f.ReturnWithin, f.ReturnAfter
	}
}

// SetRedis sets the Redis of all parts.
func (s *Settings) SetRedis(addr string) { s.API.Redis.Addr, s.Worker.Redis.Addr = addr, addr }

// SetTemporal sets the Temporal of all parts.
func (s *Settings) SetTemporal(addr string) {
	s.API.Temporal.Address, s.Worker.Temporal.Address = addr, addr
}

// Root finds the repository, so that the command works from any folder of it.
func Root() (string, error) {
	folder, err := os.Getwd()
	for err == nil {
		text, readErr := os.ReadFile(filepath.Join(folder, "go.mod")) //nolint:gosec // our own tree
		if readErr == nil && strings.HasPrefix(string(text), "module runrun\n") {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", fmt.Errorf("run this inside the repository: there is no go.mod of module runrun above")
		}
		folder = parent
	}
	return "", err
}
