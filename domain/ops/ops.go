// Package ops is what every process of the shop shows its operators: structured logs, metrics for Prometheus, and whether it
// lives and is ready.
package ops

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"runrun/domain"
)

// Config is what every process has.
type Config struct {
	Environment string     `name:"env" env:"RUNRUN_ENV" default:"development" enum:"development,production" help:"development or production; production refuses the development keys."`
	LogLevel    slog.Level `env:"LOG_LEVEL" default:"INFO" help:"Least severe log lines to write: DEBUG, INFO, WARN, ERROR."`
}

// Development says whether public keys may be used.
func (c Config) Development() bool { return c.Environment == "development" }

var start = sync.OnceValue(func() error {
	exporter, err := prometheus.New()
	if err != nil {
		return err
	}
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter)))
	otel.SetTracerProvider(trace.NewTracerProvider())
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return nil
})

// Start prepares metrics and trace ids of this process. It may be called again: the development system runs several parts in
// one process.
func Start() error { return start() }

// Log writes JSON lines to standard error from here on.
func Log(cfg Config) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel})))
}

// Check says what is wrong with a part that the process needs, or nil.
type Check func(ctx context.Context) error

// Health knows which parts a process needs to be ready. It is safe for concurrent use.
type Health struct {
	mu     sync.Mutex
	checks map[string]Check
}

// checkLimit bounds one question for readiness.
const checkLimit = 2 * time.Second

// Need adds a part without which the process is not ready.
func (h *Health) Need(name string, check Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = map[string]Check{}
	}
	h.checks[name] = check
}

// Handler serves /livez, /readyz and /metrics.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.Handler())
	return mux
}

// ready answers 200 or 503 and says of each part "ok" or what is wrong.
func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkLimit)
	defer cancel()
	report, status := map[string]string{}, http.StatusOK
	for name, err := range h.Report(ctx) {
		report[name] = "ok"
		if err != nil {
			report[name], status = outwardly(err), http.StatusServiceUnavailable
			slog.WarnContext(ctx, "not ready", "part", name, "error", err)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report)
}

// outwardly is what may be said of an error to anybody who asks: causes quote addresses and users.
func outwardly(err error) string {
	var ours *domain.Error
	if errors.As(err, &ours) {
		return string(ours.Code) + ": " + ours.Message
	}
	return string(domain.Unavailable)
}

// Report asks every part at once.
func (h *Health) Report(ctx context.Context) map[string]error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var mu sync.Mutex
	var asked sync.WaitGroup
	report := map[string]error{}
	for name, check := range h.checks {
		asked.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			report[name] = err
		})
	}
	asked.Wait()
	return report
}
