package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// print shows what was measured, and what was counted.
func (r *run) print(b *books) {
	r.say("\n%s", r.table())
	r.say("\nmilliseconds, from the moment at which the shopper was due; the rush took %.1f s, %d connection errors\n\n%s\n", r.took.Seconds(), r.errors(), b.table())
}

// table shows the latencies by step and outcome.
func (r *run) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "step\toutcome\tcount\tper s\tp50\tp90\tp99\tmax\t")
	for _, row := range r.record.rows(r.took) {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t\n", row.Step, row.Outcome, row.Count, row.Rate, row.P50, row.P90, row.P99, row.Max)
	}
	_ = w.Flush()
	return text.String()
}

// mostFaults bounds the faults that are listed; the rest are counted.
const mostFaults = 20

// table shows the books, and what is wrong with them.
func (b *books) table() string {
	var text strings.Builder
	statuses := map[string]int{}
	for _, o := range b.orders {
		statuses[o.Status]++
	}
	for _, product := range b.products {
		s := b.stocks[product]
		fmt.Fprintf(&text, "  stock      %d = %d available + %d held + %d sold\n", s.Total, s.Available, s.Held, s.Sold)
	}
	fmt.Fprintf(&text, "  shop       %d orders:", len(b.orders))
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		fmt.Fprintf(&text, " %d %s", statuses[status], status)
	}
	fmt.Fprintf(&text, "\n  gateway    %d approvals and %d cancels of these orders\n", b.movements(b.ledger.Approvals), b.movements(b.ledger.Cancels))
	if b.workflows == nil {
		text.WriteString("  Temporal   not asked\n")
	} else {
		var count int64
		for _, statuses := range b.workflows {
			count += statuses[everyStatus]
		}
		fmt.Fprintf(&text, "  Temporal   %d workflows\n", count)
	}
	faults := b.faults()
	for n, fault := range faults {
		if n == mostFaults {
			fmt.Fprintf(&text, "  … and %d more\n", len(faults)-n)
			break
		}
		fmt.Fprintf(&text, "  WRONG      %v\n", fault)
	}
	if len(faults) == 0 {
		text.WriteString("\nThe books balance: nobody unanswered, nothing lost, nothing oversold, charged once, first come first served.\n")
	}
	return text.String()
}

// movements counts the movements of money of this run's orders.
func (b *books) movements(all []movement) (n int) {
	for _, m := range all {
		if _, ours := b.orders[m.OrderID]; ours {
			n++
		}
	}
	return n
}
