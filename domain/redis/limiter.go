package redis

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"runrun/domain"
)

// Limiter counts what one person asks for by GCRA: in Redis for all processes, in this process while Redis is absent.
type Limiter struct {
	shared *redis_rate.Limiter
	absent func() bool
	local  *lru.Cache[string, *rate.Limiter]
}

// maxLimited bounds the people who are counted in a process. Whoever has been idle for longest is forgotten.
const maxLimited = 50_000

// NewLimiter returns a Limiter on a Redis that absent says is gone or not.
func NewLimiter(client Client, absent func() bool) (*Limiter, error) {
	local, err := lru.New[string, *rate.Limiter](maxLimited)
	return &Limiter{shared: redis_rate.NewLimiter(client), absent: absent, local: local}, err
}

// Take uses n of somebody's limit; 0 only reports whether anything is left. Redis is asked only after half of the burst is used up
// in this process, so an occasional caller costs no round trip; a shared limit always asks.
func (l *Limiter) Take(ctx context.Context, who string, of domain.RateLimit, n int) domain.RateVerdict {
	v := l.take(ctx, who, of, n)
	v.RetryAt = time.Now().Add(v.RetryAfter)
	return v
}

func (l *Limiter) take(ctx context.Context, who string, of domain.RateLimit, n int) domain.RateVerdict {
	here := l.localOf(who, of)
	now := time.Now()
	before := here.TokensAt(now)
	v := domain.RateVerdict{
		Limit: of, Allowed: before >= max(1, float64(n)) && here.AllowN(now, n), Remaining: int(max(0, before-float64(n))),
		RetryAfter: time.Duration((1 - min(1, before)) * float64(of.Period) / float64(of.Rate)),
	}
	if !v.Allowed || !of.Shared && before > float64(of.Burst)/2 || l.absent() {
		return v
	}
	shared, err := l.shared.AllowN(ctx, of.Name+":"+who, redis_rate.Limit{Rate: of.Rate, Burst: of.Burst, Period: of.Period}, n)
	if err != nil {
		return v // without Redis this process counts alone
	}
	v.Remaining = min(v.Remaining, shared.Remaining)
	if v.Allowed = shared.Allowed >= n && (n > 0 || shared.Remaining > 0); !v.Allowed {
		v.RetryAfter = max(shared.RetryAfter, of.Period/time.Duration(of.Rate))
	}
	return v
}

func (l *Limiter) localOf(who string, of domain.RateLimit) *rate.Limiter {
	key := of.Name + ":" + who
	if known, ok := l.local.Get(key); ok {
		return known
	}
	fresh := rate.NewLimiter(rate.Limit(float64(of.Rate)/of.Period.Seconds()), of.Burst)
	if known, there, _ := l.local.PeekOrAdd(key, fresh); there {
		return known
	}
	return fresh
}
