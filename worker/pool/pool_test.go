package pool

import (
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.temporal.io/sdk/testsuite"

	"runrun/activities"
	"runrun/domain/store"
	"runrun/workflows"
)

// Local activities are called by name, which no compiler checks: every name of the contract must be registered.
func TestEveryActivityOfTheContractIsRegistered(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	for _, c := range []struct {
		contract reflect.Type
		hosted   any
	}{
		{reflect.TypeFor[workflows.OrderActivities](), activities.NewOrders(nil, nil, nil, nil)},
		{reflect.TypeFor[workflows.PaymentActivities](), activities.NewPayments(nil)},
	} {
		env := suite.NewTestActivityEnvironment()
		env.RegisterActivity(c.hosted)
		for i := range c.contract.NumMethod() {
			name := c.contract.Method(i).Name
			// Asked for without an input, a registered activity panics on its missing store; an unknown one is not found.
			if _, err := env.ExecuteActivity(name, reflect.Zero(c.contract.Method(i).Type.In(1)).Interface()); err == nil ||
				strings.Contains(err.Error(), "unable to find") {
				t.Errorf("%s is not registered: %v", name, err)
			}
		}
	}
}

func defaults(t *testing.T) Config {
	t.Helper()
	var cfg Config
	parser, err := kong.New(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(nil); err != nil {
		t.Fatal(err)
	}
	cfg.Store.DSN = "sqlite:" + t.TempDir() + "/x.db"
	return cfg
}

func TestConfigValidate(t *testing.T) {
	good := defaults(t)
	if err := good.Validate(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	if good.Store.DataKey != store.DevelopmentDataKey {
		t.Error("the development keys of flag and constant differ")
	}
	bad := good
	bad.Ops.Environment = "production"
	bad.Queues = []string{"orders", "nonsense"}
	bad.Combiner.BatchLimit = bad.Lock.Lease
	bad.Gateway.Limit = workflows.GatewayLimit
	bad.Capacity.Slots = -1
	bad.BuildID = "1"
	err := bad.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{"data-key", "nonsense", "lock-lease", "pg-limit", "slots", "build-id"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
	for name, expose := range map[string]func(*Config){
		"others ask it":     func(c *Config) { c.Listen = ":8081" },
		"a real gateway":    func(c *Config) { c.Gateway.URL = "https://api.tosspayments.com" },
		"a remote database": func(c *Config) { c.Store.DSN = "runrun@tcp(db.example:3306)/runrun" },
		"a remote Temporal": func(c *Config) { c.Temporal.Address = "temporal.example:7233" },
		"a remote Redis":    func(c *Config) { c.Redis.Addr = "redis.example:6379" },
	} {
		exposed := good
		expose(&exposed)
		if err := exposed.Validate(); err == nil || !strings.Contains(err.Error(), "data-key") {
			t.Errorf("%s, and the public data key is accepted: %v", name, err)
		}
	}
	empty := good
	empty.Queues = nil
	if empty.Validate() == nil {
		t.Error("a worker without a queue was accepted")
	}
}
