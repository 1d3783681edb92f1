package main

import (
	"strings"
	"testing"
)

func TestCoresAreComputedFromTheCost(t *testing.T) {
	r := results{}
	if table := capacityTable(r); table != "" {
		t.Errorf("nothing was measured, and the table is %q", table)
	}
	r.add("PaidOrder/API_and_worker_apart/paid_order", map[string]float64{"api-cpu-ms/order": 6, "worker-cpu-ms/order": 3.1})
	table := capacityTable(r)
	for _, want := range []string{"| API | 6 | 1 | 10 | 100 |", "| worker | 3.1 | 1 | 6 | 52 |", "used to 60 %", "10,000 paid orders/s"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	if strings.Contains(table, "PostgreSQL") {
		t.Errorf("what was not measured has a row:\n%s", table)
	}
}
