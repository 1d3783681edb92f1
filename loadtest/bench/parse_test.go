package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinesOfBenchmarksAreParsed(t *testing.T) {
	for line, want := range map[string]struct {
		Name   string
		Values map[string]float64
	}{
		"BenchmarkGate/sold_out-2  61165  17293 ns/op  57828 shoppers/s": {
			"Gate/sold_out", map[string]float64{"ns/op": 17293, "shoppers/s": 57828},
		},
		"BenchmarkPaidOrder/no-op_workflow-16 700 1e6 ns/op": {"PaidOrder/no-op_workflow", map[string]float64{"ns/op": 1e6}},
		"BenchmarkPaidOrder/no-op_workflow 700 0.5 ns/op":    {"PaidOrder/no-op_workflow", map[string]float64{"ns/op": 0.5}},
		"BenchmarkRefusal 1 2 ns/op 3":                       {"Refusal", map[string]float64{"ns/op": 2}},
		"BenchmarkRefusal-2 100 many ns/op":                  {},
		"BenchmarkRefusal-2":                                 {},
		"ok  \trunrun/api/server\t2.5s":                      {},
		"cpu: Benchmark 1 2 ns/op":                           {},
		"":                                                   {},
	} {
		name, values, ok := parse(line)
		if diff := cmp.Diff(want.Values, values); diff != "" || name != want.Name || ok != (want.Name != "") {
			t.Errorf("%q: %q, %t, %s", line, name, ok, diff)
		}
	}
}

func TestMediansAreOfTheSameBenchmarkAndUnit(t *testing.T) {
	r := results{}
	for _, value := range []float64{30, 10, 20} {
		r.add("a", map[string]float64{"orders/s": value, "ns/op": 7 * value})
		r.add("b", map[string]float64{"orders/s": 100 * value})
	}
	for name, c := range map[string]struct {
		name, unit string
		want       float64
		ok         bool
	}{
		"of a unit":         {"a", "orders/s", 20, true},
		"of another unit":   {"a", "ns/op", 140, true},
		"of another":        {"b", "orders/s", 2000, true},
		"of no such unit":   {"b", "ns/op", 0, false},
		"of no such at all": {"c", "orders/s", 0, false},
		"of no name":        {"", "orders/s", 0, false},
	} {
		if got, ok := r.median(c.name, c.unit); got != c.want || ok != c.ok {
			t.Errorf("%s: %g, %t; want %g, %t", name, got, ok, c.want, c.ok)
		}
	}
	if diff := cmp.Diff([]float64{30, 10, 20}, r["a"]["orders/s"]); diff != "" {
		t.Errorf("what was measured is sorted: %s", diff)
	}
}

// Each value and each baseline that is missing is an error that names it; none is missing if each was measured.
func TestEachMissingRowIsNamed(t *testing.T) {
	type value struct{ what, name, unit string }
	var all []value
	for _, c := range comparisons {
		all = append(all, value{c.what, c.name, c.unit})
		if c.baseline != "" {
			all = append(all, value{c.what, c.baseline, c.baseUnit()})
		}
	}
	for _, v := range variants {
		all = append(all, value{v.title, v.name, "temporal-cpu-ms/order"})
	}
	for _, row := range openOrders {
		all = append(all, value(row))
	}
	for _, past := range pasts {
		all = append(all, value{past, "Growth/reserve_64_orders/past=" + past, growthUnit})
	}
	without := func(left ...value) results {
		r := results{}
		for _, v := range all {
			if len(left) == 0 || v.name != left[0].name || v.unit != left[0].unit {
				r.add(v.name, map[string]float64{v.unit: 1, "ns/op": 1})
			}
		}
		return r
	}
	if err := without().missing(); err != nil {
		t.Error(err)
	}
	for _, v := range all {
		if optional(v.name) {
			if err := without(v).missing(); err != nil {
				t.Errorf("without a PostgreSQL: %v", err)
			}
			continue
		}
		if err := without(v).missing(); err == nil || !strings.Contains(err.Error(), v.what) || !strings.Contains(err.Error(), v.name) {
			t.Errorf("%v does not name %s of %s", err, v.unit, v.name)
		}
	}
}
