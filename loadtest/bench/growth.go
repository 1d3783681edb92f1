package main

import (
	"fmt"
	"slices"
	"strings"
)

// pasts are how many paid orders are in the database when the day's acts are measured.
var pasts = []string{"10000", "100000", "1000000"}

// growth is the unit of the day's acts.
const growthUnit = "ns/op"

// growthTable shows what the shop does all day, while the past grows. Each row should stay as it is.
func growthTable(r results) string {
	var acts []string
	for name := range r {
		if act, _, ok := strings.Cut(strings.TrimPrefix(name, "Growth/"), "/past="); ok && !slices.Contains(acts, act) {
			acts = append(acts, act)
		}
	}
	if len(acts) == 0 {
		return ""
	}
	slices.Sort(acts)
	var b strings.Builder
	b.WriteString("\n| ms, with 10,000 open orders and this many paid ones |")
	for _, past := range pasts {
		b.WriteString(" " + grouped(past) + " |")
	}
	b.WriteString(" growth |\n|---|" + strings.Repeat("---:|", len(pasts)+1) + "\n")
	for _, act := range acts {
		b.WriteString("| " + strings.ReplaceAll(act, "_", " ") + " |")
		var values []float64
		for _, past := range pasts {
			value, ok := r.median("Growth/"+act+"/past="+past, growthUnit)
			if ok {
				values = append(values, value)
				b.WriteString(" " + number(value/1e6))
			}
			b.WriteString(" |")
		}
		fmt.Fprintf(&b, " × %s |\n", ratio(values[len(values)-1]/values[0]))
	}
	return b.String()
}

// openOrders are the rows of what ten thousand open workflows cost.
var openOrders = []struct{ what, name, unit string }{
	{"paid orders beside 10,000 open ones, API and worker apart", "OpenOrders/paid_order_beside_the_open_ones", "orders/s"},
	{"10,000 orders expire at once: all units are available again after", "OpenOrders/all_expire_at_once", "s/all"},
}

func openTable(r results) string {
	text := ""
	for _, row := range openOrders {
		if value, ok := r.median(row.name, row.unit); ok {
			text += fmt.Sprintf("| %s | %s %s |\n", row.what, number(value), strings.TrimSuffix(row.unit, "/all"))
		}
	}
	if text == "" {
		return ""
	}
	return "\n| with 10,000 open workflows | measured once |\n|---|---:|\n" + text
}

func grouped(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
