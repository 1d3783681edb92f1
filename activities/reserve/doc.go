// Package reserve decides reservations: orders for one product are combined into batches, each under the product's lock and in one
// transaction; a basket of several products is decided alone, under all their locks. It knows no Temporal and no SQL: the store and
// the locks are ports. The locks make it fast and fair; the store's conditional update is what never oversells. Start at
// Combiner.Reserve.
package reserve
