package redis

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"golang.org/x/sync/singleflight"

	"runrun/domain"
)

// Times of the probe.
const (
	probeEvery = 250 * time.Millisecond
	// absentAfter is how long Redis may leave every probe unanswered before it counts as absent.
	absentAfter = 2 * time.Second
)

// Presence knows whether there is a Redis at all. It is a state of the process, found by a probe on a connection of its own: a
// command that is late says that something is busy, and must not be taken for a Redis that is gone.
type Presence struct {
	client  redis.UniversalClient
	probing singleflight.Group
	absent  atomic.Bool
	changes metric.Int64Counter

	mu       sync.Mutex
	answered time.Time // when Redis last answered
	cause    error     // of its absence
}

// NewPresence makes a process's probe and asks once. It needs Run to stay up to date, and Close.
func NewPresence(ctx context.Context, cfg Config) (*Presence, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	changes, err := otel.Meter("runrun/redis").Int64Counter("runrun_redis_absences",
		metric.WithDescription("How often Redis was found absent: the shop goes on without tickets, locks and announcements."))
	if err != nil {
		return nil, err
	}
	changes.Add(ctx, 0) // so that the first one is an increase
	p := &Presence{client: connect(cfg, absentAfter, 1), changes: changes, answered: time.Now()}
	if err := p.observe(); err != nil {
		return nil, err
	}
	p.Check(ctx)
	return p, nil
}

// observe shows whether Redis is absent, until the process ends.
func (p *Presence) observe() error {
	_, err := otel.Meter("runrun/redis").Int64ObservableGauge("runrun_redis_absent",
		metric.WithDescription("1 while Redis is absent, as this process sees it."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			absent := int64(0)
			if p.Absent() {
				absent = 1
			}
			o.Observe(absent)
			return nil
		}))
	return err
}

// Run probes until ctx ends.
func (p *Presence) Run(ctx context.Context) {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.Check(ctx)
		}
	}
}

// Close gives the connection back.
func (p *Presence) Close() error { return p.client.Close() }

// Absent reports whether Redis is absent, as far as is known.
func (p *Presence) Absent() bool { return p.absent.Load() }

// Err says why Redis is absent; nil if it is there.
// Errors: Unavailable.
func (p *Presence) Err() error {
	if !p.Absent() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return domain.Wrap(domain.CodeUnavailable, p.cause, "Redis is absent")
}

// Check probes now, or waits for the probe that is under way, and reports whether Redis is absent. It waits no longer than ctx.
func (p *Presence) Check(ctx context.Context) bool {
	done := p.probing.DoChan("", func() (any, error) {
		p.probe(context.WithoutCancel(ctx))
		return nil, nil //nolint:nilnil // the state is kept in p
	})
	select {
	case <-done:
	case <-ctx.Done():
	}
	return p.Absent()
}

func (p *Presence) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, absentAfter)
	defer cancel()
	began := time.Now()
	err := p.write(ctx)
	if err != nil && time.Since(began) < probeEvery { // the connection may only have been closed
		err = p.write(ctx)
	}
	p.note(ctx, err)
}

// write asks for what the gate needs: a Redis that answers and takes no writes, full or read only, gives no tickets.
func (p *Presence) write(ctx context.Context) error {
	return p.client.Set(ctx, "runrun:probe", "1", time.Minute).Err()
}

// note draws the conclusion: absent if the connection is refused, or if there was no answer for long.
func (p *Presence) note(ctx context.Context, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.answered = time.Now()
		if p.absent.Swap(false) {
			slog.InfoContext(ctx, "Redis is back")
		}
		return
	}
	if !errors.Is(err, syscall.ECONNREFUSED) && time.Since(p.answered) < absentAfter {
		return
	}
	p.cause = err
	if !p.absent.Swap(true) {
		p.changes.Add(ctx, 1)
		slog.WarnContext(ctx, "Redis is absent; going on without", "error", err)
	}
}
