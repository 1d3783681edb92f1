package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"runrun/api/auth"
	"runrun/api/web"
	"runrun/domain"
	"runrun/domain/blob"
	"runrun/domain/ops"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// DevelopmentJWTKey signs access tokens where JWT_KEY is not set. It is public, and refused outside development.
const DevelopmentJWTKey = "cnVucnVuLWRldmVsb3BtZW50LWp3dC1rZXktMDAwMDE="

// Config is everything an API process can be told, by flag or by environment.
type Config struct {
	ListenConfig
	OrderConfig
	DispatchConfig
	StreamConfig

	Limits LimitConfig `embed:""`

	// Dev answers below /dev/: what only development has.
	Dev http.Handler `kong:"-"`

	Ops      ops.Config      `embed:""`
	Store    store.Config    `embed:""`
	Redis    redis.Config    `embed:""`
	Temporal temporal.Config `embed:""`
	Blob     blob.Config     `embed:""`
	Web      WebConfig       `embed:""`
}

// WebConfig is about the storefront.
type WebConfig struct {
	Web          bool   `name:"web" env:"WEB" default:"true" negatable:"" help:"Serve the storefront at /; --no-web for an API alone."`
	APIURL       string `env:"WEB_API_URL" help:"Origin of the API for the storefront, where that is another one than its own."`
	PayClientKey string `env:"PAY_CLIENT_KEY" help:"Public key of the shop at the payment gateway, with which the storefront opens its payment window; make dev sets the mock's."`
	PaySDKURL    string `env:"PAY_SDK_URL" default:"https://js.tosspayments.com/v2/standard" help:"Script of the gateway that opens the payment window."`
	PayHosts     string `env:"PAY_HOSTS" default:"https://*.tosspayments.com" help:"Further hosts of the payment window, as a Content-Security-Policy names them, with spaces."`
}

func (c WebConfig) site() web.Config {
	return web.Config{API: c.APIURL, ClientKey: c.PayClientKey, SDK: c.PaySDKURL, Gateway: c.PayHosts}
}

// ListenConfig says where the API listens, and how requests end.
type ListenConfig struct {
	Listen       string        `env:"API_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on; port 0 picks a free one."`
	OpsListen    string        `env:"API_OPS_LISTEN" default:"127.0.0.1:8082" help:"Address of /livez, /readyz and /metrics, for operators; port 0 picks a free one."`
	DrainTimeout time.Duration `env:"DRAIN_TIMEOUT" default:"20s" help:"How long running requests may finish after SIGTERM."`
	DrainDelay   time.Duration `env:"DRAIN_DELAY" default:"0s" help:"How long requests are still served after SIGTERM while /readyz says 503, so that a load balancer stops sending them."`
	WatchEvery   time.Duration `env:"WATCH_EVERY" default:"15s" help:"How often open orders and task queues are counted for the metrics."`
	WriteTimeout time.Duration `env:"WRITE_TIMEOUT" default:"40s" help:"How long an answer may take in all, from its request; event streams set theirs anew with each event."`
	TraceCallers bool          `env:"TRACE_CALLERS" help:"Go on with the trace that a caller names (traceparent); only where a proxy drops what shoppers send."`
	CORSOrigins  []string      `name:"cors-origins" env:"CORS_ORIGINS" help:"Origins of other sites whose pages may use the API, with commas: https://shop.example; empty is none."`
	JWTKey       string        `name:"jwt-key" env:"JWT_KEY" default:"cnVucnVuLWRldmVsb3BtZW50LWp3dC1rZXktMDAwMDE=" help:"Keys of access tokens: [ID:]BASE64, at least 32 bytes; of several, with commas, the last signs and all are accepted."`
}

// OrderConfig says how orders are accepted, held and shown.
type OrderConfig struct {
	workflows.Settings

	WebUIURL      string        `name:"temporal-ui-url" env:"TEMPORAL_UI_URL" default:"http://127.0.0.1:8233" help:"Address of the Temporal Web UI, for links in the admin API."`
	OrdersAtOnce  int64         `env:"ORDERS_AT_ONCE" default:"256" help:"Orders that are taken at once; in a rush the next wait for a place, first come, first served."`
	IntakeBatch   int           `env:"INTAKE_BATCH" default:"128" help:"Most orders that one transaction writes."`
	IntakeWriters int           `env:"INTAKE_WRITERS" default:"2" help:"Transactions that write orders at once."`
	BreakerFor    time.Duration `env:"BREAKER_FOR" default:"30s" help:"How long a product whose orders fail takes none."`
}

