// Package cache holds what many shoppers look at and what a drop must not read from the database for each of them: products,
// stock, the database's clock, and which products are sold out. Nothing here decides an order; a value may be out of date by its
// TTL. It knows no database and no Redis: it is given functions that read. Start at TTL.
package cache
