// Package redistest gives tests a Redis: the embedded one always, a real one where REDIS_ADDR names it. With CI=true a missing
// real one is a failure, not a skip.
package redistest

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"

	"runrun/domain/redis"
)

// Each runs the test on every Redis there is.
func Each(t *testing.T, test func(t *testing.T, client goredis.UniversalClient)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		client, _ := Embedded(t)
		test(t, client)
	})
	t.Run("redis", func(t *testing.T) { test(t, Real(t)) })
}

// Embedded returns a client of an in-process Redis, and the means to break it.
func Embedded(t testing.TB) (goredis.UniversalClient, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.RunT(t)
	return connect(t, server.Addr()), server
}

// Real returns a client of the Redis of REDIS_ADDR. Tests share it, so keys must be unique.
func Real(t testing.TB) goredis.UniversalClient {
	t.Helper()
	addr := os.Getenv("REDIS_ADDR")
	if addr == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("REDIS_ADDR is not set, and in CI the tests run on Redis too")
		}
		t.Skip("REDIS_ADDR is not set")
	}
	client := connect(t, addr)
	if err := redis.Ping(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	return client
}

func connect(t testing.TB, addr string) goredis.UniversalClient {
	t.Helper()
	client, err := redis.Connect(redis.Config{Addr: addr, Limit: 5 * time.Second, GateLimit: 5 * time.Second, Connections: 64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Unique makes a name that no other test uses.
func Unique(prefix string) string { return prefix + strings.ReplaceAll(uuid.NewString(), "-", "") }
