package main

import (
	"fmt"
	"math"
	"strings"
)

// usedTo is how much of its cores a part should use at its highest load: what is over is for peaks and for a node that is lost.
const usedTo = 0.6

// rates are the paid orders a second that capacity is computed for.
var rates = []float64{100, 1_000, 10_000}

// parts are what has to be sized, each by its cost where the parts run apart; PostgreSQL's and its server's where that was measured.
var parts = []struct{ what, variant, unit string }{
	{"API", "PaidOrder/API_and_worker_apart/paid_order", "api-cpu-ms/order"},
	{"worker", "PaidOrder/API_and_worker_apart/paid_order", "worker-cpu-ms/order"},
	{"database", "PaidOrder/API_and_worker_apart/paid_order", "database-cpu-ms/order"},
	{"Redis", "PaidOrder/API_and_worker_apart/paid_order", "redis-cpu-ms/order"},
	{"Temporal server", "PaidOrder/Temporal_on_PostgreSQL/paid_order", "temporal-cpu-ms/order"},
	{"its PostgreSQL", "PaidOrder/Temporal_on_PostgreSQL/paid_order", "postgresql-cpu-ms/order"},
}

// capacityTable computes the cores of each part for rates of paid orders.
func capacityTable(r results) string {
	var b strings.Builder
	for _, part := range parts {
		ms, ok := r.median(part.variant, part.unit)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s |", part.what, number(ms))
		for _, rate := range rates {
			fmt.Fprintf(&b, " %s |", number(math.Ceil(rate*ms/1000/usedTo)))
		}
		b.WriteString("\n")
	}
	if b.Len() == 0 {
		return ""
	}
	head := fmt.Sprintf("\n| cores of this kind, used to %g %% | CPU ms an order |", usedTo*100)
	for _, rate := range rates {
		head += " " + number(rate) + " paid orders/s |"
	}
	return head + "\n|---|---:|" + strings.Repeat("---:|", len(rates)) + "\n" + b.String()
}
