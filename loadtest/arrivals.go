package main

import (
	"context"
	"sync"
	"time"
)

// arrive lets shoppers come by the clock: the n-th at began + n/rate, whatever became of those before. act is told when the
// shopper was due, so that a wait for this very loop counts too. It returns when all have acted, or have been canceled.
func arrive(ctx context.Context, count int, rate float64, began time.Time, act func(n int, due time.Time)) {
	var acting sync.WaitGroup
	defer acting.Wait()
	for n := range count {
		due := began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 && !pause(ctx, wait) || ctx.Err() != nil {
			return
		}
		acting.Go(func() { act(n, due) })
	}
}
