package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrdersAreCountedUnderEachOfTheirProducts(t *testing.T) {
	got := ByStatus([]string{"prd_a", "prd_b", "prd_c"}, map[string]Order{
		"ord_1": {Status: Placed, Items: []Item{{"prd_a", 1}, {"prd_b", 2}}},
		"ord_2": {Status: Refused, Items: []Item{{"prd_a", 5}}},
	})
	want := map[string]map[string]int64{
		"prd_a": {EveryStatus: 2, Placed: 1, Refused: 1}, "prd_b": {EveryStatus: 1, Placed: 1}, "prd_c": {EveryStatus: 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
