package main

import (
	"strings"
	"testing"
)

func TestTheTableComparesMedians(t *testing.T) {
	r := results{}
	for _, line := range []string{
		"goos: linux",
		"BenchmarkReserve/combined/workers=1-2         \t   38521\t     53109 ns/op\t     18829 orders/s",
		"BenchmarkReserve/combined/workers=1-2         \t   38521\t     53109 ns/op\t     15000 orders/s",
		"BenchmarkReserve/combined/workers=1-2         \t   38521\t     53109 ns/op\t     15500 orders/s",
		"BenchmarkReserve/lock_per_order/workers=1-2   \t     864\t   2666512 ns/op\t       310.0 orders/s",
		"BenchmarkPaidOrder/steps_fast,_then_visible/no-op_workflow-2         \t     700\t   7714226 ns/op\t       100.0 workflows/s",
		"BenchmarkPaidOrder/steps_fast,_then_visible/paid_order-2\t     700\t  24552044 ns/op\t         9.000 actions/order\t        " +
			"22.00 events/order\t        40.0 orders/s",
		"PASS",
	} {
		if name, values, ok := parse(line); ok {
			r.add(name, values)
		}
	}
	page := document(Config{Runs: 3}, r, []string{"two cores"})
	for _, want := range []string{
		"| reserve, one worker | 15,500 orders/s | 310 | 50.0 | a lock for every order |",
		"| paid orders | 40 orders/s | 100 | 0.40 | a workflow that does nothing",
		"| history events | | | 22 | | |",
		"- two cores",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if err := r.missing(); err == nil || !strings.Contains(err.Error(), "Gate/ticket") ||
		strings.Contains(err.Error(), "combined/workers=1)") {
		t.Errorf("missing: %v", err)
	}
	if strings.Contains(page, "two workers") {
		t.Error("what was not measured has a row")
	}
}

func TestNumbers(t *testing.T) {
	for value, want := range map[float64]string{
		0.314: "0.314", 40.73: "40.7", 99.97: "100", 455.3: "455", 999.7: "1,000", 1024.4: "1,024", 1234567: "1,235,000",
		15294: "15,290", 57828: "57,830", 234567: "234,600",
	} {
		if got := number(value); got != want {
			t.Errorf("%g: %s, want %s", value, got, want)
		}
	}
}
