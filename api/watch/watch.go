// Package watch shows operators the shop's work as a whole, whichever process does it: how many orders stand where, and whether somebody
// polls the task queues. It stands in the API, since workers that are gone say nothing. Start at New.
package watch

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Watch looks again and again, and keeps what it saw for the metrics.
type Watch struct {
	every  time.Duration
	orders *orders
	queues *queues
}

// limit bounds one look.
const limit = 5 * time.Second

// New returns a Watch, whose metrics are there once it runs.
func New(rows Rows, temporal Queues, namespace string, every time.Duration) (*Watch, error) {
	o, err1 := newOrders(rows)
	q, err2 := newQueues(temporal, namespace)
	return &Watch{every, o, q}, errors.Join(err1, err2)
}

// Run looks until ctx ends. What cannot be seen is not shown: an old number would be taken for a new one.
func (w *Watch) Run(ctx context.Context) {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (w *Watch) look(ctx context.Context) {
	for name, look := range map[string]func(context.Context) error{"orders": w.orders.look, "queues": w.queues.look} {
		limited, cancel := context.WithTimeout(ctx, limit)
		if err := look(limited); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "metrics are missing", "of", name, "error", err)
		}
		cancel()
	}
}
