package main

import (
	"context"
	"time"

	"runrun/loadtest/audit"
)

// sayEvery is how many seconds pass between two lines of progress.
const sayEvery = 2

// watch ends a second of the recorder every second, and says how it goes.
func (r *run) watch(ctx context.Context) {
	for second := 1; pause(ctx, time.Second); second++ {
		r.record.tick()
		if second%sayEvery == 0 {
			r.progress(second)
		}
	}
	r.record.tick()
}

func (r *run) progress(second int) {
	come := min(int(float64(second)*r.scenario.rate), r.scenario.shoppers)
	decided := r.record.count("decision")
	yes := r.record.count("decision", audit.Held)
	r.say("%4d s  %6d arrived  %6d held  %6d refused  %6d waiting  %6d paid  %5d connection errors\n",
		second, come, yes, decided-yes, max(int64(come)-decided, 0), r.record.count("pay", "200 "+audit.Placed), r.errors())
}

// errors counts the requests that were not answered.
func (r *run) errors() int64 {
	var n int64
	for _, step := range steps {
		n += r.record.count(step, broken)
	}
	return n
}
