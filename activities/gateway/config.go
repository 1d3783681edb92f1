package gateway

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// DevelopmentSecretKey is that of the mock. It is public, and refused outside development.
const DevelopmentSecretKey = "test_sk_runrun" //nolint:gosec // the mock's, and refused elsewhere

// Config says where the gateway is.
type Config struct {
	URL       string `name:"pg-url" env:"PG_URL" default:"http://127.0.0.1:8090" help:"Payment gateway (the real one: https://api.tosspayments.com)."`
	SecretKey string `name:"pg-secret-key" env:"PG_SECRET_KEY" default:"test_sk_runrun" help:"The merchant's secret key."`
	// Limit bounds one call. The gateway may take 60 s; the activity's limit must be longer than this one.
	Limit time.Duration `name:"pg-limit" env:"PG_LIMIT" default:"65s" help:"How long one call may take (the gateway may use 60s)."`
	// AtOnce bounds the calls of this process.
	AtOnce int64 `name:"pg-at-once" env:"PG_AT_ONCE" default:"256" help:"Calls to the gateway that this process makes at once; the next wait."`
	// BreakerAfter and BreakerFor say when to leave a sick gateway alone.
	BreakerAfter uint32        `name:"pg-breaker-after" env:"PG_BREAKER_AFTER" default:"20" help:"Calls in half a minute from which the breaker may open, if half of them failed."`
	BreakerFor   time.Duration `name:"pg-breaker-for" env:"PG_BREAKER_FOR" default:"10s" help:"How long the open breaker sends nothing."`
}

// Validate reports what is wrong with the configuration. A process that never calls the gateway has no secret key.
func (c Config) Validate() error {
	var errs []error
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		errs = append(errs, fmt.Errorf("pg-url: want http(s)://host, not %q", c.URL))
	}
	if c.Limit <= 0 || c.BreakerFor <= 0 || c.BreakerAfter == 0 || c.AtOnce < 1 {
		errs = append(errs, errors.New("pg-limit, pg-breaker-for, pg-breaker-after, pg-at-once: must be positive"))
	}
	return errors.Join(errs...)
}
