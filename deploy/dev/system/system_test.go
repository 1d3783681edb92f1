package system

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"runrun/domain/store/storetest"
)

func TestPartsStopInReverseOrderEachOnce(t *testing.T) {
	var stopped []int
	s := &System{}
	for n := range 3 {
		s.later(func() error {
			stopped = append(stopped, n)
			return errors.New([]string{"zero", "one", "two"}[n])
		})
	}
	err := s.Stop()
	if !slices.Equal(stopped, []int{2, 1, 0}) || err == nil || !strings.HasPrefix(err.Error(), "two\none\nzero") {
		t.Errorf("stopped %v, %v", stopped, err)
	}
	if err := s.Stop(); err != nil || len(stopped) != 3 {
		t.Errorf("the second time: %v, %v", stopped, err)
	}
}

// What a failed start has left behind is undone.
func TestAFailedStartLeavesNothing(t *testing.T) {
	without(t, "MYSQL_DSN", "REDIS_ADDR", "TEMPORAL_ADDRESS", "PG_URL")
	fakeTemporal(t, "exit 3")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	_, err := Start(t.Context(), Config{Ephemeral: true, PGMock: "127.0.0.1:0"})
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Fatalf("got %v", err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	} // and no goroutine: see TestMain
}

func TestTheEmbeddedRedisHasAClock(t *testing.T) {
	without(t, "REDIS_ADDR")
	s := &System{Settings: &Settings{}}
	if err := s.startRedis(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Settings.API.Redis.Addr != s.Redis.Addr() || s.Settings.Worker.Redis.Addr != s.Redis.Addr() {
		t.Errorf("API and worker are sent to %q and %q", s.Settings.API.Redis.Addr, s.Settings.Worker.Redis.Addr)
	}
	client := redis.NewClient(&redis.Options{Addr: s.Redis.Addr()})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := client.Set(ctx, "key", "value", 10*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	for client.Exists(ctx, "key").Val() != 0 {
		if ctx.Err() != nil {
			t.Fatal("the key does not expire")
		}
	}
	if err := errors.Join(client.Close(), s.Stop()); err != nil {
		t.Error(err)
	}
}

func TestARedisOfSomebodyElseIsUsed(t *testing.T) {
	t.Setenv("REDIS_ADDR", "redis.example:6379")
	s := &System{}
	if err := s.startRedis(t.Context()); err != nil || s.Redis != nil {
		t.Errorf("%v, %v", s.Redis, err)
	}
}

// The welcome names where everything is, and only what runs.
func TestWelcome(t *testing.T) {
	s := &System{
		Store: storetest.Open(t, storetest.SQLite(t)), Redis: miniredis.NewMiniRedis(), cfg: Config{Data: "folder"},
		Temporal: TemporalServer{GRPC: "127.0.0.1:7233", UI: "http://127.0.0.1:8233"},
	}
	text := s.Welcome()
	for _, want := range []string{"127.0.0.1:7233", "http://127.0.0.1:8233", "folder", ShopperEmail, DemoPassword} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, absent := range []string{"API", "Worker", "Gateway mock"} {
		if strings.Contains(text, "  "+absent+"  ") {
			t.Errorf("%s is named, and does not run:\n%s", absent, text)
		}
	}
	s.cfg.Ephemeral, s.Temporal.UI = true, ""
	text = s.Welcome()
	if !strings.Contains(text, "deleted at the end") || strings.Contains(text, "folder") || strings.Contains(text, "Web UI") {
		t.Errorf("ephemeral, without a UI:\n%s", text)
	}
}
