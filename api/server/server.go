// Package server is the door of the shop: its HTTP API.
//
// An order is written durably before its id is given out; what happens to it then is the workflow's business. The API reads
// the order's row, which is the truth whether or not a worker lives.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	lru "github.com/hashicorp/golang-lru/v2"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/singleflight"

	"runrun/domain"
	"runrun/domain/ops"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// Server is an API process: Start, then Stop.
type Server struct {
	cfg      Config
	health   ops.Health
	store    *store.Store
	redis    redis.Client
	events   *redis.Events
	presence *redis.Presence
	gate     *redis.Gate
	soldOut  soldOut
	clicks   turns // of a shopper
	logins   turns // into an account
	breakers *breakers
	stocks   *recent[domain.ProductID, domain.Stock]
	offers   *recent[domain.ProductID, domain.Offer]
	ahead    *recent[string, time.Duration] // of our clock, the database's
	seeding  singleflight.Group
	temporal client.Client
	adopted  metric.Int64Counter
	tokens   tokens

	entries    *batcher[domain.GateEntry, domain.GateAnswer]
	intake     *batcher[domain.NewOrder, bool]
	replays    *batcher[domain.OrderKey, domain.OrderID]
	reads      *batcher[domain.OrderID, *domain.Order]
	dispatcher *dispatcher
	holdings   *batcher[domain.UserID, domain.OpenOrders]
	limiter    *limiter

	orderStreams, productStreams *streams
	counter                      *counter
	hashing                      lane
	knownAddresses               *lru.Cache[string, bool] // that have logged in

	http, ops   *http.Server
	listener    net.Listener
	opsListener net.Listener
	draining    atomic.Bool
	running     sync.WaitGroup
	endOfLife   context.Context
	die         context.CancelFunc
	cleanUp     []func() error
}

// Run serves until ctx ends, then lets running requests finish.
func Run(ctx context.Context, cfg Config) error {
	s, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	slog.Info("api", "listen", s.URL())
	<-ctx.Done()
	return s.Stop()
}

// Start opens everything and listens. When it returns requests are answered; Temporal and Redis may come later.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ops.Start("api"); err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, orderStreams: newStreams(cfg.Streams, cfg.StreamsEach), productStreams: newStreams(cfg.Watchers, cfg.WatchersEach),
		counter: newCounter(cfg.OrdersAtOnce), hashing: lane{width: hashAtOnce, longest: hashWaiting},
	}
	s.endOfLife, s.die = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.openIntake(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.running.Go(func() { s.events.Listen(s.endOfLife) })
	s.running.Go(func() { s.presence.Run(s.endOfLife) })
	s.running.Go(s.sweep)
	s.running.Go(s.prepareNamespace)
	if err := s.serve(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// serve answers requests, and the operators on a port of their own. Every write has a limit: a reader that does not read must not
// hold a connection for ever. Event streams set theirs anew with each event.
func (s *Server) serve() error {
	handler, err := s.handler()
	if err != nil {
		return err
	}
	s.http = &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: s.cfg.WriteTimeout,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	s.ops = &http.Server{Handler: s.health.Handler(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	for server, listener := range map[*http.Server]net.Listener{s.http: s.listener, s.ops: s.opsListener} {
		s.running.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				slog.Error("api stopped serving", "listen", listener.Addr().String(), "error", err)
			}
		})
	}
	return nil
}

// open connects to what the API needs.
func (s *Server) open(ctx context.Context) error {
	key, err := s.cfg.jwtKey()
	if err != nil {
		return err
	}
	if s.tokens, err = newTokens(key); err != nil {
		return err
	}
	if s.store, err = store.Open(ctx, s.cfg.Store); err != nil {
		return err
	}
	s.cleanUp = append(s.cleanUp, s.store.Close)
	if err := s.store.Migrate(ctx); err != nil {
		return err
	}
	if s.redis, err = redis.Connect(s.cfg.Redis); err != nil {
		return err
	}
	s.cleanUp = append(s.cleanUp, s.redis.Close)
	if err := s.openGateClient(ctx); err != nil {
		return err
	}
	s.events = redis.NewEvents(s.redis)
	s.stocks = newRecent(stockAge, s.store.Stock)
	s.offers = newOffers(redis.NewProducts(s.redis), s.readOffer)
	s.ahead = newRecent(clockAge, s.readAhead)
	s.events.OnEdit(s.offers.forget)
	s.events.OnReturn(func(id domain.ProductID) {
		s.soldOut.clear(id)
		s.stocks.forget(id)
	})
	s.adopted, err = otel.Meter("runrun/dispatcher").Int64Counter("runrun_orders_adopted",
		metric.WithDescription("Orders that held units or money without a running workflow, and were given a fresh one."))
	if err != nil {
		return err
	}
	if s.temporal, err = temporal.Connect(s.cfg.Temporal); err != nil {
		return err
	}
	s.onClose(s.temporal.Close)
	s.health.Need("database", s.store.Ping)
	s.health.Note("redis", func(context.Context) error { return s.presence.Err() })
	s.health.Need("drain", func(context.Context) error {
		if s.draining.Load() {
			return domain.Errorf(domain.Unavailable, "shutting down")
		}
		return nil
	})
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen); err != nil {
		return err
	}
	s.cleanUp = append(s.cleanUp, func() error { return ignoreClosed(s.listener.Close()) })
	if s.opsListener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.OpsListen); err != nil {
		return err
	}
	s.cleanUp = append(s.cleanUp, func() error { return ignoreClosed(s.opsListener.Close()) })
	return nil
}

