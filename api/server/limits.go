package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-redis/redis_rate/v10"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"runrun/domain"
)

// LimitConfig bounds what one shopper or one address may ask for. Behind a proxy, AddressHeader names the header with the address.
type LimitConfig struct {
	OrderRate     int    `env:"ORDER_RATE" default:"10" help:"Orders a second that one shopper may ask for, in the long run."`
	OrderBurst    int    `env:"ORDER_BURST" default:"50" help:"Orders that one shopper may ask for at once."`
	OpenOrders    int64  `env:"OPEN_ORDERS" default:"50" help:"Orders of one shopper that may be undecided or unpaid at once."`
	OpenUnits     int64  `env:"OPEN_UNITS" default:"200" help:"Units that one shopper may hold unpaid at once, of all products."`
	DefaultLimit  int    `env:"DEFAULT_LIMIT_PER_SHOPPER" default:"10" help:"Units one shopper may have of a product whose seller sets no limit; 0 is none."`
	AccountTries  int    `env:"LOGIN_TRIES" default:"5" help:"Failed logins a minute for one account, and four times as many an hour; then there is a pause."`
	AddressTries  int    `env:"LOGIN_TRIES_PER_ADDRESS" default:"20" help:"The same for one address."`
	AddressHeader string `env:"CLIENT_ADDRESS_HEADER" help:"Header in which a trusted proxy names the caller's address; empty trusts none, and takes the connection's."`
}

// Validate reports everything that is wrong with the limits, at once.
func (c LimitConfig) Validate() error {
	var errs []error
	if c.OrderRate < 1 || c.OrderBurst < 1 || c.AccountTries < 1 || c.AddressTries < 1 {
		errs = append(errs, errors.New("order-rate, order-burst, account-tries, address-tries: must be positive"))
	}
	if c.OpenOrders < 1 || c.OpenUnits < 1 {
		errs = append(errs, errors.New("open-orders, open-units: must be positive"))
	}
	if c.DefaultLimit < 0 || c.DefaultLimit > domain.MaxLimit {
		errs = append(errs, fmt.Errorf("default-limit: 0 to %d", domain.MaxLimit))
	}
	return errors.Join(errs...)
}

// limiter counts what one person asks for: in Redis for all processes, in this process without Redis.
type limiter struct {
	redis  *redis_rate.Limiter
	absent func() bool
	local  *lru.Cache[string, *rate.Limiter]
}

// limiterKept bounds the people who are remembered in a process. Whoever has not come for longest is forgotten.
const limiterKept = 50_000

// limit is a named redis_rate limit: GCRA, a burst that fills up steadily.
type limit struct {
	name string
	redis_rate.Limit
	// shared says that every question goes to Redis: few are asked, and each counts.
	shared bool
}

// verdict is what is left of a limit, and when it will be enough again.
type verdict struct {
	limit     limit
	allowed   bool
	remaining int
	retry     time.Duration
}

func newLimiter(client *redis_rate.Limiter, absent func() bool) (*limiter, error) {
	local, err := lru.New[string, *rate.Limiter](limiterKept)
	return &limiter{redis: client, absent: absent, local: local}, err
}

// take uses n of somebody's limit; 0 only looks whether anything is left. Redis is asked only after half of the burst is used up in
// this process, so an occasional caller costs no round trip; a shared limit always asks.
func (l *limiter) take(ctx context.Context, who string, of limit, n int) verdict {
	here := l.here(who, of)
	now := time.Now()
	before := here.TokensAt(now)
	v := verdict{limit: of, allowed: before >= max(1, float64(n)) && here.AllowN(now, n)}
	v.remaining, v.retry = int(max(0, before-float64(n))), time.Duration((1-min(1, before))*float64(of.Period)/float64(of.Rate))
	if !v.allowed || !of.shared && before > float64(of.Burst)/2 || l.absent() {
		return v
	}
	shared, err := l.redis.AllowN(ctx, of.name+":"+who, of.Limit, n)
	if err != nil {
		return v // without Redis this process counts alone
	}
	v.remaining = min(v.remaining, shared.Remaining)
	if v.allowed = shared.Allowed >= n && (n > 0 || shared.Remaining > 0); !v.allowed {
		v.retry = max(shared.RetryAfter, of.Period/time.Duration(of.Rate))
	}
	return v
}

