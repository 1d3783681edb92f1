package server_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing of this package runs on after its tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
