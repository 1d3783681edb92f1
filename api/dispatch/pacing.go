package dispatch

import "time"

// Bounds of the concurrency limit, which is adapted by AIMD: it grows by one after as many fast starts as it allows at
// once, shrinks by a tenth after a start that took much longer than the best, and is halved after a failed start.
const (
	leastStarts   = 4
	slowerThan    = 4 // times the best
	slowAllowance = 50 * time.Millisecond
)

// pacing decides how many workflows are started at once, from how long starts take.
type pacing struct {
	most, limit float64
	best        time.Duration // what a start takes at best, of late
	interval    time.Duration // a slow average of the time between two answers, while orders wait
	latest      time.Time     // when the latest start was answered; zero if no order waited for the next
}

// observe takes a start into account that was answered now, after took; waiting reports whether more orders wait.
func (p *pacing) observe(took time.Duration, now time.Time, waiting bool) {
	if p.best > 0 && took > slowerThan*p.best+slowAllowance {
		p.limit = max(leastStarts, p.limit*0.9)
	} else {
		p.limit = min(p.most, p.limit+1/p.limit)
	}
	between := took
	if !p.latest.IsZero() {
		between = now.Sub(p.latest)
	}
	if p.latest = now; !waiting { // the next start is not late, it was not asked for
		p.latest = time.Time{}
	}
	if p.best == 0 {
		p.best, p.interval = took, between
	}
	p.best = min(took, p.best+p.best/1000) // it may rise by a thousandth with every answer
	p.interval += (between - p.interval) / 64
}

// fail takes a start into account that was not answered.
func (p *pacing) fail() {
	p.limit, p.latest = max(leastStarts, p.limit/2), time.Time{}
}
