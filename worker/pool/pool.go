// Package pool hosts the workflows and activities of the shop: workers on task queues, as many processes of them as the load
// asks for.
package pool

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"runrun/activities/gateway"
	"runrun/activities/reserve"
	"runrun/activities/stocklock"
	"runrun/domain"
	"runrun/domain/ops"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// Pool is a worker process: Start, then Stop.
type Pool struct {
	cfg      Config
	health   ops.Health
	ops      *http.Server
	listener net.Listener
	store    *store.Store
	redis    redis.Client
	// gateRedis is for gate and lock, which are waited for on a busy machine.
	gateRedis     redis.Client
	temporal      client.Client
	closeTemporal func()
	combiner      *reserve.Combiner
	gateway       *gateway.Client // nil without a key
	newWorker     func(queue string) (worker.Worker, error)
	workers       []worker.Worker // those that run: of the first queues of the configuration, in order
	draining      atomic.Bool
	stop          func() error
	watching      sync.WaitGroup
	baseCtx       context.Context // ends when the pool stops
	cancel        context.CancelFunc
	fatal         chan error
	unobserve     []func()
}

// Run works until ctx ends, then lets running activities finish.
func Run(ctx context.Context, cfg Config) error {
	p, err := Start(ctx, cfg)
	if ops.Stopped(ctx, err) {
		return nil
	}
	if err != nil {
		return err
	}
	if ctx.Err() == nil {
		slog.Info("worker started", "queues", cfg.Queues, "listen", p.Addr(), "version", ops.Version())
	}
	select {
	case <-ctx.Done():
	case err = <-p.Fatal():
	}
	return errors.Join(err, p.Stop())
}

// Fatal says why the pool can work no more.
func (p *Pool) Fatal() <-chan error { return p.fatal }

// Start connects to the database and to Redis and starts the workers. It returns when they poll, or when ctx ends before that.
// While Temporal cannot be reached, /livez answers 200 and /readyz reports what is missing.
func Start(ctx context.Context, cfg Config) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ops.Start("worker", cfg.Ops); err != nil {
		return nil, err
	}
	cfg.Temporal.Traced = cfg.Ops.Traces != ""
	p := &Pool{cfg: cfg, fatal: make(chan error, 2)}
	p.stop = sync.OnceValue(p.drain)
	starting := domain.Errorf(domain.CodeUnavailable, "the workers have not started yet")
	p.health.Need("temporal", func(context.Context) error { return starting })
	p.baseCtx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.newWorker = p.workerOf
	p.begin(ctx)
	return p, nil
}

// open connects to what the activities need.
func (p *Pool) open(ctx context.Context) error {
	if err := p.listen(ctx); err != nil {
		return err
	}
	if err := p.health.Await(ctx, "database", p.openStore); err != nil {
		return err
	}
	var err error
	if p.redis, err = redis.Connect(p.cfg.Redis); err != nil {
		return err
	}
	if p.gateRedis, err = redis.ConnectGate(p.cfg.Redis); err != nil { // what is waited for has its own, longer limit
		return err
	}
	locker, err := stocklock.New(p.gateRedis, p.cfg.Lock)
	if err != nil {
		return err
	}
	if p.combiner, err = reserve.NewCombiner(p.store, locks{locker}, p.cfg.Combiner); err != nil {
		return err
	}
	if err := p.openGateway(); err != nil {
		return err
	}
	if p.temporal, p.closeTemporal, err = temporal.Connect(p.cfg.Temporal); err != nil {
		return err
	}
	if err := p.observe(); err != nil {
		return err
	}
	p.health.Need("database", p.store.Ping)
	p.health.Need("drain", func(context.Context) error {
		if p.draining.Load() {
			return domain.Errorf(domain.CodeUnavailable, "shutting down")
		}
		return nil
	})
	p.health.Note("redis", func(ctx context.Context) error { return redis.Ping(ctx, p.redis) })
	return nil
}

