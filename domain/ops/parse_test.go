package ops_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runrun/domain/ops"
)

// settings is a configuration with a setting of every kind that processes have.
type settings struct {
	Wait  time.Duration `env:"T_WAIT" default:"1s"`
	Count int           `env:"T_COUNT" default:"1"`
	Kind  string        `env:"T_KIND" default:"red" enum:"red,green"`
	Names []string      `env:"T_NAMES" default:"a,b"`
}

func TestFlagsBeatTheEnvironmentAndThatTheDefaults(t *testing.T) {
	t.Setenv("T_WAIT", "2s")
	t.Setenv("T_COUNT", "7")
	t.Setenv("T_NAMES", "c,d,e")
	var cfg settings
	if _, err := ops.Parse(&cfg, []string{"--wait=3s"}); err != nil {
		t.Fatal(err)
	}
	if cfg.Wait != 3*time.Second || cfg.Count != 7 || cfg.Kind != "red" || len(cfg.Names) != 3 {
		t.Errorf("got %+v, want wait of the flag, count and names of the environment, and kind of the default", cfg)
	}
}

// What cannot be read is hidden from the parser only: the rest is read, and children of the process get the environment as it was.
func TestAnUnreadableValueStaysInTheEnvironment(t *testing.T) {
	t.Setenv("T_WAIT", "soon")
	t.Setenv("T_COUNT", "7")
	var cfg settings
	_, err := ops.Parse(&cfg, nil)
	if err == nil || !strings.Contains(err.Error(), `T_WAIT="soon"`) {
		t.Errorf("the report is %v, want the variable and its value", err)
	}
	if cfg.Count != 7 {
		t.Errorf("count is %d: what can be read was not", cfg.Count)
	}
	if got := os.Getenv("T_WAIT"); got != "soon" {
		t.Errorf("T_WAIT is %q afterwards", got)
	}
}

func TestMistakesOfFlagsStandBesideThoseOfTheEnvironment(t *testing.T) {
	t.Setenv("T_KIND", "blue")
	var cfg settings
	_, err := ops.Parse(&cfg, []string{"--nonsense"})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{`T_KIND="blue"`, "red,green", "--nonsense"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
}

func TestAnEmptyEnvironmentLeavesTheDefaults(t *testing.T) {
	var cfg settings
	parser, err := ops.Parse(&cfg, nil)
	if err != nil || parser == nil {
		t.Fatalf("%v, %v", parser, err)
	}
	if cfg.Wait != time.Second || cfg.Count != 1 || cfg.Kind != "red" || len(cfg.Names) != 2 {
		t.Errorf("got %+v", cfg)
	}
}

func TestWhatIsNoConfigurationIsRefused(t *testing.T) {
	if _, err := ops.Parse(settings{}, nil); err == nil {
		t.Error("a struct that cannot be filled was accepted")
	}
}

// Secrets come in files, which no list of processes and no environment shows.
func TestASettingFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var cfg struct {
		Key string `env:"T_KEY"`
	}
	t.Setenv("T_KEY_FILE", path)
	if _, err := ops.Parse(&cfg, nil); err != nil || cfg.Key != "hidden" {
		t.Errorf("the key is %q, %v", cfg.Key, err)
	}
	if _, left := os.LookupEnv("T_KEY"); left {
		t.Error("the secret stays in the environment")
	}
	t.Setenv("T_KEY", "open")
	if _, err := ops.Parse(&cfg, nil); err == nil || !strings.Contains(err.Error(), "one of them") {
		t.Errorf("both a value and a file: %v", err)
	}
	_ = os.Unsetenv("T_KEY")
	t.Setenv("T_KEY_FILE", path+".missing")
	if _, err := ops.Parse(&cfg, nil); err == nil || !strings.Contains(err.Error(), "T_KEY_FILE") {
		t.Errorf("a file that is missing: %v", err)
	}
}
