package checkout

import (
	"testing"
	"time"

	"runrun/domain"
)

// reversalCase is an order that is taken back.
type reversalCase struct {
	status, after domain.OrderStatus // before the request, and after the workflow has acted
	fails         error              // of the update
	want          domain.Code
	pending       bool
	asked         int
}

// check takes an order back and compares the answer.
func (c reversalCase) check(t *testing.T, back bool) {
	t.Helper()
	o := heldOrder
	o.Status = c.status
	inShop(t, o, func(t *testing.T, shop *Checkout, _ *payRows, w *workflow) {
		w.cancel, w.after = c.fails, c.after
		take := shop.Cancel
		if back {
			take = shop.Return
		}
		began := time.Now()
		got, pending, err := take(t.Context(), "usr_a", "ord_a")
		if domain.CodeOf(err) != c.want || pending != c.pending || w.asked != c.asked {
			t.Errorf("%s, pending %t, %v after asking %d times; want %q, %t after %d", got.Status, pending, err, w.asked, c.want, c.pending, c.asked)
		}
		if c.want == "" && c.after != "" && got.Status != c.after {
			t.Errorf("the order is %s, want %s", got.Status, c.after)
		}
		if took := time.Since(began); took > pendingTimeout {
			t.Errorf("the shopper waited %s", took)
		}
		if _, _, err := take(t.Context(), "usr_b", "ord_a"); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("another's order: %v", err)
		}
	})
}

func TestCancel(t *testing.T) {
	silent, refusal := domain.Errorf(domain.CodeUnavailable, "no answer"), domain.Errorf(domain.CodeOrderState, "a payment is open")
	for name, c := range map[string]reversalCase{
		"held":                            {domain.StatusHeld, domain.StatusCanceled, nil, "", false, 1},
		"not decided yet":                 {domain.StatusReceived, domain.StatusCanceled, nil, "", false, 1},
		"the second click":                {domain.StatusCanceled, "", nil, "", false, 0},
		"being paid":                      {domain.StatusPaying, "", nil, domain.CodeOrderState, false, 0},
		"paid, and refunded at once":      {domain.StatusPlaced, domain.StatusCanceled, nil, "", false, 1},
		"paid, and the refund takes long": {domain.StatusPlaced, domain.StatusCanceling, nil, "", true, 1},
		"canceled, the answer is lost":    {domain.StatusPlaced, domain.StatusCanceling, silent, "", true, 1},
		"the second click of a paid one":  {domain.StatusCanceling, "", nil, "", true, 0},
		"shipped":                         {domain.StatusInTransit, "", nil, domain.CodeOrderState, false, 0},
		"shipped in this moment":          {domain.StatusPlaced, domain.StatusInTransit, refusal, domain.CodeOrderState, false, 1},
		"no worker answers":               {domain.StatusHeld, domain.StatusHeld, silent, domain.CodeUnavailable, false, 1},
		"the workflow refuses":            {domain.StatusHeld, domain.StatusHeld, refusal, domain.CodeOrderState, false, 1},
	} {
		t.Run(name, func(t *testing.T) { c.check(t, false) })
	}
}

func TestReturn(t *testing.T) {
	refusal := domain.Errorf(domain.CodeOrderState, "the time is over")
	for name, c := range map[string]reversalCase{
		"delivered":        {domain.StatusDelivered, domain.StatusReturning, nil, "", true, 1},
		"too late":         {domain.StatusDelivered, domain.StatusDelivered, refusal, domain.CodeOrderState, false, 1},
		"the second click": {domain.StatusReturning, "", nil, "", true, 0},
		"returned":         {domain.StatusReturned, "", nil, "", false, 0},
		"in transit":       {domain.StatusInTransit, "", nil, domain.CodeOrderState, false, 0},
		"completed":        {domain.StatusCompleted, "", nil, domain.CodeOrderState, false, 0},
	} {
		t.Run(name, func(t *testing.T) { c.check(t, true) })
	}
}
