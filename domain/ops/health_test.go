package ops_test

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel"

	"runrun/domain/ops"
)

// probe asks one of the operators' endpoints.
func probe(t *testing.T, h *ops.Health, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// A process that waits for its database is not restarted: that would not help.
func TestAProcessThatIsNotReadyLives(t *testing.T) {
	var h ops.Health
	h.Need("database", func(context.Context) error { return errors.New("gone") })
	if status, body := probe(t, &h, "/livez"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("livez: %d %q", status, body)
	}
	if status, _ := probe(t, &h, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d", status)
	}
}

func TestACauseIsNotShownToWhoeverAsks(t *testing.T) {
	var h ops.Health
	h.Need("database", func(context.Context) error { return errors.New("dial tcp 10.0.0.7:3306: access denied for root") })
	h.Note("redis", func(context.Context) error { return errors.New("WRONGPASS of default") })
	_, body := probe(t, &h, "/readyz")
	for _, secret := range []string{"10.0.0.7", "root", "WRONGPASS"} {
		if strings.Contains(body, secret) {
			t.Errorf("%s is in %s", secret, body)
		}
	}
	var report map[string]string
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if report["database"] != "UNAVAILABLE" || report["redis"] != "degraded: UNAVAILABLE" {
		t.Errorf("the report is %v", report)
	}
}

// A worker replaces its check while it waits for Temporal.
func TestALaterCheckOfAPartReplacesTheFirst(t *testing.T) {
	var h ops.Health
	h.Need("temporal", func(context.Context) error { return errors.New("not started") })
	h.Need("temporal", func(context.Context) error { return nil })
	if status, body := probe(t, &h, "/readyz"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

// The parts are asked at once: one after another, slow parts together would take longer than the probe waits.
func TestChecksRunTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h ops.Health
		meet := make(chan struct{})
		h.Need("first", func(ctx context.Context) error {
			select {
			case meet <- struct{}{}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		h.Need("second", func(ctx context.Context) error {
			select {
			case <-meet:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if status, body := probe(t, &h, "/readyz"); status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	})
}

// A part that does not answer must not keep the probe waiting, which would look as if the process hung.
func TestACheckHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h ops.Health
		h.Need("database", func(ctx context.Context) error {
			if _, limited := ctx.Deadline(); !limited {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if status, body := probe(t, &h, "/readyz"); status != http.StatusServiceUnavailable {
			t.Errorf("%d %s", status, body)
		}
	})
}

// Kubernetes and an operator ask at once: a part that hangs for one must not use up the time of the other.
func TestOneWhoAsksDoesNotWaitForAnother(t *testing.T) {
	var h ops.Health
	asked, release := make(chan struct{}), make(chan struct{})
	var hangs atomic.Bool
	h.Note("temporal", func(context.Context) error {
		if hangs.CompareAndSwap(false, true) {
			close(asked)
			<-release
		}
		return nil
	})
	go probe(t, &h, "/readyz")
	<-asked
	second := make(chan int)
	go func() {
		status, _ := probe(t, &h, "/readyz")
		second <- status
	}()
	select {
	case status := <-second:
		if status != http.StatusOK {
			t.Errorf("the second is told %d", status)
		}
	case <-time.After(10 * time.Second):
		t.Error("the second waits for the first")
	}
	close(release)
}

// The first part of a process names it; times and sizes have buckets of their own, since the SDK's suit neither.
func TestMetrics(t *testing.T) {
	for _, service := range []string{"first", "second"} {
		if err := ops.Start(service, ops.Config{}); err != nil {
			t.Fatal(err)
		}
	}
	meter := otel.Meter("runrun/ops_test")
	wait, err1 := meter.Float64Histogram("ops_test_wait_seconds")
	size, err2 := meter.Int64Histogram("ops_test_batch_size")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	wait.Record(t.Context(), 0.002)
	size.Record(t.Context(), 3)
	status, text := probe(t, &ops.Health{}, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	for _, want := range [][]string{
		{"target_info{", `service_name="runrun-first"`},
		{"ops_test_wait_seconds_bucket{", `le="0.001"`},
		{"ops_test_wait_seconds_bucket{", `le="600"`},
		{"ops_test_batch_size_bucket{", `le="1"`},
		{"ops_test_batch_size_bucket{", `le="512"`},
	} {
		if !hasLine(text, want) {
			t.Errorf("no line with %q in:\n%s", want, text)
		}
	}
}

// hasLine reports whether a line of the text begins with the first of the parts and contains the others.
func hasLine(text string, parts []string) bool {
	for line := range strings.Lines(text) {
		has := strings.HasPrefix(line, parts[0])
		for _, part := range parts[1:] {
			has = has && strings.Contains(line, part)
		}
		if has {
			return true
		}
	}
	return false
}

// Logs are lines of JSON, from the configured level on.
func TestLogWritesJSONFromItsLevelOn(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	stderr, logger, flags := os.Stderr, slog.Default(), log.Flags()
	t.Cleanup(func() {
		os.Stderr = stderr
		slog.SetDefault(logger)
		log.SetOutput(stderr)
		log.SetFlags(flags)
		_ = file.Close()
	})
	os.Stderr = file
	ops.Log(ops.Config{LogLevel: slog.LevelWarn})
	slog.Info("below the level")
	slog.Warn("not ready", "part", "database")
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	var line struct{ Level, Msg, Part string }
	if err := json.Unmarshal(text, &line); err != nil { // two lines are no JSON
		t.Fatalf("%s: %v", text, err)
	}
	if line.Level != "WARN" || line.Msg != "not ready" || line.Part != "database" {
		t.Errorf("the line is %s", text)
	}
}
