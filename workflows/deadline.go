package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// deadline is a durable timer that is kept while other things happen, so that every one of them does not start one of its own.
type deadline struct {
	at     time.Time
	timer  workflow.Future
	cancel workflow.CancelFunc
}

// set starts the timer, unless it runs for that moment already.
func (d *deadline) set(ctx workflow.Context, at time.Time, summary string) {
	if d.timer != nil && d.at.Equal(at) {
		return
	}
	if d.timer != nil && !d.timer.IsReady() {
		d.cancel()
	}
	ctx, d.cancel = workflow.WithCancel(ctx)
	d.at = at
	d.timer = workflow.NewTimerWithOptions(ctx, at.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: summary})
}

// passed reports whether the moment has come.
func (d *deadline) passed() bool { return d.timer.IsReady() }
