package ops

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// How lines that are alike are thinned out: in an outage every request says the same.
const (
	alikeFor   = 10 * time.Second
	oneOfAlike = 100
	mostTexts  = 1000 // texts are constants; this only bounds what a library may write
)

// sampler writes the first lines of one level and text in each span of time, and of the rest one in a hundred, with the number of those
// that were left out. Errors are lines like others: what fails a thousand times is said a few times.
type sampler struct {
	slog.Handler
	*counts
}

// counts are what samplers of one logger share.
type counts struct {
	alike int

	mu      sync.Mutex
	since   time.Time
	seen    map[text]*seen
	dropped map[slog.Level]int64
}

// text is what makes lines alike.
type text struct {
	level   slog.Level
	message string
}

// seen is how many lines of a text came in this span of time, and how many were left out since the last that was written.
type seen struct{ lines, left int }

func newSampler(h slog.Handler, alike int) sampler {
	c := &counts{alike: alike, seen: map[text]*seen{}, dropped: map[slog.Level]int64{slog.LevelWarn: 0, slog.LevelError: 0}}
	_, err := otel.Meter("runrun/log").Int64ObservableCounter("runrun_log_lines_dropped",
		metric.WithDescription("Log lines that were not written because many others said the same."),
		metric.WithInt64Callback(c.observe))
	if err != nil {
		slog.Warn("dropped log lines are not counted", "error", err)
	}
	return sampler{h, c}
}

func (c *counts) observe(_ context.Context, o metric.Int64Observer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for level, n := range c.dropped {
		o.Observe(n, metric.WithAttributes(attribute.String("level", level.String())))
	}
	return nil
}

// Handle is part of slog.Handler.
func (s sampler) Handle(ctx context.Context, r slog.Record) error {
	write, left := s.count(text{r.Level, r.Message}, r.Time)
	if !write {
		return nil
	}
	if left > 0 {
		r.AddAttrs(slog.Int("left_out", left))
	}
	return s.Handler.Handle(ctx, r)
}

// count reports whether a line is written, and how many like it were left out before.
func (c *counts) count(t text, now time.Time) (write bool, left int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.since) >= alikeFor || len(c.seen) >= mostTexts {
		c.since = now
		for known, n := range c.seen {
			if n.lines = 0; n.left == 0 || len(c.seen) >= mostTexts {
				delete(c.seen, known)
			}
		}
	}
	n := c.seen[t]
	if n == nil {
		n = &seen{}
		c.seen[t] = n
	}
	n.lines++
	if c.alike > 0 && n.lines > c.alike && (n.lines-c.alike)%oneOfAlike != 0 {
		n.left++
		c.dropped[t.level]++
		return false, 0
	}
	left, n.left = n.left, 0
	return true, left
}

// WithAttrs is part of slog.Handler.
func (s sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return sampler{s.Handler.WithAttrs(attrs), s.counts}
}

// WithGroup is part of slog.Handler.
func (s sampler) WithGroup(name string) slog.Handler {
	return sampler{s.Handler.WithGroup(name), s.counts}
}
