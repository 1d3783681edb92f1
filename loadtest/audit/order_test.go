package audit

import "testing"

func TestAnOrderIsSettledWhenNothingMoreIsToCome(t *testing.T) {
	for status, want := range map[string]bool{
		Received: false, Held: false, "PAYING": false, "CANCELING": false, "RETURNING": false,
		Placed: true, "IN_TRANSIT": true, "DELIVERED": true, "COMPLETED": true, Refused: true,
		"EXPIRED": true, "PAYMENT_FAILED": true, "CANCELED": true, "RETURNED": true,
	} {
		if got := (Order{Status: status}).Settled(); got != want {
			t.Errorf("%s: settled %t, want %t", status, got, want)
		}
	}
	o := Order{Items: []Item{{"prd_a", 2}, {"prd_b", 4}, {"prd_a", 1}}}
	if n := o.Units("prd_a"); n != 3 || o.Units("prd_c") != 0 {
		t.Errorf("%d units, want 3", n)
	}
}