func (l *limiter) here(who string, of limit) *rate.Limiter {
	key := of.name + ":" + who
	if known, ok := l.local.Get(key); ok {
		return known
	}
	fresh := rate.NewLimiter(rate.Limit(float64(of.Rate)/of.Period.Seconds()), of.Burst)
	if known, there, _ := l.local.PeekOrAdd(key, fresh); there {
		return known
	}
	return fresh
}

// show writes what is left into the answer's headers:
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
func (v verdict) show(h http.Header) {
	window := int(math.Ceil(v.limit.Period.Seconds() * float64(v.limit.Burst) / float64(v.limit.Rate)))
	h["Ratelimit-Policy"] = []string{`"` + v.limit.name + `";q=` + strconv.Itoa(v.limit.Burst) + ";w=" + strconv.Itoa(window)}
	h["Ratelimit"] = []string{`"` + v.limit.name + `";r=` + strconv.Itoa(v.remaining) + ";t=" + strconv.Itoa(int(math.Ceil(v.retry.Seconds())))}
}

// refusal tells somebody to come later.
func (v verdict) refusal(ctx context.Context, what string) error {
	p := problemOf(ctx, domain.Errorf(domain.TooManyRequests, "%s", what))
	p.retryAfter = v.retry
	return p
}

// mayOrder takes one order from the shopper's rate.
// Errors: TooManyRequests.
func (s *Server) mayOrder(ctx context.Context) error {
	of := limit{name: "orders", Limit: redis_rate.Limit{Rate: s.cfg.Limits.OrderRate, Burst: s.cfg.Limits.OrderBurst, Period: time.Second}}
	v := s.limiter.take(ctx, string(callerOf(ctx).ID), of, 1)
	v.show(headersOf(ctx))
	if !v.allowed {
		return v.refusal(ctx, "these are more orders than one shopper may ask for; nothing was ordered, try again in a moment")
	}
	return nil
}

// mayHold bounds what a shopper holds without having paid, of all products: whoever holds everything closes the shop for ten
// minutes at no cost. Orders of one shopper come here one after another.
// Errors: LimitExceeded, Unavailable.
func (s *Server) mayHold(ctx context.Context, items []domain.OrderItem) error {
	for _, item := range items {
		if s.soldOut.known(item.ProductID) {
			return nil // it is refused anyway, and costs no question
		}
	}
	open, err := s.holdings.ask(ctx, callerOf(ctx).ID)
	if err != nil {
		return err
	}
	for _, item := range items {
		open.Units += int64(item.Quantity)
	}
	if open.Orders+1 > s.cfg.Limits.OpenOrders || open.Units > s.cfg.Limits.OpenUnits {
		return domain.Errorf(domain.LimitExceeded, "you have too many unpaid orders or units: at most %d orders and %d units; pay or cancel some",
			s.cfg.Limits.OpenOrders, s.cfg.Limits.OpenUnits)
	}
	return nil
}

// newHoldings counts the open orders of shoppers, of many in one statement.
func newHoldings(find func(context.Context, []domain.UserID) (map[domain.UserID]domain.OpenOrders, error), cfg batching) (*batcher[domain.UserID, domain.OpenOrders], error) {
	cfg.name, cfg.dropsGone = "holdings", true
	return newBatcher(func(ctx context.Context, users []domain.UserID) ([]domain.OpenOrders, error) {
		found, err := find(ctx, users)
		open := make([]domain.OpenOrders, len(users))
		for n, user := range users {
			open[n] = found[user]
		}
		return open, err
	}, cfg)
}
