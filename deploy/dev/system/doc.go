// Package system is the whole shop for development and tests: API and worker as deploy/allinone runs them, payment gateway, database
// and Redis in this process, and a Temporal server with its Web UI beside it.
//
// It replaces addresses, never implementations: the same store, lock, gateway client and workflows run against MySQL, Redis, a
// Temporal cluster and the real gateway where MYSQL_DSN, REDIS_ADDR, TEMPORAL_ADDRESS and PG_URL are set. The command deploy/dev and
// the end-to-end tests run this very system. Start at Start.
package system