// DispatchConfig says how accepted orders come to their workflows.
type DispatchConfig struct {
	Starts     int           `env:"WORKFLOW_STARTS" default:"128" help:"Most workflows that are started at once; the number follows Temporal's answers."`
	HoldStarts time.Duration `env:"HOLD_STARTS" default:"0s" help:"How long starts of workflows wait while shoppers wait to be told yes or no; for an API that shares its machine with Temporal and the workers."`
	// EagerStarts is set by a process that runs workers on the same Temporal client.
	EagerStarts  int64         `kong:"-"`
	Backlog      int           `env:"BACKLOG" default:"20000" help:"Accepted orders that may wait for their workflow to start; beyond it shoppers are told OVERLOADED."`
	SweepEvery   time.Duration `env:"SWEEP_EVERY" default:"2s" help:"How often orders are looked for whose workflow was never started."`
	OrphansEvery time.Duration `env:"ORPHANS_EVERY" default:"15s" help:"How often orders are looked for that hold units or money and have no running workflow."`
}

// StreamConfig bounds event streams and long polls.
type StreamConfig struct {
	Streams      int `env:"EVENT_STREAMS" default:"4096" help:"Event streams and long polls of orders that are open at once."`
	StreamsEach  int `env:"EVENT_STREAMS_EACH" default:"20" help:"Of those, how many one shopper may have."`
	Watchers     int `env:"PRODUCT_STREAMS" default:"2048" help:"Event streams of products that are open at once; anybody may open them."`
	WatchersEach int `env:"PRODUCT_STREAMS_EACH" default:"100" help:"Of those, how many one address may have."`
}

// Validate reports everything that is wrong with the configuration, at once.
func (c Config) Validate() error {
	errs := []error{
		c.ListenConfig.Validate(), c.OrderConfig.Validate(), c.DispatchConfig.Validate(), c.StreamConfig.Validate(),
		c.Limits.Validate(), c.Ops.Validate(), c.Store.Validate(), c.Redis.Validate(), c.Temporal.Validate(), c.Blob.Validate(),
		c.Web.site().Validate(),
	}
	if _, err := c.jwtKeys(); err != nil {
		errs = append(errs, err)
	}
	if !c.Ops.PublicKeys(c.exposed()) {
		if strings.Contains(c.JWTKey, DevelopmentJWTKey) {
			errs = append(errs, errors.New("jwt-key: the development key is public; set JWT_KEY, or RUNRUN_ENV=development"))
		}
		if c.Store.DataKey == store.DevelopmentDataKey {
			errs = append(errs, errors.New("data-key: the development key is public; set DATA_KEY, or RUNRUN_ENV=development"))
		}
	}
	return errors.Join(errs...)
}

// Validate reports everything that is wrong with the part, at once; so do those of the other parts.
func (c ListenConfig) Validate() error {
	var errs []error
	if c.DrainTimeout <= 0 || c.WriteTimeout <= 0 || c.WatchEvery <= 0 || c.DrainDelay < 0 {
		errs = append(errs, errors.New("drain-timeout, write-timeout, watch-every: must be positive; drain-delay: must not be negative"))
	}
	for _, origin := range c.CORSOrigins {
		if u, err := url.Parse(origin); err != nil || u.Scheme+"://"+u.Host != origin || !isWeb(u) {
			errs = append(errs, fmt.Errorf("cors-origins: %q is no origin; want https://host, with commas", origin))
		}
	}
	return errors.Join(errs...)
}

// Validate reports everything that is wrong with the part.
func (c OrderConfig) Validate() error {
	var errs []error
	errs = append(errs, c.Settings.Validate())
	for name, text := range map[string]string{"admin-url": c.AdminURL, "temporal-ui-url": c.WebUIURL} {
		if u, err := url.Parse(text); text != "" && (err != nil || !isWeb(u)) {
			errs = append(errs, fmt.Errorf("%s: %q is no address; want https://host", name, text))
		}
	}
	if c.IntakeBatch < 1 || c.IntakeBatch > 500 || c.IntakeWriters < 1 || c.OrdersAtOnce < 1 {
		errs = append(errs, errors.New("intake-batch: 1 to 500; intake-writers, orders-at-once: must be positive"))
	}
	if c.BreakerFor <= 0 {
		errs = append(errs, errors.New("breaker-for: must be positive"))
	}
	return errors.Join(errs...)
}

// Validate reports what is wrong with the part.
func (c DispatchConfig) Validate() error {
	if c.Starts < 1 || c.Backlog < 1 || c.SweepEvery <= 0 || c.OrphansEvery <= 0 || c.HoldStarts < 0 {
		return errors.New("starts, backlog, sweep-every, orphans-every: must be positive; hold-starts: must not be negative")
	}
	return nil
}

