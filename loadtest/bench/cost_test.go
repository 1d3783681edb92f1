package main

import (
	"strings"
	"testing"
)

func TestCostsStandSideBySide(t *testing.T) {
	r := results{}
	for n, v := range variants[:levers] {
		r.add(v.name, map[string]float64{
			"actions/order": 12 - float64(n), "ours-cpu-ms/order": 17.44, "temporal-cpu-ms/order": 30.04 - float64(n),
		})
	}
	page := document(Config{}, r, nil)
	for _, want := range []string{
		"| billable actions | 12 | 11 | 10 | | |",
		"| CPU ms: of the Temporal server | 30 | 29 | 28 | | |",
		`x-axis ["every step visible", "fast but the payment", "fast, then visible"]`,
		"y-axis \"ms\" 0 --> 48", "bar [47.5, 46.5, 45.5]", "bar [30, 29, 28]",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if strings.Contains(page, "of Redis") {
		t.Error("what was not measured has a row")
	}
	delete(r, paidFast)
	if strings.Contains(document(Config{}, r, nil), "xychart") {
		t.Error("a chart lacks one of its bars")
	}
}

func TestGrowthIsShown(t *testing.T) {
	r := results{}
	if table := growthTable(r); table != "" {
		t.Errorf("nothing was measured, and the table is %q", table)
	}
	for past, ns := range map[string]float64{"10000": 1_000_000, "100000": 1_100_000, "1000000": 12_500_000} {
		r.add("Growth/stock_of_a_product/past="+past, map[string]float64{growthUnit: ns})
	}
	if table := openTable(r); table != "" {
		t.Errorf("nothing was measured, and the table is %q", table)
	}
	r.add("OpenOrders/all_expire_at_once", map[string]float64{"s/all": 61.2})
	if table := openTable(r); !strings.Contains(table, "available again after | 61.2 s |") || strings.Contains(table, "paid orders") {
		t.Errorf("got %s", table)
	}
	table := growthTable(r)
	for _, want := range []string{"| 10,000 | 100,000 | 1,000,000 |", "| stock of a product | 1 | 1.1 | 12.5 | × 12.5 |"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
}
