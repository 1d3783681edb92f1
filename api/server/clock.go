package server

import (
	"context"
	"time"
)

// clockAge is how long the difference between the database's clock and ours is believed.
const clockAge = 10 * time.Second

// now is the database's time, as near as ten seconds of drift allow: for readers, and for the door where the gate is gone. The
// reservation asks the database itself.
// Errors: Unavailable.
func (s *Server) now(ctx context.Context) (time.Time, error) {
	ahead, err := s.ahead.get(ctx, "")
	return time.Now().Add(ahead).UTC(), err
}

// readAhead asks how far the database's clock is before ours.
func (s *Server) readAhead(ctx context.Context, _ string) (time.Duration, error) {
	now, err := s.store.Now(ctx)
	return time.Until(now), err
}
