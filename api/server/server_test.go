package server

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"runrun/domain/redis/redistest"
	"runrun/domain/store/storetest"
)

// start starts an API process on a database of its own, with an embedded Redis and without Temporal.
func start(t *testing.T, change ...func(*Config)) (*Server, *miniredis.Miniredis) {
	t.Helper()
	_, redis := redistest.Embedded(t)
	cfg := defaults(t)
	cfg.Listen, cfg.OpsListen, cfg.Temporal.Address, cfg.Redis.Addr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1", redis.Addr()
	cfg.DrainDelay = 0
	for _, set := range change {
		set(&cfg)
	}
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return s, redis
}

// get returns the status and the body of an address; 0 if nobody answers.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

// eventually waits for what the process notices by itself.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick, limit := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("never: " + what)
		}
	}
}

// Without Temporal the API is ready: orders are accepted, and their workflows start later.
func TestItIsReadyWithoutTemporal(t *testing.T) {
	s, _ := start(t)
	product := storetest.Product(t, s.adapters.store, 3)
	if status, text := get(t, s.URL()+"/v1/products/"+string(product.ID)+"/stock"); status != http.StatusOK || !strings.Contains(text, `"available":3`) {
		t.Errorf("stock: %d %s", status, text)
	}
	if status, text := get(t, s.OpsURL()+"/readyz"); status != http.StatusOK || !strings.Contains(text, "temporal") {
		t.Errorf("readyz: %d %s", status, text)
	}
	if status, text := get(t, s.OpsURL()+"/metrics"); status != http.StatusOK || !strings.Contains(text, "runrun_") {
		t.Errorf("metrics: %d %.200s", status, text)
	}
	if status, _ := get(t, s.URL()+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the shoppers' port serves metrics: %d", status)
	}
}

func TestItIsReadyWithoutRedisAndSaysSo(t *testing.T) {
	s, redis := start(t)
	redis.Close()
	eventually(t, "readyz names Redis", func() bool {
		status, text := get(t, s.OpsURL()+"/readyz")
		if status != http.StatusOK {
			t.Fatalf("readyz: %d %s", status, text)
		}
		return strings.Contains(text, "redis")
	})
}

func TestItIsNotReadyWithoutItsDatabase(t *testing.T) {
	s, _ := start(t)
	if err := s.adapters.store.Close(); err != nil {
		t.Fatal(err)
	}
	if status, text := get(t, s.OpsURL()+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, "database") {
		t.Errorf("readyz: %d %s", status, text)
	}
	if status, _ := get(t, s.OpsURL()+"/livez"); status != http.StatusOK {
		t.Errorf("livez: %d: a restart would not bring the database back", status)
	}
	if status, text := get(t, s.URL()+"/v1/products"); status != http.StatusServiceUnavailable && status != http.StatusInternalServerError ||
		strings.Contains(text, "sql") {
		t.Errorf("a reader is told %d %s", status, text)
	}
}

// Stop lets a running request finish, ends the streams, closes the ports, and may be called again.
func TestStopEndsStreamsAndClosesThePorts(t *testing.T) {
	s, _ := start(t)
	product := storetest.Product(t, s.adapters.store, 3)
	stream := s.URL() + "/v1/products/" + string(product.ID) + "/events"
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, stream, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	if first, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(first, "retry:") {
		t.Fatalf("the stream begins with %q, %v", first, err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, err := io.ReadAll(lines); err != nil {
		t.Errorf("the stream breaks off: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("the second stop: %v", err)
	}
	for _, url := range []string{s.URL(), s.OpsURL() + "/livez"} {
		if status, _ := get(t, url); status != 0 {
			t.Errorf("%s still answers: %d", url, status)
		}
	}
}

// While it drains, a process serves on and is not ready, so that no more requests are routed to it.
func TestADrainingProcessServesAndIsNotReady(t *testing.T) {
	s, _ := start(t, func(c *Config) { c.DrainDelay = time.Second })
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	eventually(t, "it drains", func() bool { status, _ := get(t, s.OpsURL()+"/readyz"); return status == http.StatusServiceUnavailable })
	if status, text := get(t, s.URL()+"/v1/products"); status != http.StatusOK {
		t.Errorf("a request that came all the same: %d %s", status, text)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// What is wrong is said at the start, and nothing stays open.
func TestAStartThatFailsLeavesNothingOpen(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, c := range map[string]struct {
		breaks func(*Config)
		want   string
	}{
		"a mistake in the configuration": {func(c *Config) { c.Starts = 0 }, "starts"},
		"a port that is taken":           {func(c *Config) { c.Listen = taken.Addr().String() }, "address already in use"},
		"an operators' port that is":     {func(c *Config) { c.OpsListen = taken.Addr().String() }, "address already in use"},
		"a database that cannot be":      {func(c *Config) { c.Store.DSN = "sqlite:/dev/null/x.db" }, "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults(t)
			cfg.Listen, cfg.OpsListen, cfg.Temporal.Address, cfg.Redis.Addr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1", "127.0.0.1:1"
			file := strings.TrimPrefix(cfg.Store.DSN, "sqlite:")
			c.breaks(&cfg)
			s, err := Start(t.Context(), cfg)
			if err == nil {
				_ = s.Stop()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if _, err := os.Stat(file + "-wal"); err == nil {
				t.Error("the database was not closed")
			}
		})
	}
}

// Run serves until its context ends.
func TestRunEndsWithItsContext(t *testing.T) {
	cfg := defaults(t)
	cfg.Listen, cfg.OpsListen, cfg.Temporal.Address, cfg.Redis.Addr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1", "127.0.0.1:1"
	cfg.DrainDelay = 0
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.OpsListen = free.Addr().String()
	_ = free.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg) }()
	eventually(t, "it serves", func() bool { status, _ := get(t, "http://"+cfg.OpsListen+"/readyz"); return status == http.StatusOK })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	cfg.Store.DSN = "runrun@tcp(127.0.0.1:1)/runrun"
	if err := Run(ctx, cfg); err != nil {
		t.Errorf("it was told to stop while it waited for its database: %v", err)
	}
	cfg.Starts = 0
	if err := Run(t.Context(), cfg); err == nil {
		t.Error("it ran with a configuration that is not valid")
	}
}
