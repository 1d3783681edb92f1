// Package domain holds the words and the rules of the shop: orders, products, stock, reservations, payments and money, the
// table of legal status transitions, and the one error type.
//
// It imports nothing of ours and nothing third-party, knows neither a clock nor a database, and everything else may import
// it. Adapters that several layers share live below it: domain/store (SQL), domain/redis, domain/temporal.
package domain
