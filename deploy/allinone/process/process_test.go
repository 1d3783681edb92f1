package process

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"runrun/domain/redis/redistest"
)

// apiOnly is a configuration without a worker, on free ports and without Temporal, which the API can do without.
func apiOnly(t *testing.T) Config {
	t.Helper()
	_, server := redistest.Embedded(t)
	t.Setenv("REDIS_ADDR", server.Addr())
	t.Setenv("MYSQL_DSN", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	cfg, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	cfg.NoWorker = true
	cfg.API.Listen, cfg.API.OpsListen, cfg.API.Temporal.Address = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1"
	return cfg
}

// answers returns the status of an endpoint, 0 if nobody answers.
func answers(t *testing.T, url string) int {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestMistakesOfBothPartsAreReportedTogether(t *testing.T) {
	t.Setenv("PAY_WITHIN", "soon")
	t.Setenv("SLOTS", "many")
	_, err := FromEnvironment()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{`api: PAY_WITHIN="soon"`, `worker: SLOTS="many"`} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
}

// Both parts must mean the same database and the same Redis, or orders are accepted that no worker finds.
func TestASharedSettingReachesBothParts(t *testing.T) {
	cfg := apiOnly(t)
	if cfg.API.Store != cfg.Worker.Store || !strings.HasSuffix(cfg.API.Store.DSN, "shop.db") {
		t.Errorf("databases: %q and %q", cfg.API.Store.DSN, cfg.Worker.Store.DSN)
	}
	if cfg.API.Redis != cfg.Worker.Redis || cfg.API.Redis.Addr == "127.0.0.1:6379" {
		t.Errorf("Redis: %q and %q", cfg.API.Redis.Addr, cfg.Worker.Redis.Addr)
	}
	if cfg.API.PayWithin <= 0 || cfg.Worker.Capacity.Pollers <= 0 {
		t.Errorf("defaults: pay within %s, %d pollers", cfg.API.PayWithin, cfg.Worker.Capacity.Pollers)
	}
}

func TestAnAPIWithoutAWorkerIsReadyUntilItIsStopped(t *testing.T) {
	p, err := Start(t.Context(), apiOnly(t))
	if err != nil {
		t.Fatal(err)
	}
	if p.API == nil || p.Worker != nil {
		t.Fatalf("API %v, worker %v; want an API alone", p.API, p.Worker)
	}
	ready, products := p.API.OpsURL()+"/readyz", p.API.URL()+"/v1/products"
	if got := [2]int{answers(t, ready), answers(t, products)}; got != [2]int{http.StatusOK, http.StatusOK} {
		t.Errorf("statuses %v, want 200 of %s and of %s", got, ready, products)
	}
	if err := p.Stop(); err != nil {
		t.Error("stop:", err)
	}
	if got := [2]int{answers(t, ready), answers(t, products)}; got != [2]int{} {
		t.Errorf("statuses %v after the stop, want no answers", got)
	}
	if err := p.Stop(); err != nil {
		t.Error("stop again:", err)
	}
}

// What was started before a part that does not start is stopped again, and the error says which setting is wrong.
func TestAProcessStartsWholeOrNotAtAll(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no namespace":            {func(c *Config) { c.API.Temporal.Namespace = "" }, "temporal-namespace"},
		"a worker without slots":  {func(c *Config) { c.NoWorker, c.Worker.Capacity.Slots = false, -1 }, "slots"},
		"an API on a taken port":  {func(c *Config) { c.API.Listen = taken.Addr().String() }, "in use"},
		"operators on that port":  {func(c *Config) { c.API.OpsListen = taken.Addr().String() }, "in use"},
		"an API that never holds": {func(c *Config) { c.API.PayWithin = 0 }, "pay-within"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := apiOnly(t)
			c.change(&cfg)
			if p, err := Start(t.Context(), cfg); p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v; want an error about %s", p, err, c.want)
			}
		})
	}
}
