package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"runrun/loadtest/audit"
)

// print shows what was measured, and what was counted.
func (r *run) print(b *audit.Audit) {
	r.say("\n%s", r.table())
	r.say(
		"\nmilliseconds, from the moment at which the shopper was due; the rush took %.1f s, %d connection errors\n\n%s\n",
		r.took.Seconds(), r.errors(), b.Table())
}

// table shows the latencies by step and outcome.
func (r *run) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "step\toutcome\tcount\tper s\tp50\tp90\tp99\tmax\t")
	for _, row := range r.record.rows(r.took) {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t\n", row.Step, row.Outcome, row.Count, row.Rate,
			row.P50, row.P90, row.P99, row.Max)
	}
	_ = w.Flush()
	return text.String()
}
