// Package stocklock is the distributed lock of a product's stock: redsync, with a fencing token of our own.
//
// The lock serializes workers, so that each can serve a whole batch. It is not what keeps the shop from
// overselling: that is the database's conditional update. So a taken lock is waited for, and without Redis the work goes on
// without a lock.
package stocklock

import (
	"context"
	_ "embed" // for fence.lua
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// Config tunes the lock.
type Config struct {
	// Lease is how long a holder that died keeps others waiting. It must be longer than one batch may take.
	Lease time.Duration `name:"lock-lease" env:"LOCK_LEASE" default:"10s" help:"How long a dead worker's stock lock lives on; longer than one batch may take."`
	// Pause is the longest pause between two tries at a taken lock. redsync's own 50–250 ms collapse under contention.
	Pause time.Duration `name:"lock-pause" env:"LOCK_PAUSE" default:"5ms" help:"Longest pause between two tries at a taken stock lock."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Lease < time.Second || c.Pause <= 0 {
		return errors.New("lock-lease: at least 1s; lock-pause: must be positive")
	}
	return nil
}

// Locker hands out product locks. It is safe for concurrent use.
type Locker struct {
	cfg     Config
	redis   redis.UniversalClient
	redsync *redsync.Redsync
	wait    metric.Float64Histogram
	lost    metric.Int64Counter
	without metric.Int64Counter
	absent  atomic.Bool // whether Redis was last seen absent: its going and coming is logged, not every batch
}

// New makes the locks that live in a Redis.
func New(client redis.UniversalClient, cfg Config) (*Locker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	meter := otel.Meter("runrun/stocklock")
	wait, err1 := meter.Float64Histogram("runrun_lock_wait_seconds",
		metric.WithDescription("Time until a stock lock was had."), metric.WithUnit("s"))
	lost, err2 := meter.Int64Counter("runrun_lock_lease_lost",
		metric.WithDescription("Stock locks whose lease ran out before they were given back."))
	without, err3 := meter.Int64Counter("runrun_lock_without_redis",
		metric.WithDescription("Batches decided without a lock because Redis did not answer: the database's own guard holds."))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	lost.Add(context.Background(), 0) // so that the first one is an increase
	without.Add(context.Background(), 0)
	return &Locker{
		cfg:     cfg,
		redis:   client,
		redsync: redsync.New(goredis.NewPool(client)),
		wait:    wait,
		lost:    lost,
		without: without,
	}, nil
}

// commandShare is the part of the lease that one command may take. redsync's own 5 % are half a second of ten: on a busy machine that
// is soon over, and would be taken for a Redis that is gone.
const commandShare = 0.2

// Lease is a product lock that is held. Fence is domain.NoFence if it was not to be had because Redis is gone.
type Lease struct {
	Fence   int64
	product domain.ProductID
	mutex   *redsync.Mutex
	locker  *Locker
}

//go:embed fence.lua
var fenceScript string

// raise draws the next fencing token, above the one that the stock row has seen.
var raise = redis.NewScript(fenceScript)

// Acquire waits for a product's lock, in short jittered pauses, for as long as ctx allows. above is the fence that the stock
// row is known to have seen, 0 if none. Without Redis it returns at once, with a lease that holds nothing.
// Errors: Unavailable if ctx ended while another held the lock.
func (l *Locker) Acquire(ctx context.Context, product domain.ProductID, above int64) (*Lease, error) {
	mutex := l.redsync.NewMutex("runrun:lock:{"+string(product)+"}", redsync.WithExpiry(l.cfg.Lease), redsync.WithTries(1),
		redsync.WithTimeoutFactor(commandShare))
	began := time.Now()
	for {
		// Commands have limits of their own; the caller's ends the waiting only, and must not look like a dead Redis.
		err := mutex.TryLockContext(context.WithoutCancel(ctx))
		if err == nil {
			break
		}
		var taken *redsync.ErrTaken
		if !errors.As(err, &taken) {
			return l.withoutRedis(ctx, product, err), nil
		}
		if !pause(ctx, l.cfg.Pause) {
			return nil, domain.Wrap(domain.CodeUnavailable, ctx.Err(), "the stock is locked by another worker")
		}
	}
	if l.absent.Swap(false) {
		slog.InfoContext(ctx, "stock lock: Redis is back")
	}
	l.wait.Record(ctx, time.Since(began).Seconds())
	fence, err := raise.Run(context.WithoutCancel(ctx), l.redis, []string{"runrun:fence:{" + string(product) + "}"}, above).Int64()
	if err != nil {
		_, _ = mutex.UnlockContext(context.WithoutCancel(ctx))
		return l.withoutRedis(ctx, product, err), nil
	}
	return &Lease{Fence: fence, product: product, mutex: mutex, locker: l}, nil
}

func (l *Locker) withoutRedis(ctx context.Context, product domain.ProductID, err error) *Lease {
	l.without.Add(ctx, 1)
	if !l.absent.Swap(true) {
		slog.WarnContext(ctx, "stock lock: going on without Redis", "product", product, "error", err)
	}
	return &Lease{Fence: domain.NoFence, product: product, locker: l}
}

// Token is the fencing token, domain.NoFence if nothing is held.
func (l *Lease) Token() int64 { return l.Fence }

// Release gives the lock back. If its lease has run out there is nothing to give back, and the fence has kept this holder
// from writing over the next one.
func (l *Lease) Release(ctx context.Context) {
	if l.mutex == nil {
		return
	}
	if ok, err := l.mutex.UnlockContext(context.WithoutCancel(ctx)); !ok || err != nil {
		l.locker.lost.Add(ctx, 1)
		slog.WarnContext(ctx, "stock lock: the lease was lost", "product", l.product, "error", err)
	}
}

// pause waits for up to limit, and says whether ctx is still alive.
func pause(ctx context.Context, limit time.Duration) bool {
	timer := time.NewTimer(limit/4 + rand.N(limit)*3/4)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
