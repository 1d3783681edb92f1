package system

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// without clears settings that the machine may have.
func without(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Setenv(name, "") // which restores it
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatTheEnvironmentDoesNotNameIsEmbedded(t *testing.T) {
	without(t, "MYSQL_DSN", "REDIS_ADDR", "TEMPORAL_ADDRESS", "PG_URL", "HOLD_STARTS", "PAY_WITHIN")
	cfg := Config{Data: "folder", API: "127.0.0.1:1", APIOps: "127.0.0.1:2", Worker: "127.0.0.1:3", PGMock: "127.0.0.1:4", Workers: true}
	s, err := cfg.settings()
	if err != nil {
		t.Fatal(err)
	}
	dsn := "sqlite:" + filepath.Join("folder", "runrun.db")
	if s.API.Store.DSN != dsn || s.Worker.Store.DSN != dsn {
		t.Errorf("databases %q and %q, want %s for both", s.API.Store.DSN, s.Worker.Store.DSN, dsn)
	}
	got := []string{s.API.Listen, s.API.OpsListen, s.Worker.Listen, s.PGMock.Listen}
	if want := []string{cfg.API, cfg.APIOps, cfg.Worker, cfg.PGMock}; !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
	if s.NoAPI || s.NoWorker || s.API.HoldStarts != holdStarts || s.PGMock.DataFile != filepath.Join("folder", "pgmock.json") {
		t.Errorf("got %+v", s)
	}
}

func TestTheEnvironmentGoesFirst(t *testing.T) {
	t.Setenv("MYSQL_DSN", "root@tcp(127.0.0.1:3306)/shop")
	t.Setenv("HOLD_STARTS", "1s")
	t.Setenv("PAY_WITHIN", "7m")
	adjusted := false
	s, err := Config{Ephemeral: true, Demo: true, Adjust: func(s *Settings) { adjusted = s.API.HoldStarts == time.Second }}.settings()
	if err != nil {
		t.Fatal(err)
	}
	if s.API.Store.DSN != "root@tcp(127.0.0.1:3306)/shop" || s.API.PayWithin != 7*time.Minute || !adjusted {
		t.Errorf("DSN %s, pay within %s, adjusted after the environment: %t", s.API.Store.DSN, s.API.PayWithin, adjusted)
	}
	if !s.NoAPI || !s.NoWorker || s.PGMock.DataFile != "" {
		t.Errorf("without addresses and workers, ephemeral: %+v", s)
	}
}

func TestTheDemoIsShort(t *testing.T) {
	without(t, "PAY_WITHIN")
	if s, err := (Config{Demo: true}).settings(); err != nil || s.API.PayWithin != demoPayWithin {
		t.Errorf("%v, %v; want %s", s, err, demoPayWithin)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	t.Setenv("PAY_WITHIN", "soon")
	if _, err := (Config{}).settings(); err == nil || !strings.Contains(err.Error(), "PAY_WITHIN") {
		t.Errorf("got %v", err)
	}
}

func TestTheRootIsFoundFromEveryFolderOfIt(t *testing.T) {
	root, err := Root() // from here
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "domain", "store"))
	if got, err := Root(); err != nil || got != root {
		t.Errorf("%s, %v; want %s", got, err, root)
	}
	t.Chdir(t.TempDir())
	if got, err := Root(); err == nil {
		t.Errorf("outside it is %s", got)
	}
}
