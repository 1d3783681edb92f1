package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runrun/deploy/pgmock/server"
)

func TestAllMistakesOfTheMockAtOnce(t *testing.T) {
	_, err := server.New(server.Config{DuplicateShare: -1, DeclineShare: 2, ErrorShare: 3, LoseShare: 4, LatencyMin: time.Second})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{"duplicate-share", "decline-share", "error-share", "lose-share", "latency-max", "confirm-within"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
}

// A mock that began with nothing instead would tell the shop that its payments never were.
func TestAStateThatCannotBeReadIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mock.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := server.Config{ConfirmWithin: time.Minute, DataFile: file}
	if _, err := server.New(cfg); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names %s", err, file)
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	first := start(t)
	second, err := server.New(server.Config{Listen: strings.TrimPrefix(first.URL(), "http://"), ConfirmWithin: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(t.Context()); err == nil {
		t.Error("two mocks at one address")
	}
}
