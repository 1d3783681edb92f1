package ops

import (
	"context"
	"errors"
	"log/slog"

	"runrun/domain"
)

// Await calls open until it does not fail with Unavailable, with longer and longer pauses: whatever a process needs may start after it.
// Meanwhile readiness says that the part is missing.
// Errors: those of open that waiting does not mend, and ctx's end.
func (h *Health) Await(ctx context.Context, part string, open func(context.Context) error) error {
	var backoff Backoff
	for {
		err := open(ctx)
		if domain.CodeOf(err) != domain.CodeUnavailable || err == nil {
			return err
		}
		h.Need(part, func(context.Context) error { return err })
		slog.WarnContext(ctx, "start waits for a part", "part", part, "error", err)
		if !backoff.Wait(ctx) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// Stopped reports whether a start failed because the process was told to stop while it waited, which is no failure.
func Stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
