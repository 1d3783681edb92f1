package rest

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// streams bounds the connections that wait for something to happen: all of one kind, and those of one caller. Each kind has its own:
// strangers who watch products must not take the places of shoppers who follow their orders.
type streams struct {
	limits StreamLimits

	mu   sync.Mutex
	open int
	of   map[string]int // by caller
}

// StreamLimits bound event streams and long polls that are open at once.
type StreamLimits struct {
	Most, Each int // of all callers, and of one
}

func newStreams(limits StreamLimits) *streams {
	return &streams{limits: limits, of: map[string]int{}}
}

// observe shows how many are open, and how many may be.
func (s *streams) observe(of string) error {
	meter := otel.Meter("runrun/http")
	open, err1 := meter.Int64ObservableGauge("runrun_streams_open",
		metric.WithDescription("Event streams and long polls that are open, by what they follow."))
	most, err2 := meter.Int64ObservableGauge("runrun_streams_limit",
		metric.WithDescription("How many may be open at once; further ones are refused as OVERLOADED."))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		labels := metric.WithAttributes(attribute.String("of", of))
		o.ObserveInt64(open, int64(s.open), labels)
		o.ObserveInt64(most, int64(s.limits.Most), labels)
		return nil
	}, open, most)
	return err
}

// enter takes a place for a caller; the returned function gives it back.
// Errors: TooManyRequests if the caller has too many, Overloaded if all have.
func (s *streams) enter(caller string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[caller] >= s.limits.Each:
		return nil, domain.Errorf(domain.CodeTooManyRequests, "you have too many streams open: at most %d", s.limits.Each)
	case s.open >= s.limits.Most:
		return nil, domain.Errorf(domain.CodeOverloaded, "too many are waiting for something to happen; ask again in a moment")
	}
	s.open++
	s.of[caller]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.of[caller]--; s.of[caller] == 0 {
			delete(s.of, caller)
		}
	}), nil
}
