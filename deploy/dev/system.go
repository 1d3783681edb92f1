package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alicebob/miniredis/v2"

	api "runrun/api/server"
	pgmock "runrun/deploy/pgmock/server"
	"runrun/domain/store"
	"runrun/worker/pool"
)

// System is everything that runs: Start, then Stop.
type System struct {
	API      *api.Server // nil if its address is empty
	Worker   *pool.Pool
	PGMock   *pgmock.Server       // nil if PG_URL names another gateway
	Redis    *miniredis.Miniredis // nil if REDIS_ADDR names another
	Temporal temporalServer
	Store    *store.Store

	cfg      Config
	settings *settings
	broken   chan error
	cleanUp  []func() error
}

// Start starts the parts in the order in which they need each other and fills an empty shop with the demo data. When it
// returns, an order can be placed and paid.
func Start(ctx context.Context, cfg Config) (*System, error) {
	s := &System{cfg: cfg, broken: make(chan error, 1)}
	for _, start := range []func(context.Context) error{s.prepare, s.startRedis, s.startGateway, s.startTemporal, s.openStore, s.startWorker, s.startAPI} {
		if err := start(ctx); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// Stop stops the parts, the last started first.
func (s *System) Stop() error {
	var errs []error
	for i := len(s.cleanUp) - 1; i >= 0; i-- {
		errs = append(errs, s.cleanUp[i]())
	}
	s.cleanUp = nil
	return errors.Join(errs...)
}

func (s *System) later(stop func() error) { s.cleanUp = append(s.cleanUp, stop) }

// prepare makes the folder of the data and reads the environment.
func (s *System) prepare(context.Context) error {
	if s.cfg.Ephemeral {
		folder, err := os.MkdirTemp("", "runrun-")
		if err != nil {
			return err
		}
		s.cfg.Data = folder
		s.later(func() error { return os.RemoveAll(folder) })
	}
	if err := os.MkdirAll(s.cfg.Data, 0o700); err != nil {
		return err
	}
	var err error
	s.settings, err = s.cfg.settings()
	return err
}

func (s *System) startGateway(ctx context.Context) error {
	if os.Getenv("PG_URL") != "" {
		return nil
	}
	var err error
	if s.PGMock, err = pgmock.New(s.settings.pgmock); err != nil {
		return err
	}
	if err := s.PGMock.Start(ctx); err != nil {
		return err
	}
	s.later(s.PGMock.Stop)
	s.settings.worker.Gateway.URL = s.PGMock.URL()
	s.settings.worker.Gateway.SecretKey = s.settings.pgmock.SecretKey
	return nil
}

// openStore opens the shop's database for the demo data.
func (s *System) openStore(ctx context.Context) error {
	var err error
	if s.Store, err = store.Open(ctx, s.settings.api.Store); err != nil {
		return err
	}
	s.later(s.Store.Close)
	if err := s.Store.Migrate(ctx); err != nil {
		return err
	}
	return seed(ctx, s.Store)
}

func (s *System) startWorker(ctx context.Context) error {
	if !s.cfg.Workers {
		return nil
	}
	var err error
	if s.Worker, err = pool.Start(ctx, s.settings.worker); err != nil {
		return err
	}
	s.later(s.Worker.Stop)
	return nil
}

func (s *System) startAPI(ctx context.Context) error {
	if s.cfg.API == "" {
		return nil
	}
	var err error
	if s.API, err = api.Start(ctx, s.settings.api); err != nil {
		return err
	}
	s.later(s.API.Stop)
	return nil
}

// welcome says where everything is.
func (s *System) welcome() string {
	var b strings.Builder
	line := func(name, where string) { fmt.Fprintf(&b, "  %-14s %s\n", name, where) }
	b.WriteString("\nRUNRUN is open.\n\n")
	if s.API != nil {
		line("API", s.API.URL()+"  (pages: "+s.API.URL()+"/docs/; operators: "+s.API.OpsURL()+"/metrics)")
	}
	if s.Worker != nil {
		line("Worker", "http://"+s.Worker.Addr()+"/metrics")
	}
	if s.PGMock != nil {
		line("Gateway mock", s.PGMock.URL()+"  (ledger: "+s.PGMock.URL()+"/mock/ledger)")
	}
	line("Temporal", s.Temporal.GRPC)
	if s.Temporal.UI != "" {
		line("Web UI", s.Temporal.UI)
	}
	line("Database", s.Store.Dialect())
	if s.cfg.Ephemeral {
		line("Data", "kept until you stop")
	} else {
		line("Data", s.cfg.Data)
	}
	fmt.Fprintf(&b, "\n  log in as %s, %s or %s with %s\n  Ctrl-C stops everything.\n\n", shopperEmail, sellerEmail, staffEmail, demoPassword)
	return b.String()
}
