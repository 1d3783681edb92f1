package audit

import (
	"fmt"
	"maps"
)

// EveryStatus counts a product's orders whatever their status.
const EveryStatus = "in all"

// ByStatus counts the shop's orders by product and status.
func ByStatus(products []string, orders map[string]Order) map[string]map[string]int64 {
	counts := map[string]map[string]int64{}
	for _, product := range products {
		counts[product] = map[string]int64{EveryStatus: 0}
	}
	for _, o := range orders {
		for _, item := range o.Items {
			if of, asked := counts[item.ProductID]; asked {
				of[o.Status]++
				of[EveryStatus]++
			}
		}
	}
	return counts
}

// wrongWorkflows are the products of whose orders Temporal tells another story.
func (a *Audit) wrongWorkflows() (faults []error) {
	if a.Workflows == nil {
		return nil
	}
	for product, want := range ByStatus(a.Products, a.Orders) {
		if got := a.Workflows[product]; !maps.Equal(got, want) {
			faults = append(faults, fmt.Errorf("workflows: of %s the shop has %v, Temporal %v", product, want, got))
		}
	}
	return faults
}