// openStore opens the database and brings its schema up to date.
func (p *Pool) openStore(ctx context.Context) error {
	opened, err := store.Open(ctx, p.cfg.Store)
	if err != nil {
		return err
	}
	if err := opened.Migrate(ctx); err != nil {
		return errors.Join(err, opened.Close())
	}
	p.store = opened
	return nil
}

// openGateway makes the gateway's client, if the configuration has its key; else this pool leaves payments to the pools that have one.
func (p *Pool) openGateway() (err error) {
	if p.cfg.Gateway.SecretKey != "" {
		p.gateway, err = gateway.New(p.cfg.Gateway)
	}
	return err
}

// listen serves the operators' endpoints.
func (p *Pool) listen(ctx context.Context) error {
	var err error
	if p.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", p.cfg.Listen); err != nil {
		return err
	}
	p.ops = &http.Server{Handler: p.health.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.ops.Serve(p.listener) }()
	return nil
}

// Addr is where the operators' endpoints are.
func (p *Pool) Addr() string { return p.listener.Addr().String() }

// begin makes sure that the namespace knows our search attributes and starts the workers, as soon as Temporal answers and the
// namespace fits. Until then the process is not ready, and says why.
func (p *Pool) begin(ctx context.Context) {
	var backoff ops.Backoff
	for {
		err := p.startWorkers(ctx)
		if err == nil {
			p.health.Need("temporal", func(ctx context.Context) error { return temporal.Ping(ctx, p.temporal) })
			p.watching.Go(p.warnOfVersion)
			return
		}
		p.health.Need("temporal", func(context.Context) error { return err })
		slog.Warn("worker: waiting for Temporal", "error", err)
		if !backoff.Wait(ctx) {
			return
		}
	}
}

func (p *Pool) startWorkers(ctx context.Context) error {
	if err := temporal.EnsureSearchAttributes(ctx, p.temporal, p.cfg.Temporal.Namespace, workflows.SearchAttributes()); err != nil {
		return err
	}
	for len(p.workers) < len(p.cfg.Queues) {
		queue := p.cfg.Queues[len(p.workers)]
		w, err := p.newWorker(queue)
		if err != nil {
			return err
		}
		if err := w.Start(); err != nil { // a worker whose start failed fails for ever: the next try makes a new one
			return domain.Wrap(domain.CodeUnavailable, err, "the worker of "+queue+" does not start")
		}
		p.workers = append(p.workers, w)
	}
	if err := p.schedule(ctx); err != nil {
		return err
	}
	return p.watchGates(ctx)
}

// Stop lets running activities finish within StopTimeout and closes everything. Workflows go on in another worker. Called again,
// it waits for the first call and returns the same.
func (p *Pool) Stop() error { return p.stop() }

func (p *Pool) drain() error {
	p.draining.Store(true)
	slog.Info("worker draining", "delay", p.cfg.DrainDelay, "timeout", p.cfg.StopTimeout)
	time.Sleep(p.cfg.DrainDelay)
	p.cancel()
	var stopping sync.WaitGroup
	for _, w := range p.workers { // together: each may take the whole time
		stopping.Go(w.Stop)
	}
	stopping.Wait()
	p.watching.Wait()
	p.combiner.Wait()
	ops.Flush()
	return p.close()
}

func (p *Pool) close() error {
	p.cancel()
	var errs []error
	for _, stop := range p.unobserve {
		stop()
	}
	if p.ops != nil {
		errs = append(errs, p.ops.Close())
	}
	if p.temporal != nil {
		p.closeTemporal()
	}
	for _, client := range []redis.Client{p.redis, p.gateRedis} {
		if client != nil {
			errs = append(errs, client.Close())
		}
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	return errors.Join(errs...)
}

// locks hands the stock lock to the combiner.
type locks struct{ *stocklock.Locker }

func (l locks) Acquire(ctx context.Context, product domain.ProductID, above int64) (reserve.Lease, error) {
	return l.Locker.Acquire(ctx, product, above)
}
