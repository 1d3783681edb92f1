package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// Rows counts orders.
type Rows interface {
	CountOpen(ctx context.Context) ([]domain.OrderCount, error)
	CountAttention(ctx context.Context) (map[domain.Attention]int64, error)
}

// orders shows how many orders are open, and how many need a person.
type orders struct {
	rows Rows

	mu        sync.Mutex
	open      []domain.OrderCount
	attention map[domain.Attention]int64 // nil while it is not known
}

func newOrders(rows Rows) (*orders, error) {
	o := &orders{rows: rows}
	meter := otel.Meter("runrun/watch")
	open, err1 := meter.Int64ObservableGauge("runrun_orders_open",
		metric.WithDescription("Orders that still move on, by status; 100000 is that many or more."))
	oldest, err2 := meter.Float64ObservableGauge("runrun_orders_oldest_seconds", metric.WithUnit("s"),
		metric.WithDescription("Age of the oldest order of a status, 0 if there is none."))
	attention, err3 := meter.Int64ObservableGauge("runrun_orders_attention",
		metric.WithDescription("Orders that need a person, by reason."))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, of := range o.open {
			status := metric.WithAttributes(attribute.String("status", string(of.Status)))
			observer.ObserveInt64(open, of.Count, status)
			age := 0.0
			if !of.Oldest.IsZero() {
				age = max(0, time.Since(of.Oldest).Seconds())
			}
			observer.ObserveFloat64(oldest, age, status)
		}
		if o.attention == nil {
			return nil
		}
		for _, reason := range domain.Attentions() {
			observer.ObserveInt64(attention, o.attention[reason], metric.WithAttributes(attribute.String("reason", string(reason))))
		}
		return nil
	}, open, oldest, attention)
	return o, err
}

func (o *orders) look(ctx context.Context) error {
	open, err1 := o.rows.CountOpen(ctx)
	attention, err2 := o.rows.CountAttention(ctx)
	err := errors.Join(err1, err2)
	if err != nil {
		open, attention = nil, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open, o.attention = open, attention
	return err
}