// ignoreClosed drops the error of closing what a server has closed already.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// openGateClient connects the gate, on connections of its own, and the probe that knows whether Redis is there.
func (s *Server) openGateClient(ctx context.Context) error {
	client, err := redis.ConnectGate(s.cfg.Redis)
	if err != nil {
		return err
	}
	s.gate = redis.NewGate(client)
	s.cleanUp = append(s.cleanUp, client.Close)
	if s.presence, err = redis.NewPresence(ctx, s.cfg.Redis); err != nil {
		return err
	}
	s.cleanUp = append(s.cleanUp, s.presence.Close)
	return nil
}

// openIntake starts what takes an order from its shopper to its workflow. It is stopped in the reverse order.
func (s *Server) openIntake() error {
	var err error
	if s.breakers, err = newBreakers(s.cfg.BreakerFor, breakersKept); err != nil {
		return err
	}
	cfg := batching{actors: s.cfg.IntakeWriters, most: s.cfg.IntakeBatch, backlog: s.cfg.Backlog, limit: lookUpLimit}
	if s.reads, err = newReads(s.store.OrdersByID, cfg); err != nil {
		return err
	}
	s.onClose(s.reads.stop)
	if s.replays, err = newReplays(s.store.OrderIDs, cfg); err != nil {
		return err
	}
	s.onClose(s.replays.stop)
	if s.holdings, err = newHoldings(s.store.OpenOrdersOf, cfg); err != nil {
		return err
	}
	s.onClose(s.holdings.stop)
	if s.knownAddresses, err = lru.New[string, bool](addressesKnown); err != nil {
		return err
	}
	if s.limiter, err = newLimiter(redis_rate.NewLimiter(s.redis), s.presence.Absent); err != nil {
		return err
	}
	if s.dispatcher, err = newDispatcher(s.begin, s.cfg.Starts, s.cfg.Backlog); err != nil {
		return err
	}
	s.dispatcher.holdWhile(s.counter.rush, s.cfg.HoldStarts)
	s.counter.calm = s.dispatcher.look
	s.onClose(s.dispatcher.stop)
	if s.intake, err = newIntake(s.store.Accept, s.accepted, cfg); err != nil {
		return err
	}
	s.onClose(s.intake.stop)
	if s.entries, err = newEntries(s.gate.Enter, s.leaveLate); err != nil {
		return err
	}
	s.onClose(s.entries.stop)
	return nil
}

func (s *Server) onClose(stop func()) {
	s.cleanUp = append(s.cleanUp, func() error { stop(); return nil })
}

// namespaceRetry is the pause between two tries to prepare Temporal's namespace.
const namespaceRetry = time.Second

// prepareNamespace makes sure that Temporal knows our search attributes. Orders are accepted while Temporal is absent, so that is
// shown and decides nothing; a namespace that does not fit is a mistake of configuration, and the API is not ready.
func (s *Server) prepareNamespace() {
	var problem atomic.Pointer[error]
	first := error(domain.Errorf(domain.Unavailable, "Temporal was not reached yet"))
	problem.Store(&first)
	s.health.Need("namespace", func(context.Context) error {
		if err := *problem.Load(); domain.CodeOf(err) == domain.Conflict {
			return err
		}
		return nil
	})
	s.health.Note("temporal", func(ctx context.Context) error {
		if err := *problem.Load(); err != nil {
			return err
		}
		return temporal.Ping(ctx, s.temporal)
	})
	for {
		err := temporal.EnsureSearchAttributes(s.endOfLife, s.temporal, s.cfg.Temporal.Namespace, workflows.SearchAttributes())
		problem.Store(&err)
		if err == nil {
			return
		}
		select {
		case <-s.endOfLife.Done():
			return
		case <-time.After(namespaceRetry):
		}
	}
}

// URL is where the API answers.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// OpsURL is where the operators' endpoints are.
func (s *Server) OpsURL() string { return "http://" + s.opsListener.Addr().String() }

// Stop says that the process is not ready, serves on for DrainDelay so that nobody is sent here any more, lets running requests
// finish within DrainTimeout, ends the event streams, and closes everything.
func (s *Server) Stop() error {
	if s.draining.Swap(true) {
		return nil
	}
	slog.Info("api draining", "delay", s.cfg.DrainDelay, "timeout", s.cfg.DrainTimeout)
	time.Sleep(s.cfg.DrainDelay)
	s.die() // ends streams, long polls and the sweeper
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.DrainTimeout)
	defer cancel()
	err := errors.Join(s.http.Shutdown(ctx), s.ops.Shutdown(ctx))
	s.running.Wait()
	return errors.Join(err, s.close())
}

func (s *Server) close() error {
	s.die()
	var errs []error
	for i := len(s.cleanUp) - 1; i >= 0; i-- {
		errs = append(errs, s.cleanUp[i]())
	}
	return errors.Join(errs...)
}
