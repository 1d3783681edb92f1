// Package redis adapts what the shop keeps in Redis: the queue's tickets and the announcements of changed orders. None of
// it is the truth. Losing Redis costs order of arrival and speed, never units, money or orders.
package redis
