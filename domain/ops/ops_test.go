package ops_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/ops"
)

// Mistakes of every kind are reported together: a duration, an enum, a level, and what does not fit.
func TestAllMistakesOfTheConfigurationAtOnce(t *testing.T) {
	for name, text := range map[string]string{"T_WAIT": "soon", "T_KIND": "blue", "T_COUNT": "many", "T_LEVEL": "LOUD"} {
		t.Setenv(name, text)
	}
	var cfg struct {
		validated
		Wait  time.Duration `env:"T_WAIT" default:"1s"`
		Kind  string        `env:"T_KIND" default:"red" enum:"red,green"`
		Count int           `env:"T_COUNT" default:"1"`
		Level slog.Level    `env:"T_LEVEL" default:"INFO"`
	}
	_, err := ops.Parse(&cfg, nil)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{"T_WAIT", "T_KIND", "T_COUNT", "T_LEVEL", "does not fit"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
}

type validated struct{}

// Validate finds that nothing fits.
func (validated) Validate() error { return domain.Errorf(domain.CodeValidation, "it does not fit") }

// A forgotten RUNRUN_ENV does not mean public keys: they need a process that nobody else can reach, or somebody who says so.
func TestPublicKeys(t *testing.T) {
	for _, c := range []struct {
		env     string
		exposed bool
		want    bool
	}{{"", false, true}, {"", true, false}, {"development", true, true}, {"production", false, false}} {
		if got := (ops.Config{Environment: c.env}).PublicKeys(c.exposed); got != c.want {
			t.Errorf("RUNRUN_ENV=%q, exposed %t: %t", c.env, c.exposed, got)
		}
	}
	for address, want := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "localhost:1": true, "http://127.0.0.1:8090": true, ":8080": false, "0.0.0.0:8080": false,
		"https://api.tosspayments.com": false, "10.0.0.1:80": false, "": false,
	} {
		if got := ops.Loopback(address); got != want {
			t.Errorf("%q is on this machine: %t", address, got)
		}
	}
}

// What a process needs decides whether it is ready; what it can do without is shown.
func TestReadiness(t *testing.T) {
	var h ops.Health
	var needed, noted error
	h.Need("database", func(context.Context) error { return needed })
	h.Note("redis", func(context.Context) error { return noted })
	get := func() (int, string) {
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code, w.Body.String()
	}
	if status, body := get(); status != http.StatusOK || !strings.Contains(body, `"redis":"ok"`) {
		t.Errorf("all is well: %d %s", status, body)
	}
	noted = domain.Errorf(domain.CodeUnavailable, "gone")
	if status, body := get(); status != http.StatusOK || !strings.Contains(body, "degraded: UNAVAILABLE: gone") {
		t.Errorf("without what is not needed: %d %s", status, body)
	}
	needed = domain.Wrap(domain.CodeUnavailable, context.Canceled, "asleep")
	if status, body := get(); status != http.StatusServiceUnavailable || strings.Contains(body, "canceled") {
		t.Errorf("without what is needed: %d %s", status, body)
	}
}
