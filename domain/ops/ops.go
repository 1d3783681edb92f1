// Package ops is what every process of the shop shows its operators: structured logs, metrics for Prometheus, and whether it
// lives and is ready.
package ops

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"runrun/domain"
)

// Config is what every process has.
type Config struct {
	Environment string     `name:"env" env:"RUNRUN_ENV" default:"" enum:",development,production" help:"development allows the public keys; production refuses them; if it is not set, they are refused where the process listens to others or speaks with others' services."`
	LogLevel    slog.Level `env:"LOG_LEVEL" default:"INFO" help:"Least severe log lines to write: DEBUG, INFO, WARN, ERROR."`
}

// PublicKeys reports whether the public development keys are allowed. exposed means that the process listens beyond this machine
// or is connected to services elsewhere; then the keys are allowed only with RUNRUN_ENV=development, not with an unset one.
func (c Config) PublicKeys(exposed bool) bool {
	return c.Environment == "development" || c.Environment == "" && !exposed
}

// Loopback reports whether an address, host:port or a URL, is on this machine.
func Loopback(address string) bool {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Host
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// secondsBuckets are the bounds of histograms of times, from a millisecond to ten minutes: the SDK's own begin at five seconds.
var secondsBuckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600}

// sizeBuckets are the bounds of histograms of sizes.
var sizeBuckets = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}

// version is the build's, from its module or its commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}

var (
	startOnce sync.Once
	errStart  error
)

// Start prepares metrics and trace ids of this process, under the name of the service. It may be called again: the development
// system runs several parts in one process, and the first names it.
func Start(service string) error {
	startOnce.Do(func() { errStart = start(service) })
	return errStart
}

func start(service string) error {
	exporter, err := prometheus.New()
	if err != nil {
		return err
	}
	named := resource.NewSchemaless(semconv.ServiceName("runrun-"+service), semconv.ServiceVersion(version()))
	buckets := func(bounds []float64) metric.Stream {
		return metric.Stream{Aggregation: metric.AggregationExplicitBucketHistogram{Boundaries: bounds}}
	}
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter), metric.WithResource(named), metric.WithView(
		metric.NewView(metric.Instrument{Name: "*_size", Kind: metric.InstrumentKindHistogram}, buckets(sizeBuckets)),
		metric.NewView(metric.Instrument{Name: "*_latency*", Kind: metric.InstrumentKindHistogram}, buckets(secondsBuckets)),
		metric.NewView(metric.Instrument{Name: "*_seconds", Kind: metric.InstrumentKindHistogram}, buckets(secondsBuckets)),
	)))
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithResource(named)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return nil
}

// Log writes JSON lines to standard error from here on.
func Log(cfg Config) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel})))
}

// Check says what is wrong with a part that the process needs, or nil.
type Check func(ctx context.Context) error

// Health knows which parts a process needs to be ready. It is safe for concurrent use.
type Health struct {
	mu     sync.Mutex
	checks map[string]part
}

// part is something that a process uses. One that it can do without decides nothing.
type part struct {
	check  Check
	needed bool
}

// checkLimit bounds one question for readiness.
const checkLimit = 2 * time.Second

// Need adds a part without which the process is not ready.
func (h *Health) Need(name string, check Check) { h.add(name, part{check, true}) }

// Note adds a part that the process can do without: it is shown, and does not decide.
func (h *Health) Note(name string, check Check) { h.add(name, part{check, false}) }

func (h *Health) add(name string, p part) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = map[string]part{}
	}
	h.checks[name] = p
}

// Handler serves /livez, /readyz and /metrics.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.Handler())
	return mux
}

// ready answers 200 or 503 and says of each part "ok" or what is wrong; "degraded" if the process goes on without it.
func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkLimit)
	defer cancel()
	report, status := map[string]string{}, http.StatusOK
	for name, found := range h.report(ctx) {
		switch {
		case found.err == nil:
			report[name] = "ok"
		case found.needed:
			report[name], status = outwardly(found.err), http.StatusServiceUnavailable
			slog.WarnContext(ctx, "not ready", "part", name, "error", found.err)
		default:
			report[name] = "degraded: " + outwardly(found.err)
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
	return string(domain.CodeUnavailable)
}

// finding is what a part's check said.
type finding struct {
	err    error
	needed bool
}

// report asks every part at once.
func (h *Health) report(ctx context.Context) map[string]finding {
	h.mu.Lock()
	defer h.mu.Unlock()
	var mu sync.Mutex
	var asked sync.WaitGroup
	report := map[string]finding{}
	for name, part := range h.checks {
		asked.Go(func() {
			err := part.check(ctx)
			mu.Lock()
			defer mu.Unlock()
			report[name] = finding{err, part.needed}
		})
	}
	asked.Wait()
	return report
}
