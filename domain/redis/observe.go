package redis

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Observe shows the use of a client's connections under the name of its pool, until stop is called.
func Observe(pool string, c Client) (stop func(), err error) {
	meter := otel.Meter("runrun/redis")
	connections, err1 := meter.Int64ObservableGauge("runrun_redis_connections",
		metric.WithDescription("Open connections to Redis, by pool and whether they are in use."))
	timeouts, err2 := meter.Int64ObservableCounter("runrun_redis_pool_timeouts",
		metric.WithDescription("Commands that found no free connection in time."))
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	registered, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		stats := c.PoolStats()
		name := attribute.String("pool", pool)
		o.ObserveInt64(connections, int64(stats.IdleConns), metric.WithAttributes(name, attribute.String("state", "idle")))
		o.ObserveInt64(connections, int64(stats.TotalConns)-int64(stats.IdleConns),
			metric.WithAttributes(name, attribute.String("state", "used")))
		o.ObserveInt64(timeouts, int64(stats.Timeouts), metric.WithAttributes(name))
		return nil
	}, connections, timeouts)
	if err != nil {
		return nil, err
	}
	return func() { _ = registered.Unregister() }, nil
}
