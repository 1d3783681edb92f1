package server

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"runrun/domain/store"
)

// defaults is the configuration that flags and environment leave.
func defaults(t testing.TB) Config {
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
	if good.JWTKey != DevelopmentJWTKey || good.Store.DataKey != store.DevelopmentDataKey {
		t.Error("the development keys of flag and constant differ")
	}
	bad := good
	bad.Ops.Environment = "production"
	bad.PayWithin, bad.AttentionAfter, bad.Starts = 0, 0, 0
	err := bad.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{"jwt-key", "data-key", "pay-within", "attention-after", "starts"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
	for name, expose := range map[string]func(*Config){
		"others ask it":     func(c *Config) { c.Listen = ":8080" },
		"a proxy":           func(c *Config) { c.Limits.AddressHeader = "X-Real-IP" },
		"pages of a shop":   func(c *Config) { c.CORSOrigins = []string{"https://shop.example"} },
		"a remote database": func(c *Config) { c.Store.DSN = "runrun@tcp(db.example:3306)/runrun" },
		"a remote Temporal": func(c *Config) { c.Temporal.Address = "temporal.example:7233" },
		"a remote Redis":    func(c *Config) { c.Redis.Addr = "redis.example:6379" },
	} {
		exposed := good
		expose(&exposed)
		if err := exposed.Validate(); err == nil || !strings.Contains(err.Error(), "jwt-key") {
			t.Errorf("%s, and the public signing key is accepted: %v", name, err)
		}
	}
	for _, origin := range []string{"shop.example", "*.example", "ftp://shop.example"} {
		bad := good
		bad.Ops.Environment, bad.CORSOrigins = "development", []string{origin}
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "cors-origins") {
			t.Errorf("the origin %q was accepted: %v", origin, err)
		}
	}
	for _, key := range []string{"", "not base64", "c2hvcnQ="} {
		bad := good
		bad.JWTKey = key
		if bad.Validate() == nil {
			t.Errorf("the key %q was accepted", key)
		}
	}
}
