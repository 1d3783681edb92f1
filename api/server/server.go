// Package server is the API process: configuration, start and stop, readiness. It builds what the other packages of api need from the
// domain's adapters, and is the only one that knows them all. Start at Start.
package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"runrun/api/rest"
	"runrun/api/web"
	"runrun/domain"
	"runrun/domain/ops"
)

// Server is an API process: Start, then Stop.
type Server struct {
	cfg      Config
	health   ops.Health
	adapters adapters
	parts    parts

	api, ops port
	draining atomic.Bool
	running  sync.WaitGroup
	baseCtx  context.Context //nolint:containedctx // streams, long polls and the sweeper end with it
	end      context.CancelFunc
	stop     func() error
	cleanUp  []func() error
}

// port is one of the two: for shoppers and for operators.
type port struct {
	net.Listener
	http *http.Server
}

// Run serves until ctx ends, then lets running requests finish.
func Run(ctx context.Context, cfg Config) error {
	s, err := Start(ctx, cfg)
	if ops.Stopped(ctx, err) {
		return nil
	}
	if err != nil {
		return err
	}
	slog.Info("api started", "listen", s.URL(), "version", ops.Version())
	<-ctx.Done()
	return s.Stop()
}

// Start opens everything and listens. When it returns requests are answered; Temporal and Redis may come later.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ops.Start("api", cfg.Ops); err != nil {
		return nil, err
	}
	cfg.Temporal.Traced = cfg.Ops.Traces != ""
	s := &Server{cfg: cfg}
	s.stop = sync.OnceValue(s.drain)
	s.baseCtx, s.end = context.WithCancel(context.WithoutCancel(ctx))
	for _, open := range []func(context.Context) error{s.serveOps, s.openAdapters, s.listen, s.buildParts, s.observe} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	s.running.Go(func() { s.adapters.events.Listen(s.baseCtx) })
	s.running.Go(func() { s.adapters.presence.Run(s.baseCtx) })
	s.running.Go(func() { s.parts.sweeper.Run(s.baseCtx) })
	s.running.Go(func() { s.parts.mails.Run(s.baseCtx) })
	s.running.Go(func() { s.parts.watch.Run(s.baseCtx) })
	s.running.Go(s.prepareNamespace)
	if err := s.serve(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Server) listen(ctx context.Context) error {
	var err error
	s.api.Listener, err = s.listenOn(ctx, s.cfg.Listen)
	return err
}

// serveOps answers the operators, who see from the first moment what the process waits for.
func (s *Server) serveOps(ctx context.Context) error {
	var err error
	if s.ops.Listener, err = s.listenOn(ctx, s.cfg.OpsListen); err != nil {
		return err
	}
	s.health.Need("start", func(context.Context) error { return errStarting })
	s.ops.http = &http.Server{Handler: s.health.Handler(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	s.onClose(s.ops.http.Close)
	s.serveOn(s.ops)
	return nil
}

// errStarting is what readiness says until requests are answered.
var errStarting = domain.Errorf(domain.CodeUnavailable, "starting")

func (s *Server) listenOn(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		s.onClose(func() error { return ignoreClosed(listener.Close()) })
	}
	return listener, err
}

// ignoreClosed drops the error of closing what a server has closed already.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// serve answers requests. Every write has a limit: a reader that does not read must not hold a connection for ever. Event streams set
// theirs anew with each event.
func (s *Server) serve() error {
	handler, err := s.handler()
	if err != nil {
		return err
	}
	s.api.http = &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: s.cfg.WriteTimeout,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	s.needReadiness()
	s.serveOn(s.api)
	return nil
}

func (s *Server) serveOn(p port) {
	s.running.Go(func() {
		if err := p.http.Serve(p.Listener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("api stopped serving", "listen", p.Addr().String(), "error", err)
		}
	})
}

// handler is the API over this process's parts.
func (s *Server) handler() (http.Handler, error) {
	cfg := rest.Config{
		CORSOrigins:   s.cfg.CORSOrigins,
		TraceCallers:  s.cfg.TraceCallers,
		AddressHeader: s.cfg.Limits.AddressHeader,
		DefaultLimit:  s.cfg.Limits.DefaultLimit,
		HoldExtension: s.cfg.Limits.HoldExtension,
		Orders: rest.StreamLimits{
			Most: s.cfg.Streams,
			Each: s.cfg.StreamsEach,
		},
		Products: rest.StreamLimits{Most: s.cfg.Watchers, Each: s.cfg.WatchersEach},

		WebhookRate: s.cfg.Limits.WebhookRate,
		Dev:         s.cfg.Dev,

		WebUI: s.cfg.WebUIURL + "/namespaces/" + url.PathEscape(s.cfg.Temporal.Namespace),
	}
	if s.cfg.Web.Web {
		site, err := web.New(s.cfg.Web.site())
		if err != nil {
			return nil, err
		}
		cfg.Web = site
	}
	return rest.New(s.baseCtx, cfg, s.parts.rest).Handler()
}

// needReadiness says what readiness depends on: the database decides; Redis is shown as degraded.
func (s *Server) needReadiness() {
	s.health.Need("start", func(context.Context) error { return nil })
	s.health.Need("database", s.adapters.store.Ping)
	s.health.Note("redis", func(context.Context) error { return s.adapters.presence.Err() })
	s.health.Need("drain", func(context.Context) error {
		if s.draining.Load() {
			return domain.Errorf(domain.CodeUnavailable, "shutting down")
		}
		return nil
	})
}

// URL is where the API answers.
func (s *Server) URL() string { return "http://" + s.api.Addr().String() }

// adminURL is where support staff find this API.
func (s *Server) adminURL() string { return cmp.Or(s.cfg.AdminURL, s.URL()) }

// OpsURL is where the operators' endpoints are.
func (s *Server) OpsURL() string { return "http://" + s.ops.Addr().String() }

// Stop makes the process not ready, serves on for DrainDelay so that no more requests are routed here, lets running requests finish
// within DrainTimeout, ends the event streams, and closes everything. Called again, it waits for the first call and returns the same.
func (s *Server) Stop() error { return s.stop() }

func (s *Server) drain() error {
	s.draining.Store(true)
	slog.Info("api draining", "delay", s.cfg.DrainDelay, "timeout", s.cfg.DrainTimeout)
	time.Sleep(s.cfg.DrainDelay)
	s.end()
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.DrainTimeout)
	defer cancel()
	err := errors.Join(s.api.http.Shutdown(ctx), s.ops.http.Shutdown(ctx))
	s.running.Wait()
	ops.Flush()
	return errors.Join(err, s.close())
}

// onClose adds what is done at the end; the last added is done first.
func (s *Server) onClose(do func() error) { s.cleanUp = append(s.cleanUp, do) }

func (s *Server) close() error {
	s.end()
	var errs []error
	for i := len(s.cleanUp) - 1; i >= 0; i-- {
		errs = append(errs, s.cleanUp[i]())
	}
	s.running.Wait()
	return errors.Join(errs...)
}
