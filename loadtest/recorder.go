package main

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are kept in microseconds, to three digits.
const (
	longest = int64(10 * time.Minute / time.Microsecond)
	digits  = 3
)

// what is measured: a step, and how it came out.
type what struct{ Step, Outcome string }

// recorder keeps every latency, by step and outcome, and how they went over time. It is safe for concurrent use.
type recorder struct {
	mu     sync.Mutex
	began  time.Time
	whole  map[what]*hdrhistogram.Histogram
	second map[what]*hdrhistogram.Histogram // since the latest tick
	series []point
}

// point is one second of the run.
type point struct {
	At    float64 // seconds since the beginning
	Count map[what]int64
	P50   map[what]float64 // milliseconds
	P99   map[what]float64
}

func newRecorder() *recorder {
	r := &recorder{}
	r.reset()
	return r
}

// reset forgets everything, and starts the clock.
func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began, r.series = time.Now(), nil
	r.whole, r.second = map[what]*hdrhistogram.Histogram{}, map[what]*hdrhistogram.Histogram{}
}

// add records one latency.
func (r *recorder) add(step, outcome string, took time.Duration) {
	us := min(max(took.Microseconds(), 0), longest)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, histograms := range []map[what]*hdrhistogram.Histogram{r.whole, r.second} {
		h := histograms[what{step, outcome}]
		if h == nil {
			h = hdrhistogram.New(1, longest, digits)
			histograms[what{step, outcome}] = h
		}
		_ = h.RecordValue(us) // it is within the bounds
	}
}

// tick ends a second.
func (r *recorder) tick() point {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := point{At: time.Since(r.began).Seconds(), Count: map[what]int64{}, P50: map[what]float64{}, P99: map[what]float64{}}
	for w, h := range r.second {
		if h.TotalCount() == 0 {
			continue
		}
		p.Count[w], p.P50[w], p.P99[w] = h.TotalCount(), ms(h.ValueAtQuantile(50)), ms(h.ValueAtQuantile(99))
		h.Reset()
	}
	r.series = append(r.series, p)
	return p
}

// count says how many of a step came out in one of the given ways; in any, if none is given.
func (r *recorder) count(step string, outcomes ...string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var n int64
	for w, h := range r.whole {
		if w.Step == step && (len(outcomes) == 0 || slices.Contains(outcomes, w.Outcome)) {
			n += h.TotalCount()
		}
	}
	return n
}

// row is one line of the table: times in milliseconds.
type row struct {
	what
	Count              int64
	Rate               float64 // a second, over the rush
	P50, P90, P99, Max float64
}

// rows summarizes the run, step by step in the order in which a shopper takes them.
func (r *recorder) rows(took time.Duration) []row {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rows []row
	for w, h := range r.whole {
		rows = append(rows, row{
			what: w, Count: h.TotalCount(), Rate: float64(h.TotalCount()) / took.Seconds(),
			P50: ms(h.ValueAtQuantile(50)), P90: ms(h.ValueAtQuantile(90)), P99: ms(h.ValueAtQuantile(99)), Max: ms(h.Max()),
		})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(slices.Index(steps, a.Step), slices.Index(steps, b.Step)), cmp.Compare(a.Outcome, b.Outcome))
	})
	return rows
}

// steps, as a shopper takes them.
var steps = []string{"order", "follow", "decision", "checkout", "window (mock)", "pay", "cancel"}

// kinds are all that was ever measured, sorted as rows are.
func kinds(series []point) []what {
	seen := map[what]bool{}
	for _, p := range series {
		for w := range p.Count {
			seen[w] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b what) int {
		return cmp.Or(cmp.Compare(slices.Index(steps, a.Step), slices.Index(steps, b.Step)), cmp.Compare(a.Outcome, b.Outcome))
	})
}

func ms(us int64) float64 { return float64(us) / 1000 }
