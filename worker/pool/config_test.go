package pool

import (
	"strings"
	"testing"
)

// Each mistake alone is found, and its report names the setting.
func TestEachMistakeOfTheConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"less than no slots":         {func(c *Config) { c.Capacity.Slots = -1 }, "slots"},
		"no slots of a queue":        {func(c *Config) { c.Capacity.QueueSlots = map[string]int{"orders": 0} }, "queue-slots"},
		"slots of a queue of others": {func(c *Config) { c.Capacity.QueueSlots = map[string]int{"order": 7} }, "queue-slots"},
		"a rate of nothing":          {func(c *Config) { c.Capacity.QueueRates = map[string]float64{"payments": 0} }, "queue-rates"},
		"a rate of a queue of other": {func(c *Config) { c.Capacity.QueueRates = map[string]float64{"payment": 7} }, "queue-rates"},
		"one slot of workflows":      {func(c *Config) { c.Capacity.Workflows = 1 }, "workflow-slots"},
		"one poller":                 {func(c *Config) { c.Capacity.Pollers = 1 }, "pollers"},
		"no cache":                   {func(c *Config) { c.Capacity.StickyCache = 0 }, "sticky-cache"},
		"gates without an interval":  {func(c *Config) { c.GatesEvery = 0 }, "must be positive"},
		"no time to stop":            {func(c *Config) { c.StopTimeout = 0 }, "stop-timeout"},
		"a negative delay":           {func(c *Config) { c.DrainDelay = -1 }, "must be positive"},
		"a queue of others":          {func(c *Config) { c.Queues = []string{"orders", "Payments"} }, `"Payments"`},
		"a lease as long as a batch": {func(c *Config) { c.Lock.Lease = c.Combiner.BatchLimit }, "reserve-limit"},
		"a patient gateway client":   {func(c *Config) { c.Gateway.Limit *= 2 }, "pg-limit"},
		"a build without a name":     {func(c *Config) { c.BuildID = "1" }, "deployment-name"},
		"the mock's key for others":  {func(c *Config) { c.Gateway.URL = "https://api.tosspayments.com" }, "pg-secret-key"},
		"the database's part":        {func(c *Config) { c.Store.MaxConnections = 1 }, "db-max-connections"},
		"Redis' part":                {func(c *Config) { c.Redis.Connections = 0 }, "redis-connections"},
		"Temporal's part":            {func(c *Config) { c.Temporal.Namespace = "" }, "temporal-namespace"},
		"the lock's part":            {func(c *Config) { c.Lock.Pause = 0 }, "lock-pause"},
		"the combiner's part":        {func(c *Config) { c.Combiner.MaxBatch = 0 }, "reserve-batch"},
		"the gateway's part":         {func(c *Config) { c.Gateway.BreakerAfter = 0 }, "pg-breaker-after"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults(t)
			c.change(&cfg)
			if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a report of %s", err, c.want)
			}
		})
	}
}

func TestThePublicKeysNeedSomebodyWhoSaysSo(t *testing.T) {
	cfg := defaults(t)
	cfg.Listen, cfg.Ops.Environment = ":8081", "development"
	if err := cfg.Validate(); err != nil {
		t.Errorf("in development: %v", err)
	}
	cfg.Ops.Environment, cfg.Store.DataKey = "production", "1:"+strings.Repeat("A", 43)+"="
	cfg.Gateway.SecretKey = "live_sk_1"
	if err := cfg.Validate(); err != nil {
		t.Errorf("in production, with keys of its own: %v", err)
	}
}

// The report ends in logs, which more people read than know the keys.
func TestSecretsAreNotInTheReport(t *testing.T) {
	cfg := defaults(t)
	cfg.Ops.Environment = "production"
	cfg.Store.DataKey = "1:c2VjcmV0LWRhdGEta2V5"
	cfg.Store.DSN = "runrun:secret-password@tcp(db.example:3306)"
	cfg.Redis.Password, cfg.Redis.Addr = "secret-of-redis", ""
	cfg.Gateway.SecretKey, cfg.Gateway.Limit = "secret-of-the-gateway", 0
	err := cfg.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, setting := range []string{"data-key", "mysql-dsn", "redis-addr", "pg-limit"} {
		if !strings.Contains(err.Error(), setting) {
			t.Errorf("%s is not reported: %v", setting, err)
		}
	}
	for _, secret := range []string{"c2VjcmV0LWRhdGEta2V5", "secret-password", "secret-of-redis", "secret-of-the-gateway"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s is in the report: %v", secret, err)
		}
	}
}

func TestEagerStartsLeaveRoomForPayments(t *testing.T) {
	cfg := Config{Queues: []string{"payments", "orders"}, Capacity: CapacityConfig{Workflows: 200}}
	if got := cfg.EagerStarts(); got != 100 {
		t.Errorf("%d of 200 workflow tasks may be new orders, want half", got)
	}
	if cfg.Queues = []string{"payments"}; cfg.EagerStarts() != 0 {
		t.Error("a pool that serves no orders is handed some")
	}
}
