package checkout

import (
	"context"
	"time"

	"runrun/domain"
)

// Pauses between two readings of a row whose change was not announced: announcements may be lost. They double up to maxPause.
const (
	firstPause     = 100 * time.Millisecond // it may have changed between the reading that the waiter knows and the first announcement
	announcedPause = time.Second
	silentPause    = 50 * time.Millisecond // where nothing is announced
	maxPause       = 5 * time.Second
)

// watch reads one order's row whenever it may have changed, for all who wait for it in this process.
type watch struct {
	waiters int
	stop    context.CancelFunc
	row     domain.Order
	err     error
	read    chan struct{} // closed at the next reading
}

// Decided returns the order once it is decided, or as it is after the limit.
func (s *Orders) Decided(ctx context.Context, order domain.Order, limit time.Duration) (domain.Order, error) {
	return s.Await(ctx, order, limit, func(o domain.Order) bool { return o.Status != domain.StatusReceived })
}

// Changed returns the order once it has changed, or as it is after the limit.
func (s *Orders) Changed(ctx context.Context, order domain.Order, limit time.Duration) (domain.Order, error) {
	return s.Await(ctx, order, limit, func(o domain.Order) bool { return o.Version > order.Version })
}

// Await returns the order's row once it is as wanted, or as it is after the limit or when the process ends. Announcements make it
// quick; the row decides.
// Errors: those of Get; Unavailable if ctx ends.
func (s *Orders) Await(ctx context.Context, order domain.Order, limit time.Duration, wanted func(domain.Order) bool) (domain.Order, error) {
	if wanted(order) || limit <= 0 {
		return order, nil
	}
	w := s.join(order.ID) //nolint:contextcheck // a watch outlives the request that started it: others may have joined
	defer s.leave(order.ID, w)
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		row, read, err := s.latest(w)
		if row.ID != "" && (err != nil || wanted(row)) {
			return row, err
		}
		select {
		case <-read:
		case <-deadline.C:
			return newer(order, row), nil
		case <-s.ctx.Done():
			return newer(order, row), nil
		case <-ctx.Done():
			return newer(order, row), domain.Wrap(domain.CodeUnavailable, ctx.Err(), "the request took too long")
		}
	}
}

func newer(a, b domain.Order) domain.Order {
	if b.Version >= a.Version && b.ID != "" {
		return b
	}
	return a
}

// join starts watching an order, or joins those who do.
func (s *Orders) join(id domain.OrderID) *watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watching[id]
	if w == nil {
		ctx, stop := context.WithCancel(s.ctx)
		w = &watch{stop: stop, read: make(chan struct{})}
		s.watching[id] = w
		go s.follow(ctx, id, w)
	}
	if w.err != nil { // a failure of before this waiter came is not its answer: the next reading is
		w.row, w.err = domain.Order{}, nil
	}
	w.waiters++
	return w
}

func (s *Orders) leave(id domain.OrderID, w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.waiters--; w.waiters == 0 {
		w.stop()
		delete(s.watching, id)
	}
}

func (s *Orders) latest(w *watch) (row domain.Order, read <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.row, w.read, w.err
}

// follow reads the row when a change is announced, and now and then. It does not begin by reading: whoever waits has just read or
// written the row.
func (s *Orders) follow(ctx context.Context, id domain.OrderID, w *watch) {
	changed, stop := s.changes.WatchOrder(id)
	defer stop()
	pause, next := firstPause, announcedPause
	if s.silent() {
		pause, next = silentPause, 2*silentPause
	}
	for ; ; pause, next = next, min(2*next, maxPause) {
		timer := time.NewTimer(pause)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		row, err := s.Get(ctx, id)
		if ctx.Err() != nil {
			return
		}
		s.publish(w, id, row, err)
	}
}

func (s *Orders) publish(w *watch, id domain.OrderID, row domain.Order, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		row = domain.Order{ID: id}
	}
	w.row, w.err = row, err
	close(w.read)
	w.read = make(chan struct{})
}
