package main

// dependencies is what the shop waits for: gateway, database, Redis, Temporal.
func dependencies() board {
	return board{"dependencies", "what it depends on", "Gateway, database, Redis and Temporal, as the shop sees them.", []panel{
		{title: "Calls to the gateway", unit: perSecond, about: "By what is known afterwards.",
			lines: []line{rate("runrun_gateway_calls_total", "call, outcome", "{{call}} {{outcome}}")}},
		{title: "Time of a call to the gateway", unit: seconds, about: "Below PG_LIMIT.",
			lines: quantiles("http_client_request_duration_seconds_bucket", "")},
		{title: "Circuit breaker of the gateway", unit: count, about: "0 closed, 1 half open, 2 open.",
			lines: []line{{"max(runrun_gateway_breaker_open)", "gateway"}}},
		{title: "Circuit breakers of products", unit: count, about: "None that is not closed.", quiet: true,
			lines: []line{{"max by (product) (runrun_breaker_open)", "{{product}}"}}},
		{title: "Connections to the database", unit: count, about: "In use, below what is allowed.",
			lines: []line{
				{"sum by (db_name) (go_sql_in_use_connections)", "{{db_name}} in use"},
				{"sum by (db_name) (go_sql_max_open_connections)", "{{db_name}} allowed"},
			}},
		{title: "Wait for a connection to the database", unit: seconds, about: "Seconds waited in a second, of all requests together.",
			lines: []line{rate("go_sql_wait_duration_seconds_total", "db_name", "{{db_name}}")}},
		{title: "Connections to Redis", unit: count, about: "In use, below REDIS_CONNECTIONS for each pool.",
			lines: []line{{"sum by (pool, state) (runrun_redis_connections)", "{{pool}} {{state}}"}}},
		{title: "Redis absent, or late", unit: count, about: "Nothing.",
			lines: []line{
				{"sum(increase(runrun_redis_absences_total[$__rate_interval]))", "absent"},
				{"sum(increase(runrun_redis_pool_timeouts_total[$__rate_interval]))", "no free connection"},
				{"sum(increase(runrun_lock_without_redis_total[$__rate_interval]))", "batches without a lock"},
			}},
		{title: "Stock locks", unit: count, about: "Lost leases and refused batches: nothing, or few.",
			lines: []line{
				{"sum(increase(runrun_lock_lease_lost_total[$__rate_interval]))", "lease lost"},
				{"sum(increase(runrun_reserve_fenced_total[$__rate_interval]))", "batch refused by its fence"},
			}},
		{title: "Requests to Temporal", unit: perSecond, about: "Without long polls.",
			lines: []line{rate("temporal_request_total", "operation", "{{operation}}")}},
		{title: "Failed requests to Temporal", unit: perSecond, about: "NOT_FOUND is none; RESOURCE_EXHAUSTED and UNAVAILABLE are.", quiet: true,
			lines: []line{
				rate("temporal_request_failure_total", "status_code", "{{status_code}}"),
				rate("temporal_long_request_failure_total", "status_code", "{{status_code}} of long polls"),
			}},
		{title: "Time of a request to Temporal", unit: seconds, about: "The slowest hundredth.",
			lines: quantiles("temporal_request_latency_seconds_bucket", "operation")[1:]},
		{title: "Temporal's own requests", unit: perSecond, about: "Of its four services, where its metrics are scraped.", quiet: true,
			lines: []line{rate(`service_requests{job="temporal"}`, "service_name", "{{service_name}}")}},
		{title: "Webhooks", unit: perSecond, about: "By what became of them.", quiet: true,
			lines: []line{rate("runrun_webhooks_total", "did", "{{did}}")}},
		{title: "Log lines that were left out", unit: perSecond, about: "Nothing; in an outage many are alike.", quiet: true,
			lines: []line{rate("runrun_log_lines_dropped_total", "level", "{{level}}")}},
	}}
}
