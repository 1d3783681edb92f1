package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// paidFast is the benchmark of a paid order as it is configured by default.
const paidFast = "PaidOrder/steps_fast,_then_visible/paid_order"

// variant is a way in which a purchase was measured.
type variant struct{ title, name string }

// variants are the columns of the table of costs; the last but one needs a PostgreSQL.
var variants = []variant{
	{"every step visible", "PaidOrder/every_step_visible/paid_order"},
	{"fast but the payment", "PaidOrder/fast_but_the_payment/paid_order"},
	{"fast, then visible", paidFast},
	{"the same, Temporal on PostgreSQL", "PaidOrder/Temporal_on_PostgreSQL/paid_order"},
	{"the same, API and worker apart", "PaidOrder/API_and_worker_apart/paid_order"},
}

// levers are how many of the variants differ in what an order costs, and not in what it runs on: the chart shows those.
const levers = 3

// costs are the rows: what a paid order costs, by unit.
var costs = []struct{ what, unit string }{
	{"orders/s", "orders/s"},
	{"history events", "events/order"},
	{"billable actions", "actions/order"},
	{"CPU ms: of all of ours in one process, gateway and shopper with them", "ours-cpu-ms/order"},
	{"CPU ms: of the API", "api-cpu-ms/order"},
	{"CPU ms: of the worker", "worker-cpu-ms/order"},
	{"CPU ms: of the Temporal server", "temporal-cpu-ms/order"},
	{"CPU ms: of its PostgreSQL", "postgresql-cpu-ms/order"},
	{"CPU ms: of the database", "database-cpu-ms/order"},
	{"CPU ms: of Redis", "redis-cpu-ms/order"},
}

// costTable is what a paid order costs, in each of the ways that were measured.
func costTable(r results) string {
	var b strings.Builder
	b.WriteString("\n| a paid order costs |")
	for _, v := range variants {
		b.WriteString(" " + v.title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(variants)) + "\n")
	for _, cost := range costs {
		row, measured := "", false
		for _, v := range variants {
			value, ok := r.median(v.name, cost.unit)
			if measured = measured || ok; ok {
				row += " " + number(value)
			}
			row += " |"
		}
		if measured {
			b.WriteString("| " + cost.what + " |" + row + "\n")
		}
	}
	return b.String()
}

// costChart draws the CPU time of an order by lever: the whole, and in front of it the part of the Temporal server.
func costChart(r results) string {
	var titles, whole, servers []string
	top := 0.0
	for _, v := range variants[:levers] {
		ours, ok1 := r.median(v.name, "ours-cpu-ms/order")
		server, ok2 := r.median(v.name, "temporal-cpu-ms/order")
		if !ok1 || !ok2 {
			return ""
		}
		top = max(top, math.Ceil(ours+server))
		titles = append(titles, strconv.Quote(v.title))
		whole, servers = append(whole, number(ours+server)), append(servers, number(server))
	}
	return fmt.Sprintf("\n```mermaid\nxychart-beta\n"+
		"    title \"CPU ms of a paid order: the Temporal server in front, the server and ours behind\"\n"+
		"    x-axis [%s]\n    y-axis \"ms\" 0 --> %g\n    bar [%s]\n    bar [%s]\n```\n",
		strings.Join(titles, ", "), top, strings.Join(whole, ", "), strings.Join(servers, ", "))
}
