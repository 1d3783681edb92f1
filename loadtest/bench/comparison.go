package main

import "fmt"

// comparison is one row: what is measured, and its baseline.
type comparison struct{ what, name, baseline, unit, against string }

// What is measured against.
const (
	lockEach     = "a lock for every order"
	updateEach   = "no lock, a conditional update for every order"
	noOpWorkflow = "a workflow that does nothing, on the same Temporal server"
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
	{"paid orders", paidFast, "PaidOrder/every_step_visible/paid_order", "orders/s", "every step a normal activity"},
	{"paid orders", paidFast, "PaidOrder/steps_fast,_then_visible/no-op_workflow", "orders/s", noOpWorkflow},
	{
		"paid orders, Temporal on PostgreSQL", "PaidOrder/Temporal_on_PostgreSQL/paid_order", "PaidOrder/Temporal_on_PostgreSQL/no-op_workflow",
		"orders/s", noOpWorkflow,
	},
}

// baseUnit is what the baseline is counted in.
func (c comparison) baseUnit() string {
	if c.against == noOpWorkflow {
		return "workflows/s"
	}
	return c.unit
}

func (r results) compare(c comparison) string {
	value, ok := r.median(c.name, c.unit)
	if !ok {
		return ""
	}
	row := fmt.Sprintf("| %s | %s %s |", c.what, number(value), c.unit)
	base, ok := r.median(c.baseline, c.baseUnit())
	if !ok {
		return row + " | | |\n"
	}
	return row + fmt.Sprintf(" %s | %s | %s |\n", number(base), ratio(value/base), c.against)
}
