package server

import (
	"context"
	"time"

	"runrun/domain"
)

// Pauses between two readings of a row that nobody announces to have changed: announcements may be lost.
const (
	firstReading   = 50 * time.Millisecond // where nothing is announced
	firstDoubt     = time.Second           // where changes are announced
	longestReading = 5 * time.Second
)

// await waits until the order is as wanted, for at most limit, and returns its latest row. Announcements make it quick; the
// row decides.
func (s *Server) await(ctx context.Context, order domain.Order, limit time.Duration, wanted func(domain.Order) bool) (domain.Order, error) {
	if wanted(order) || limit <= 0 {
		return order, nil
	}
	changed, stop := s.events.WatchOrder(order.ID)
	defer stop()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	pause := firstDoubt
	if s.presence.Absent() {
		pause = firstReading
	}
	for ; ; pause = min(pause*2, longestReading) {
		latest, err := s.order(ctx, order.ID)
		if err != nil || wanted(latest) {
			return latest, err
		}
		reading := time.NewTimer(pause)
		select {
		case <-changed:
			reading.Stop()
		case <-reading.C:
		case <-deadline.C:
			reading.Stop()
			return latest, nil
		case <-s.endOfLife.Done():
			reading.Stop()
			return latest, nil
		case <-ctx.Done():
			reading.Stop()
			return latest, domain.Because(domain.Unavailable, ctx.Err(), "the request took too long")
		}
	}
}
