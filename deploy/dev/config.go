package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	api "runrun/api/server"
	pgmock "runrun/deploy/pgmock/server"
	"runrun/domain/ops"
	"runrun/worker/pool"
)

// Config is what the command can be told by flag.
type Config struct {
	Ephemeral bool       `help:"Keep no data: everything is gone at the end."`
	Data      string     `default:".data" help:"Folder that keeps the data."`
	Demo      bool       `help:"Run a small drop, print what happened, and end: exit 0 only if the books balance."`
	Exec      string     `help:"Run this command when everything is open, with API_URL, PG_URL and TEMPORAL_ADDRESS set, and end with it."`
	Workers   bool       `default:"true" negatable:"" help:"Run a worker in this process (--no-workers leaves that to others)."`
	LogLevel  slog.Level `default:"ERROR" help:"Least severe log lines to show."`

	API        string `default:"127.0.0.1:8080" help:"Address of the API, empty for none; port 0 picks a free one, here and below."`
	APIOps     string `name:"api-ops" default:"127.0.0.1:8082" help:"Address of the API's metrics."`
	Worker     string `default:"127.0.0.1:8081" help:"Address of the worker's metrics."`
	PGMock     string `name:"pgmock" default:"127.0.0.1:8090" help:"Address of the payment gateway's mock."`
	Temporal   int    `default:"7233" help:"Port of the Temporal server."`
	TemporalUI int    `name:"temporal-ui" default:"8233" help:"Port of its Web UI."`

	// adjust lets tests change the settings that otherwise come from the environment.
	adjust func(*settings)
}

// demoPayWithin is short, so that the demo sees what becomes of those who walk away.
const demoPayWithin = 10 * time.Second

// settings are those of the parts, from the environment and with the addresses of what is embedded.
type settings struct {
	api    api.Config
	worker pool.Config
	pgmock pgmock.Config
}

// fromEnvironment reads a part's configuration: environment over default.
func fromEnvironment[T any]() (T, error) {
	var cfg T
	_, err := ops.Parse(&cfg, nil)
	return cfg, err
}

// holdStarts lets everybody in a rush be told yes or no before Temporal and the workers take the machine that all of them share.
const holdStarts = 3 * time.Second

// settings puts the parts' configurations together. What the environment does not name is embedded.
func (c Config) settings() (*settings, error) {
	var s settings
	var err error
	if s.api, err = fromEnvironment[api.Config](); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if s.worker, err = fromEnvironment[pool.Config](); err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	if s.pgmock, err = fromEnvironment[pgmock.Config](); err != nil {
		return nil, fmt.Errorf("pgmock: %w", err)
	}
	s.api.Listen, s.api.OpsListen, s.worker.Listen, s.pgmock.Listen = c.API, c.APIOps, c.Worker, c.PGMock
	if os.Getenv("MYSQL_DSN") == "" {
		s.setDSN("sqlite:" + filepath.Join(c.Data, "runrun.db"))
	}
	if !c.Ephemeral {
		s.pgmock.DataFile = filepath.Join(c.Data, "pgmock.json")
	}
	if os.Getenv("HOLD_STARTS") == "" {
		s.api.HoldStarts = holdStarts
	}
	if c.Demo && os.Getenv("PAY_WITHIN") == "" {
		s.api.PayWithin = demoPayWithin
	}
	if c.adjust != nil {
		c.adjust(&s)
	}
	return &s, nil
}

func (s *settings) setDSN(dsn string) { s.api.Store.DSN, s.worker.Store.DSN = dsn, dsn }

func (s *settings) setRedis(addr string) { s.api.Redis.Addr, s.worker.Redis.Addr = addr, addr }

func (s *settings) setTemporal(addr string) {
	s.api.Temporal.Address, s.worker.Temporal.Address = addr, addr
}

// root finds the repository, so that the command works from any folder of it.
func root() (string, error) {
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
