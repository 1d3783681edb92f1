package checkout

import (
	"context"
	"testing"
	"time"

	"runrun/domain"
)

func (w *workflow) Extend(context.Context, domain.Order) error {
	w.asked++
	if w.after != "" {
		w.rows.extended()
	}
	return w.cancel
}

// extended lets the row be one whose time was extended.
func (r *payRows) extended() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.row.Reason, r.row.ExtendBy, r.row.Version = domain.ReasonExtended, 0, 3
}

// The row says whether the time was extended, whatever the workflow answered.
func TestExtend(t *testing.T) {
	silent, refusal := domain.Errorf(domain.CodeUnavailable, "no answer"), domain.Errorf(domain.CodeOrderState, "being paid")
	for name, c := range map[string]struct {
		status   domain.OrderStatus
		reason   string
		extendBy time.Duration
		acts     bool
		fails    error
		want     domain.Code
		asked    int
	}{
		"held":                        {domain.StatusHeld, "", time.Minute, true, nil, "", 1},
		"the answer is lost":          {domain.StatusHeld, "", time.Minute, true, silent, "", 1},
		"no worker answers":           {domain.StatusHeld, "", time.Minute, false, silent, domain.CodeUnavailable, 1},
		"the workflow refuses":        {domain.StatusHeld, "", time.Minute, false, refusal, domain.CodeOrderState, 1},
		"too late, says the row":      {domain.StatusHeld, "", time.Minute, false, nil, domain.CodeOrderState, 1},
		"the second click":            {domain.StatusHeld, domain.ReasonExtended, 0, false, nil, "", 0},
		"its products allow nothing":  {domain.StatusHeld, "", 0, false, nil, domain.CodeOrderState, 0},
		"declined since it was given": {domain.StatusHeld, domain.ReasonDeclined, 0, false, nil, domain.CodeOrderState, 0},
		"paid":                        {domain.StatusPlaced, "", time.Minute, false, nil, domain.CodeOrderState, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := heldOrder
			o.Status, o.Reason, o.ExtendBy = c.status, c.reason, c.extendBy
			inShop(t, o, func(t *testing.T, shop *Checkout, _ *payRows, w *workflow) {
				w.cancel = c.fails
				if c.acts {
					w.after = domain.StatusHeld
				}
				got, err := shop.Extend(t.Context(), "usr_a", "ord_a")
				if domain.CodeOf(err) != c.want || w.asked != c.asked || c.want == "" && !got.Extended() {
					t.Errorf("%+v, %v after asking %d times", got, err, w.asked)
				}
				if _, err := shop.Extend(t.Context(), "usr_b", "ord_a"); domain.CodeOf(err) != domain.CodeNotFound {
					t.Errorf("another's order: %v", err)
				}
			})
		})
	}
}

// All products of an order have to allow what it is extended by.
func TestAnOrderIsExtendedByWhatAllItsProductsAllow(t *testing.T) {
	of := func(extensions ...time.Duration) (lines []domain.QuoteLine) {
		for _, d := range extensions {
			lines = append(lines, domain.QuoteLine{Product: domain.Product{HoldExtension: d}})
		}
		return lines
	}
	for want, lines := range map[time.Duration][]domain.QuoteLine{
		time.Minute:             of(2*time.Minute, time.Minute, time.Hour),
		0:                       of(time.Minute, 0),
		domain.MaxHoldExtension: of(time.Hour),
	} {
		if got := domain.ExtensionOf(lines); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
