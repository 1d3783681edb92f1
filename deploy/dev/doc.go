// Command dev runs the whole system with one command and nothing installed: API, worker, payment gateway, database and Redis
// in this process, and a Temporal server with its Web UI beside it.
//
// It replaces addresses, never implementations: the same store, lock, gateway client and workflows run against MySQL, Redis,
// a Temporal cluster and the real gateway where MYSQL_DSN, REDIS_ADDR, TEMPORAL_ADDRESS and PG_URL are set. The end-to-end
// tests run this very system.
package main
