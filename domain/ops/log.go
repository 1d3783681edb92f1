package ops

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// Log sets the default logger: JSON lines on standard error. A line that is written within a request or an activity carries its trace id
// and the attributes of Annotate. Lines of the same text are sampled.
func Log(cfg Config) {
	lines := slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel})
	slog.SetDefault(slog.New(annotated{newSampler(lines, cfg.LogAlike)}))
}

// notes are what is known of a request, and grows while it is served.
type notes struct {
	mu    sync.Mutex
	attrs []slog.Attr
}

type notesKey struct{}

// Annotated returns a context whose log lines carry what Annotate adds.
func Annotated(ctx context.Context, attrs ...slog.Attr) context.Context {
	return context.WithValue(ctx, notesKey{}, &notes{attrs: attrs})
}

// Annotate adds to all further log lines of a context that comes from Annotated, wherever in the call it is known.
func Annotate(ctx context.Context, attrs ...slog.Attr) {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.attrs = append(n.attrs, attrs...)
	}
}

func notesOf(ctx context.Context) []slog.Attr {
	n, ok := ctx.Value(notesKey{}).(*notes)
	if !ok {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.attrs)
}

// annotated adds to each line what is known of the request or the activity in which it is written.
type annotated struct{ slog.Handler }

// Handle is part of slog.Handler.
func (h annotated) Handle(ctx context.Context, r slog.Record) error {
	said := map[string]bool{}
	r.Attrs(func(a slog.Attr) bool {
		said[a.Key] = true
		return true
	})
	for _, note := range notesOf(ctx) {
		if !said[note.Key] {
			said[note.Key] = true
			r.AddAttrs(note)
		}
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is part of slog.Handler.
func (h annotated) WithAttrs(attrs []slog.Attr) slog.Handler {
	return annotated{h.Handler.WithAttrs(attrs)}
}

// WithGroup is part of slog.Handler.
func (h annotated) WithGroup(name string) slog.Handler { return annotated{h.Handler.WithGroup(name)} }
