package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// results are the measured values, by benchmark and unit.
type results map[string]map[string][]float64

func (r results) add(name string, values map[string]float64) {
	if r[name] == nil {
		r[name] = map[string][]float64{}
	}
	for unit, value := range values {
		r[name][unit] = append(r[name][unit], value)
	}
}

// median is the middle of what was measured; false if nothing was.
func (r results) median(name, unit string) (float64, bool) {
	values := slices.Sorted(slices.Values(r[name][unit]))
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)/2], true
}

// parse reads a line of go test -bench: "BenchmarkGate/sold_out-2  61165  17293 ns/op  57828 shoppers/s".
func parse(line string) (name string, values map[string]float64, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", nil, false
	}
	name = strings.TrimPrefix(fields[0], "Benchmark")
	if at := strings.LastIndex(name, "-"); at > 0 {
		if _, err := strconv.Atoi(name[at+1:]); err == nil { // GOMAXPROCS
			name = name[:at]
		}
	}
	values = map[string]float64{}
	for i := 2; i+1 < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return "", nil, false
		}
		values[fields[i+1]] = value
	}
	return name, values, true
}

// missing are the rows for which nothing was measured: a benchmark that fell out must not fall out of the table unseen.
func (r results) missing() error {
	var errs []error
	for _, c := range comparisons {
		for _, name := range []string{c.name, c.baseline} {
			if _, ok := r.median(name, c.unit); !ok && name != "" {
				errs = append(errs, fmt.Errorf("nothing was measured for %q (%s)", c.what, name))
			}
		}
	}
	for _, cost := range costs {
		for _, name := range []string{fastSteps, visibleSteps} {
			if _, ok := r.median(name, cost.unit); !ok {
				errs = append(errs, fmt.Errorf("nothing was measured for %q (%s)", cost.what, name))
			}
		}
	}
	return errors.Join(errs...)
}

// comparison is one row: what is measured, and its baseline.
type comparison struct{ what, name, baseline, unit, against string }

// What combined reservations are measured against.
const (
	lockEach   = "a lock for every order"
	updateEach = "no lock, a conditional update for every order"
)

var comparisons = []comparison{
	{"reserve, one worker", "Reserve/combined/workers=1", "Reserve/lock_per_order/workers=1", "orders/s", lockEach},
	{"reserve, two workers that contend", "Reserve/combined/workers=2", "Reserve/lock_per_order/workers=2", "orders/s", lockEach},
	{"reserve, four workers that contend", "Reserve/combined/workers=4", "Reserve/lock_per_order/workers=4", "orders/s", lockEach},
	{"reserve, one worker", "Reserve/combined/workers=1", "Reserve/conditional_update/workers=1", "orders/s", updateEach},
	{"reserve, two workers that contend", "Reserve/combined/workers=2", "Reserve/conditional_update/workers=2", "orders/s", updateEach},
	{"reserve, four workers that contend", "Reserve/combined/workers=4", "Reserve/conditional_update/workers=4", "orders/s", updateEach},
	{"intake, written durably", "Intake/batched", "Intake/one_by_one", "orders/s", "a transaction for every order"},
	{"gate: a ticket", "Gate/ticket", "", "shoppers/s", ""},
	{"gate: sold out", "Gate/sold_out", "", "shoppers/s", ""},
	{"refusal by the API, without a network", "Refusal", "", "refusals/s", ""},
	{"paid orders, steps fast, then visible", fastSteps, visibleSteps, "orders/s", "every step a normal activity"},
}

// The two ways in which an order's steps run.
const (
	fastSteps    = "PaidOrder/steps_fast,_then_visible"
	visibleSteps = "PaidOrder/every_step_visible"
)

// costs are what a paid order costs, by unit.
var costs = []struct{ what, unit string }{
	{"history events", "events/order"},
	{"billable actions", "actions/order"},
	{"CPU of API, worker, gateway and shopper, ms", "our-cpu-ms/order"},
	{"CPU of the Temporal server, ms", "temporal-cpu-ms/order"},
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
	paid, ok1 := r.median("PaidOrder/steps_fast,_then_visible", "orders/s")
	noOp, ok2 := r.median("PaidOrder/no-op_workflow", "workflows/s")
	if ok1 && ok2 {
		fmt.Fprintf(&b,
			"| paid orders, whole, over HTTP | %s orders/s | %s workflows/s | %.2f | a workflow that does nothing, on the same Temporal server |\n",
			number(paid), number(noOp), paid/noOp)
	}
	b.WriteString("\n| a paid order costs | steps fast, then visible | every step visible |\n|---|---:|---:|\n")
	for _, cost := range costs {
		fast, _ := r.median(fastSteps, cost.unit)
		visible, _ := r.median(visibleSteps, cost.unit)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cost.what, number(fast), number(visible))
	}
	return b.String()
}

func (r results) compare(c comparison) string {
	value, ok := r.median(c.name, c.unit)
	if !ok {
		return ""
	}
	row := fmt.Sprintf("| %s | %s %s |", c.what, number(value), c.unit)
	base, ok := r.median(c.baseline, c.unit)
	if !ok {
		return row + " | | |\n"
	}
	return row + fmt.Sprintf(" %s | %.1f | %s |\n", number(base), value/base, c.against)
}

// number writes a value to three digits, thousands apart.
func number(v float64) string {
	switch {
	case v < 99.95:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v < 999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	rounded := int(math.Round(v))
	for step := 10; rounded/step >= 1000; step *= 10 {
		rounded = (rounded + step/2) / step * step
	}
	text := ""
	for ; rounded >= 1000; rounded /= 1000 {
		text = fmt.Sprintf(",%03d", rounded%1000) + text
	}
	return strconv.Itoa(rounded) + text
}
