package main

import (
	"errors"
	"fmt"
	"strings"
)

// optional reports whether a benchmark may be left out of a run: without a PostgreSQL there is nothing to measure on.
func optional(name string) bool { return strings.Contains(name, "PostgreSQL") }

// missing are the rows for which nothing was measured: a benchmark that fell out must not fall out of the table unseen.
func (r results) missing() error {
	var errs []error
	want := func(what, name, unit string) {
		if _, ok := r.median(name, unit); !ok && name != "" && !optional(name) {
			errs = append(errs, fmt.Errorf("nothing was measured for %q (%s)", what, name))
		}
	}
	for _, c := range comparisons {
		want(c.what, c.name, c.unit)
		want(c.what, c.baseline, c.baseUnit())
	}
	for _, v := range variants {
		want(v.title, v.name, "temporal-cpu-ms/order")
	}
	for _, past := range pasts {
		want("a past of "+past+" orders", "Growth/reserve_64_orders/past="+past, growthUnit)
	}
	for _, row := range openOrders {
		want(row.what, row.name, row.unit)
	}
	return errors.Join(errs...)
}

// document is the page of results.
func document(cfg Config, r results, machine []string) string {
	var b strings.Builder
	b.WriteString("# Results\n\nWritten by `make bench`")
	fmt.Fprintf(
		&b,
		": medians of %d runs, each value and its baseline from the same runs. The load tests over HTTP are in the "+
			"[README](../README.md#numbers).\n\n",
		cfg.Runs,
	)
	for _, line := range machine {
		b.WriteString("- " + line + "\n")
	}
	b.WriteString("\n| what | measured | baseline | ratio | the baseline is |\n|---|---:|---:|---:|---|\n")
	for _, c := range comparisons {
		b.WriteString(r.compare(c))
	}
	b.WriteString(costTable(r))
	b.WriteString(costChart(r))
	b.WriteString(capacityTable(r))
	b.WriteString(growthTable(r))
	b.WriteString(openTable(r))
	return b.String()
}
