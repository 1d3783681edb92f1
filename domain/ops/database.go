package ops

import (
	"database/sql"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// ObserveDatabase shows the use of a pool of connections as go_sql_…{db_name}, until stop is called.
func ObserveDatabase(name string, pool *sql.DB) (stop func()) {
	stats := collectors.NewDBStatsCollector(pool, name)
	if err := prometheus.Register(stats); err != nil { // of two systems in one process, as tests have, the first is shown
		slog.Debug("pool of connections not shown", "pool", name, "error", err)
		return func() {}
	}
	return func() { prometheus.Unregister(stats) }
}
