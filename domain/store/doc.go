// Package store keeps the shop's truth in SQL: MySQL or MariaDB in production, SQLite where nothing is installed. The same
// code runs on both, chosen by the DSN; one conformance suite holds them together.
//
// Rules:
//
//   - Locks are always taken in one order: stocks (sorted by product), orders, reservations, payments.
//   - Every status step is a conditional update by domain's table of transitions and returns the row as it is afterwards:
//     the row wins over whoever asked. Each writes one order_events row in the same transaction.
//   - No transaction waits for anything but the database, and every one may be run again.
//   - Times are the database's, in milliseconds since 1970.
package store
