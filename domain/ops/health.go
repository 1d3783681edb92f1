package ops

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"runrun/domain"
)

// Check returns what is wrong with a dependency of the process, or nil.
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
	checks := maps.Clone(h.checks) // a part that hangs must not keep others who ask waiting
	h.mu.Unlock()
	var mu sync.Mutex
	var asked sync.WaitGroup
	report := map[string]finding{}
	for name, part := range checks {
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
