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

// maxLimited bounds the local limiters of a process; the least recently used one is evicted.
const maxLimited = 50_000

// NewLimiter returns a Limiter that counts in Redis, and in this process alone while absent reports true.
func NewLimiter(client Client, absent func() bool) (*Limiter, error) {
	local, err := lru.New[string, *rate.Limiter](maxLimited)
	return &Limiter{shared: redis_rate.NewLimiter(client), absent: absent, local: local}, err
}

// Take takes n requests from a caller's limit; n = 0 only checks whether any are left. Redis is called only after half of the
// burst is used up in this process, so that an occasional caller costs no round trip; a Shared limit always calls Redis.
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