// Validate reports what is wrong with the part.
func (c StreamConfig) Validate() error {
	if c.Streams < 1 || c.StreamsEach < 1 || c.Watchers < 1 || c.WatchersEach < 1 {
		return errors.New("streams, streams-each, watchers, watchers-each: must be positive")
	}
	return nil
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && !strings.Contains(u.Host, "*")
}

// exposed reports whether others can reach the process, or it is connected to what is not on this machine.
func (c Config) exposed() bool {
	return !ops.Loopback(c.Listen) || !ops.Loopback(c.Temporal.Address) || !ops.Loopback(c.Redis.Addr) || !c.Store.Local() ||
		c.Limits.AddressHeader != "" || len(c.CORSOrigins) > 0
}

// jwtKeys reads the keys of access tokens. A key without an id is named after its hash.
func (c Config) jwtKeys() ([]auth.Key, error) {
	var keys []auth.Key
	for part := range strings.SplitSeq(c.JWTKey, ",") {
		id, encoded, named := strings.Cut(part, ":")
		if !named {
			id, encoded = "", part
		}
		secret, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(secret) < 32 || named && id == "" {
			return nil, errors.New("jwt-key: want [ID:]BASE64 of at least 32 bytes each, with commas")
		}
		if !named {
			sum := sha256.Sum256(secret)
			id = hex.EncodeToString(sum[:4])
		}
		keys = append(keys, auth.Key{ID: id, Secret: secret})
	}
	return keys, nil
}

// LimitConfig bounds what one shopper or one address may ask for. Behind a proxy, AddressHeader names the header with the address.
type LimitConfig struct {
	OrderRate     int           `env:"ORDER_RATE" default:"10" help:"Orders a second that one shopper may ask for, in the long run."`
	OrderBurst    int           `env:"ORDER_BURST" default:"50" help:"Orders that one shopper may ask for at once."`
	OpenOrders    int64         `env:"OPEN_ORDERS" default:"50" help:"Orders of one shopper that may be undecided or unpaid at once."`
	OpenUnits     int64         `env:"OPEN_UNITS" default:"200" help:"Units that one shopper may hold unpaid at once, of all products."`
	DefaultLimit  int           `env:"DEFAULT_LIMIT_PER_SHOPPER" default:"10" help:"Units one shopper may have of a product whose seller sets no limit; 0 is none."`
	HoldExtension time.Duration `env:"HOLD_EXTENSION" default:"2m" help:"By how much the time to pay may be extended, once, for a product whose seller sets nothing; 0 is not at all."`
	AccountTries  int           `env:"LOGIN_TRIES" default:"5" help:"Failed logins a minute for one account, and four times as many an hour; then there is a pause."`
	AddressTries  int           `env:"LOGIN_TRIES_PER_ADDRESS" default:"20" help:"The same for one address."`
	EmailCodes    int           `env:"EMAIL_CODES" default:"5" help:"Codes that are mailed to one e-mail address at once, and as many more within 30 minutes."`
	AddressCodes  int           `env:"EMAIL_CODES_PER_ADDRESS" default:"100" help:"Codes, and sign-ups, that one address may ask for at once, and as many more within 30 minutes."`
	WebhookRate   int           `env:"WEBHOOK_RATE" default:"100" help:"Webhooks of the payment gateway a second that one address may send; ten times as many at once."`
	AddressHeader string        `env:"CLIENT_ADDRESS_HEADER" help:"Header in which a trusted proxy names the caller's address; empty trusts none, and takes the connection's."`
}

// Validate reports everything that is wrong with the limits, at once.
func (c LimitConfig) Validate() error {
	var errs []error
	if c.OrderRate < 1 || c.OrderBurst < 1 || c.AccountTries < 1 || c.AddressTries < 1 || c.WebhookRate < 1 ||
		c.EmailCodes < 1 || c.AddressCodes < 1 {
		errs = append(errs, errors.New("order-rate, order-burst, account-tries, address-tries, email-codes, address-codes, "+
			"webhook-rate: must be positive"))
	}
	if c.OpenOrders < 1 || c.OpenUnits < 1 {
		errs = append(errs, errors.New("open-orders, open-units: must be positive"))
	}
	if c.DefaultLimit < 0 || c.DefaultLimit > domain.MaxLimit {
		errs = append(errs, fmt.Errorf("default-limit: 0 to %d", domain.MaxLimit))
	}
	if c.HoldExtension < 0 || c.HoldExtension > domain.MaxHoldExtension || c.HoldExtension%time.Second != 0 {
		errs = append(errs, fmt.Errorf("hold-extension: whole seconds, 0 to %s", domain.MaxHoldExtension))
	}
	return errors.Join(errs...)
}
