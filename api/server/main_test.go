package server

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing of this package runs on after its tests. A Redis client that could not connect sees at most a second after its end that it
// is closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}
