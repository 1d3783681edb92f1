package checkout

import (
	"errors"
	"testing"

	"runrun/domain"
)

// Whatever tells of an attempt, the workflow or the row, the answer to who pays depends on the order and the attempt alone.
func TestOutcome(t *testing.T) {
	done, unknown, canceled := &attempt{
		status: domain.PaymentDone,
	}, &attempt{
		status: domain.PaymentUnknown,
	}, &attempt{
		status: domain.PaymentCanceled,
	}
	refused := &attempt{domain.PaymentDeclined, "REJECT_CARD_PAYMENT", "over the limit"}
	for name, c := range map[string]struct {
		status  domain.OrderStatus
		attempt *attempt
		want    domain.Code
		left    int // attempts; -1 is not said
	}{
		"paid by it":                   {domain.StatusPlaced, done, "", -1},
		"paid, and on its way":         {domain.StatusInTransit, done, "", -1},
		"paid by another":              {domain.StatusPlaced, nil, domain.CodeOrderState, -1},
		"paid by another, it declined": {domain.StatusPlaced, refused, domain.CodeOrderState, -1},
		"not known, order held":        {domain.StatusHeld, nil, domain.CodeOrderState, -1},
		"not known, order expired":     {domain.StatusExpired, nil, domain.CodeOrderState, -1},
		"approved after the end":       {domain.StatusExpired, done, domain.CodeOrderState, -1},
		"declined":                     {domain.StatusHeld, refused, domain.CodePaymentDeclined, domain.MaxDeclines - 1},
		"declined for the last time":   {domain.StatusPaymentFailed, refused, domain.CodePaymentDeclined, 0},
		"a fault of ours":              {domain.StatusHeld, canceled, domain.CodePaymentUnavailable, domain.MaxDeclines - 1},
		"no outcome yet":               {domain.StatusPaying, unknown, domain.CodeInternal, -1},
	} {
		t.Run(name, func(t *testing.T) {
			o := domain.Order{ID: "ord_a", Status: c.status, Declines: 1}
			err := outcome(o, c.attempt)
			if domain.CodeOf(err) != c.want || errors.Is(err, errPending) != (c.attempt == unknown) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			var about *OrderError
			if !errors.As(err, &about) {
				return
			}
			if about.Order.Status != c.status {
				t.Errorf("the error is about an order that is %s", about.Order.Status)
			}
			left := -1
			if about.AttemptsLeft != nil {
				left = *about.AttemptsLeft
			}
			if left != c.left {
				t.Errorf("%d attempts left, want %d", left, c.left)
			}
			if (about.DeclineCode == refused.code) != (c.want == domain.CodePaymentDeclined) {
				t.Errorf("decline code %q", about.DeclineCode)
			}
		})
	}
}

// The workflow's words for an outcome and the row's are the same.
func TestAttemptOf(t *testing.T) {
	for said, want := range map[domain.Outcome]domain.PaymentStatus{
		domain.OutcomePaid: domain.PaymentDone, domain.OutcomeDeclined: domain.PaymentDeclined, domain.OutcomeFault: domain.PaymentCanceled,
	} {
		if got := attemptOf(domain.PaymentResult{Outcome: said, Code: "X"}); got == nil || got.status != want {
			t.Errorf("%s: %v, want %s", said, got, want)
		}
	}
	for _, said := range []domain.Outcome{"", domain.OutcomeUnknown, domain.OutcomeMissing, domain.OutcomeUnconfirmed} {
		if got := attemptOf(domain.PaymentResult{Outcome: said}); got != nil {
			t.Errorf("%q: %v, want none", said, got)
		}
	}
}
