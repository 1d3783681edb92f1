package domain_test

import (
	"slices"
	"testing"
	"time"

	"runrun/domain"
)

// More time to pay is offered while it can be had.
func TestWhenMoreTimeIsOffered(t *testing.T) {
	for _, status := range domain.OrderStatuses() {
		for _, by := range []time.Duration{0, time.Minute} {
			actions := domain.Order{Status: status, ExtendBy: by, PayBy: time.Unix(1, 0)}.Actions()
			offered := slices.Contains(actions, domain.OrderAction{Name: domain.ActionExtend, Until: time.Unix(1, 0)})
			if want := status == domain.StatusHeld && by > 0; offered != want {
				t.Errorf("%s, %s left: offered %t", status, by, offered)
			}
		}
	}
}

// Of every status: what its shopper may do, and until when.
func TestWhatAShopperMayDo(t *testing.T) {
	payBy, nextAt, returnBy := time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0)
	pay, cancel, giveBack := domain.ActionPay, domain.ActionCancel, domain.ActionReturn
	want := map[domain.OrderStatus][]domain.OrderAction{
		domain.StatusReceived:  {{Name: cancel, Until: payBy}},
		domain.StatusHeld:      {{Name: pay, Until: payBy}, {Name: cancel, Until: payBy}},
		domain.StatusPlaced:    {{Name: cancel, Until: nextAt}},
		domain.StatusDelivered: {{Name: giveBack, Until: returnBy}},
	}
	for _, status := range domain.OrderStatuses() {
		got := domain.Order{Status: status, PayBy: payBy, NextAt: nextAt, ReturnBy: returnBy}.Actions()
		if !slices.Equal(got, want[status]) {
			t.Errorf("%s: %v, want %v", status, got, want[status])
		}
	}
}
