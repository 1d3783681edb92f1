package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"runrun/domain"
)

// Config says where Redis is.
type Config struct {
	Addr     string `name:"redis-addr" env:"REDIS_ADDR" default:"127.0.0.1:6379" help:"Redis: host:port, or several with commas for a cluster."`
	Password string `name:"redis-password" env:"REDIS_PASSWORD" help:"Password of Redis."`
	TLS      bool   `name:"redis-tls" env:"REDIS_TLS" help:"Speak TLS with Redis; its certificate is one that this machine trusts."`
	// Limit bounds one command of the caches, the announcements and the rate limits. After it the shop goes on without Redis.
	Limit time.Duration `name:"redis-limit" env:"REDIS_LIMIT" default:"300ms" help:"Timeout of caches, announcements, rate limits."`
	// GateLimit bounds one command of the gate or of a stock lock. It is longer than Limit: while Redis is reachable, no order is
	// accepted without a ticket.
	GateLimit time.Duration `name:"redis-gate-limit" env:"REDIS_GATE_LIMIT" default:"2s" help:"Timeout of gate and stock locks."`
	// Connections bounds the pool, and with it the commands of a process that are under way at once.
	Connections int `name:"redis-connections" env:"REDIS_CONNECTIONS" default:"64" help:"Most connections to Redis, for each pool: the gate has its own."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if strings.TrimSpace(c.Addr) == "" {
		errs = append(errs, errors.New("redis-addr: must not be empty"))
	}
	if c.Limit <= 0 || c.GateLimit <= 0 || c.Connections < 1 {
		errs = append(errs, errors.New("redis-limit, redis-gate-limit, redis-connections: must be positive"))
	}
	return errors.Join(errs...)
}

// Client is a connection to Redis, single or cluster.
type Client = redis.UniversalClient

// Connect makes a client. It does not wait for Redis: the shop runs without.
func Connect(cfg Config) (Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return connect(cfg, cfg.Limit, cfg.Connections), nil
}

// ConnectGate makes a client for the gate, with its own pool and its own, longer limit.
func ConnectGate(cfg Config) (Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return connect(cfg, cfg.GateLimit, cfg.Connections), nil
}

func connect(cfg Config, limit time.Duration, connections int) Client {
	redis.SetLogger(quiet{})
	var secure *tls.Config
	if cfg.TLS {
		secure = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return redis.NewUniversalClient(&redis.UniversalOptions{
		TLSConfig: secure,
		Addrs:     strings.Split(cfg.Addr, ","), Password: cfg.Password, DialTimeout: limit, ReadTimeout: limit, WriteTimeout: limit,
		PoolTimeout: limit, PoolSize: connections, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true,
	})
}

// quiet keeps go-redis from writing a line for every connection that fails: each error is returned, and handled where it is.
type quiet struct{}

// Printf takes a line of go-redis' log.
func (quiet) Printf(ctx context.Context, format string, args ...any) {
	slog.DebugContext(ctx, "go-redis", "line", fmt.Sprintf(format, args...))
}

// Ping reports whether Redis answers.
// Errors: Unavailable.
func Ping(ctx context.Context, client redis.UniversalClient) error {
	if err := client.Ping(ctx).Err(); err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "Redis does not answer")
	}
	return nil
}
