package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"

	"runrun/domain"
	"runrun/domain/ops"
)

// logged returns the lines that write writes with the configuration.
func logged(t *testing.T, cfg ops.Config, write func()) []map[string]any {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	stderr, logger := os.Stderr, slog.Default()
	os.Stderr = file
	defer func() {
		os.Stderr = stderr
		slog.SetDefault(logger)
		_ = file.Close()
	}()
	ops.Log(cfg)
	write()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for line := range bytes.Lines(text) {
		var decoded map[string]any
		if err := json.Unmarshal(line, &decoded); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, decoded)
	}
	return lines
}

// In an outage every request says the same: a few lines are written, and how many were left out.
func TestLinesThatAreAlikeAreThinnedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := logged(t, ops.Config{LogAlike: 3}, func() {
			for range 1032 {
				slog.Warn("request failed", "order_id", "ord_1")
			}
			slog.Warn("another")
			time.Sleep(11 * time.Second)
			slog.Warn("request failed")
		})
		if len(lines) != 3+10+1+1 {
			t.Fatalf("%d lines of 1,034 were written: %v", len(lines), lines)
		}
		if lines[3]["left_out"] != 99.0 {
			t.Errorf("the fourth line is %v, want one that says how many were left out", lines[3])
		}
		if last := lines[len(lines)-1]; last["msg"] != "request failed" || last["left_out"] != 29.0 {
			t.Errorf("the last line is %v", last)
		}
	})
}

func TestNothingIsThinnedOutWithoutABound(t *testing.T) {
	lines := logged(t, ops.Config{}, func() {
		for range 200 {
			slog.Warn("request failed")
		}
	})
	if len(lines) != 200 {
		t.Errorf("%d lines of 200", len(lines))
	}
}

// A line names its request, however deep in the call it is written, and its trace.
func TestALineSaysOfWhichRequestItIs(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := ops.Annotated(trace.ContextWithSpanContext(t.Context(), span), slog.String("route", "GET /x"))
	lines := logged(t, ops.Config{LogAlike: 9}, func() {
		ops.Annotate(ctx, slog.String("user_id", "usr_1"), slog.String("order_id", "ord_1"))
		slog.With("part", "store").WarnContext(ctx, "slow", "order_id", "ord_2")
		ops.Annotate(context.Background(), slog.String("lost", "nobody asks"))
	})
	want := map[string]any{
		"level": "WARN", "msg": "slow", "part": "store", "route": "GET /x", "user_id": "usr_1", "order_id": "ord_2",
		"trace_id": span.TraceID().String(),
	}
	for key, value := range want {
		if lines[0][key] != value {
			t.Errorf("%s is %v, want %v", key, lines[0][key], value)
		}
	}
	if len(lines[0]) != len(want)+1 {
		t.Errorf("the line is %v", lines[0])
	}
}

// What a process needs may start after it; what waiting does not mend ends the start at once.
func TestTheStartWaitsForWhatIsNotThereYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h ops.Health
		began, tries := time.Now(), 0
		err := h.Await(t.Context(), "database", func(context.Context) error {
			if tries++; tries < 8 {
				return domain.Errorf(domain.CodeUnavailable, "not yet")
			}
			if status, body := probe(t, &h, "/readyz"); status != 503 || !strings.Contains(body, "not yet") {
				t.Errorf("while it waits: %d %s", status, body)
			}
			return nil
		})
		if took := time.Since(began); err != nil || tries != 8 || took < 10*time.Second || took > 30*time.Second {
			t.Errorf("after %d tries and %s: %v; want pauses that grow up to a bound", tries, took, err)
		}
	})
	broken := errors.New("access denied")
	if err := (&ops.Health{}).Await(t.Context(), "database", func(context.Context) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a wrong password: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := (&ops.Health{}).Await(ctx, "database", func(context.Context) error { return domain.Errorf(domain.CodeUnavailable, "gone") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("told to stop while it waits: %v", err)
	}
}

func TestOperatorsConfiguration(t *testing.T) {
	good := ops.Config{LogAlike: 20, TraceRatio: 1, Traces: "http://collector:4318"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, cfg := range map[string]ops.Config{
		"log-alike":     {LogAlike: -1},
		"trace-ratio":   {TraceRatio: 1.5},
		"otlp-endpoint": {Traces: "collector:4318"},
	} {
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
