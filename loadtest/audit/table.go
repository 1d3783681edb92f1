package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxFindings bounds the findings that are listed; the rest are counted.
const maxFindings = 20

// Table shows what was counted, and what is wrong.
func (a *Audit) Table() string {
	var text strings.Builder
	statuses := map[string]int{}
	for _, o := range a.Orders {
		statuses[o.Status]++
	}
	for _, product := range a.Products {
		s := a.Stocks[product]
		fmt.Fprintf(&text, "  stock      %d = %d available + %d held + %d sold\n", s.Total, s.Available, s.Held, s.Sold)
	}
	fmt.Fprintf(&text, "  shop       %d orders:", len(a.Orders))
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		fmt.Fprintf(&text, " %d %s", statuses[status], status)
	}
	fmt.Fprintf(&text, "\n  gateway    %d approvals and %d cancels of these orders\n", a.movements(a.Ledger.Approvals),
		a.movements(a.Ledger.Cancels))
	if a.Workflows == nil {
		text.WriteString("  Temporal   not asked\n")
	} else {
		var count int64
		for _, statuses := range a.Workflows {
			count += statuses[EveryStatus]
		}
		fmt.Fprintf(&text, "  Temporal   %d workflows\n", count)
	}
	findings := a.Findings()
	for n, finding := range findings {
		if n == maxFindings {
			fmt.Fprintf(&text, "  … and %d more\n", len(findings)-n)
			break
		}
		fmt.Fprintf(&text, "  WRONG      %v\n", finding)
	}
	if len(findings) == 0 {
		text.WriteString("\nEverything balances: nobody unanswered, nothing lost, nothing oversold, charged once, first come first served.\n")
	}
	return text.String()
}

// movements counts the movements of money of this run's orders.
func (a *Audit) movements(all []Movement) (n int) {
	for _, m := range all {
		if _, ours := a.Orders[m.OrderID]; ours {
			n++
		}
	}
	return n
}
