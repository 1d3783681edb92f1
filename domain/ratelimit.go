package domain

import "time"

// RateLimit is a named limit: Burst at once, refilled at Rate per Period.
type RateLimit struct {
	Name   string
	Rate   int
	Burst  int
	Period time.Duration
	// Shared means that every request is counted in Redis, for all processes. Otherwise a process counts alone until half of
	// the burst is used.
	Shared bool
}

// RateVerdict is what is left of a limit.
type RateVerdict struct {
	Limit     RateLimit
	Allowed   bool
	Remaining int
	// RetryAfter is how long it takes until one more is allowed, and RetryAt when that is.
	RetryAfter time.Duration
	RetryAt    time.Time
}
