package demo

import (
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
)

// make demo, as a newcomer runs it.
func TestDemo(t *testing.T) {
	const anyPort = "127.0.0.1:0"
	s, err := system.Start(t.Context(), system.Config{
		Ephemeral: true, Workers: true, API: anyPort, APIOps: anyPort, Worker: anyPort, PGMock: anyPort,
		Adjust: func(s *system.Settings) { s.API.PayWithin = 5 * time.Second },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error("stop:", err)
		}
	})
	var out strings.Builder
	if err := Run(t.Context(), s, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if !strings.Contains(out.String(), "Everything balances.") {
		t.Errorf("the demo printed:\n%s", &out)
	}
}
