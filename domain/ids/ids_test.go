package ids

import (
	"slices"
	"testing"

	"runrun/domain"
)

func TestIDsAreValidDifferentAndSortByAge(t *testing.T) {
	made := make([]domain.OrderID, 1000)
	for i := range made {
		made[i] = New[domain.OrderID](domain.OrderPrefix)
		if !domain.ValidID(domain.OrderPrefix, string(made[i])) {
			t.Fatalf("%s is not valid", made[i])
		}
	}
	if !slices.IsSorted(made) || len(slices.Compact(slices.Clone(made))) != len(made) {
		t.Error("ids are equal, or do not sort by age")
	}
}
