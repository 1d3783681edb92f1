package redis

import (
	"context"
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
	// Limit bounds one command. Redis only helps: what takes longer is done without.
	Limit time.Duration `name:"redis-limit" env:"REDIS_LIMIT" default:"300ms" help:"How long one command may take before the shop goes on without Redis."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if strings.TrimSpace(c.Addr) == "" {
		errs = append(errs, errors.New("redis-addr: must not be empty"))
	}
	if c.Limit <= 0 {
		errs = append(errs, errors.New("redis-limit: must be positive"))
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
	redis.SetLogger(quiet{})
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: strings.Split(cfg.Addr, ","), Password: cfg.Password, DialTimeout: cfg.Limit, ReadTimeout: cfg.Limit, WriteTimeout: cfg.Limit,
		PoolTimeout: cfg.Limit, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true,
	}), nil
}

// quiet keeps go-redis from writing a line for every connection that fails: each error is returned, and handled where it is.
type quiet struct{}

// Printf takes a line of go-redis' log.
func (quiet) Printf(ctx context.Context, format string, args ...any) {
	slog.DebugContext(ctx, "go-redis", "line", fmt.Sprintf(format, args...))
}

// Ping says whether Redis answers.
// Errors: Unavailable.
func Ping(ctx context.Context, client redis.UniversalClient) error {
	if err := client.Ping(ctx).Err(); err != nil {
		return domain.Because(domain.Unavailable, err, "Redis does not answer")
	}
	return nil
}
