package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alicebob/miniredis/v2"

	api "runrun/api/server"
	"runrun/deploy/allinone/process"
	pgmock "runrun/deploy/pgmock/server"
	"runrun/domain/blob"
	"runrun/domain/store"
	"runrun/worker/pool"
)

// System is everything that runs: Start, then Stop.
type System struct {
	API      *api.Server          // nil if its address is empty
	Worker   *pool.Pool           // nil without workers
	PGMock   *pgmock.Server       // nil if PG_URL names another gateway
	Redis    *miniredis.Miniredis // nil if REDIS_ADDR names another
	Mails    *Mails               // nil if SMTP_URL names a mail server
	Temporal TemporalServer
	Store    *store.Store

	cfg      Config
	Settings *Settings
	broken   chan error
	cleanUp  []func() error
}

// Start starts the parts in the order in which they need each other and fills an empty shop with the demo data. When it
// returns, an order can be placed and paid.
func Start(ctx context.Context, cfg Config) (*System, error) {
	s := &System{cfg: cfg, broken: make(chan error, 1)}
	for _, start := range []func(context.Context) error{
		s.prepare, s.startRedis, s.startGateway, s.startMail, s.startTemporal, s.openStore, s.startProcess,
	} {
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
	s.Settings, err = s.cfg.settings()
	return err
}

func (s *System) startGateway(ctx context.Context) error {
	if os.Getenv("PG_URL") != "" {
		return nil
	}
	var err error
	if s.PGMock, err = pgmock.New(s.Settings.PGMock); err != nil {
		return err
	}
	if err := s.PGMock.Start(ctx); err != nil {
		return err
	}
	s.later(s.PGMock.Stop)
	s.Settings.Worker.Gateway.URL = s.PGMock.URL()
	s.Settings.Worker.Gateway.SecretKey = s.Settings.PGMock.SecretKey
	if s.Settings.API.Web.PayClientKey == "" {
		s.Settings.API.Web.PayClientKey, s.Settings.API.Web.PaySDKURL = pgmock.ClientKey, s.PGMock.URL()+pgmock.SDKPath
	}
	return nil
}

// openStore opens the shop's database for the demo data.
func (s *System) openStore(ctx context.Context) error {
	var err error
	if s.Store, err = store.Open(ctx, s.Settings.API.Store); err != nil {
		return err
	}
	s.later(s.Store.Close)
	if err := s.Store.Migrate(ctx); err != nil {
		return err
	}
	images, err := blob.Open(ctx, s.Settings.API.Blob)
	if err != nil {
		return err
	}
	defer func() { _ = images.Close() }()
	return seed(ctx, s.Store, images)
}

// startProcess starts the API and the worker, as deploy/allinone does.
func (s *System) startProcess(ctx context.Context) error {
	p, err := process.Start(ctx, s.Settings.Config)
	if err != nil {
		return err
	}
	s.later(p.Stop)
	s.API, s.Worker = p.API, p.Worker
	if s.PGMock != nil && s.API != nil {
		s.PGMock.ReturnTo(s.API.URL())
	}
	if s.PGMock != nil && s.API != nil && s.Settings.PGMock.WebhookURL == "" {
		s.PGMock.SendWebhooks(s.API.URL() + "/v1/webhooks/payments")
	}
	return nil
}

// Broken receives why the system cannot go on.
func (s *System) Broken() <-chan error { return s.broken }

// Welcome says where everything is.
func (s *System) Welcome() string {
	var b strings.Builder
	line := func(name, where string) { fmt.Fprintf(&b, "  %-14s %s\n", name, where) }
	b.WriteString("\nRUNRUN is open.\n\n")
	if s.API != nil {
		if s.Settings.API.Web.Web {
			line("Shop", s.API.URL()+"/")
		}
		line("API", s.API.URL()+"  (pages: "+s.API.URL()+"/docs/; operators: "+s.API.OpsURL()+"/metrics)")
	}
	if s.Worker != nil {
		line("Worker", "http://"+s.Worker.Addr()+"/metrics")
	}
	if s.PGMock != nil {
		line("Gateway mock", s.PGMock.URL()+"  (ledger: "+s.PGMock.URL()+"/mock/ledger)")
	}
	if s.Mails != nil && s.API != nil {
		line("Mails", s.API.URL()+"/dev/mails")
	}
	line("Temporal", s.Temporal.GRPC)
	if s.Temporal.UI != "" {
		line("Web UI", s.Temporal.UI)
	}
	line("Database", s.Store.Dialect())
	if s.cfg.Ephemeral {
		line("Data", "temporary: deleted at the end")
	} else {
		line("Data", s.cfg.Data)
	}
	fmt.Fprintf(&b, "\n  log in as %s, %s or %s with %s\n  Ctrl-C stops everything.\n\n", ShopperEmail, SellerEmail, StaffEmail, DemoPassword)
	return b.String()
}
