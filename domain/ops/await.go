package ops

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"runrun/domain"
)

// Pauses between two tries to reach what a process needs at its start.
const (
	minPause = 250 * time.Millisecond
	maxPause = 5 * time.Second
)

// Await calls open until it does not fail with Unavailable, with longer and longer pauses: whatever a process needs may start after it.
// Meanwhile readiness says that the part is missing.
// Errors: those of open that waiting does not mend, and ctx's end.
func (h *Health) Await(ctx context.Context, part string, open func(context.Context) error) error {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		err := open(ctx)
		if domain.CodeOf(err) != domain.CodeUnavailable || err == nil {
			return err
		}
		h.Need(part, func(context.Context) error { return err })
		slog.WarnContext(ctx, "start waits for a part", "part", part, "pause", pause, "error", err)
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}
