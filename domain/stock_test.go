package domain_test

import (
	"testing"

	"runrun/domain"
)

// Promise 1: every unit is accounted for, and none twice.
func TestStockBalances(t *testing.T) {
	for name, c := range map[string]struct {
		stock domain.Stock
		want  bool
	}{
		"no units":            {domain.Stock{}, true},
		"spread":              {domain.Stock{Total: 10, Available: 5, Held: 3, Sold: 2}, true},
		"one is missing":      {domain.Stock{Total: 10, Available: 4, Held: 3, Sold: 2}, false},
		"one is there twice":  {domain.Stock{Total: 10, Available: 5, Held: 3, Sold: 3}, false},
		"fewer than none":     {domain.Stock{Total: 10, Available: -1, Held: 6, Sold: 5}, false},
		"held less than none": {domain.Stock{Total: 10, Available: 6, Held: -1, Sold: 5}, false},
		"sold less than none": {domain.Stock{Total: 10, Available: 6, Held: 5, Sold: -1}, false},
	} {
		if got := c.stock.Balanced(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
