package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
)

// A status that belongs to none of the three would be forgotten by every count of units and money.
func TestAnOrderIsUnpaidOrPaidOrHasGivenBack(t *testing.T) {
	for _, status := range domain.OrderStatuses() {
		n := 0
		for _, is := range []bool{status.Unpaid(), status.Paid(), status.GaveBack()} {
			if is {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: unpaid %t, paid %t, gave back %t", status, status.Unpaid(), status.Paid(), status.GaveBack())
		}
	}
}

// An order that is being paid is neither paid twice nor canceled under its payment.
func TestWhatAShopperMayDoWithAnOrder(t *testing.T) {
	type may struct{ Pay, Cancel, Return bool }
	want := map[domain.OrderStatus]may{
		domain.StatusReceived: {Cancel: true}, domain.StatusHeld: {Pay: true, Cancel: true}, domain.StatusPlaced: {Cancel: true},
		domain.StatusDelivered: {Return: true},
	}
	for _, status := range domain.OrderStatuses() {
		got := may{Pay: status.Payable(), Cancel: status.Cancelable(), Return: status.Returnable()}
		if diff := cmp.Diff(want[status], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", status, diff)
		}
		if got.Pay && !status.CanBecome(domain.StatusPaying) || got.Return && !status.CanBecome(domain.StatusReturning) ||
			got.Cancel && !status.CanBecome(domain.StatusCanceled) && !status.CanBecome(domain.StatusCanceling) {
			t.Errorf("%s allows a step that the table of transitions does not have", status)
		}
	}
}

func TestAPaidOrderIsNeverUnpaidAgain(t *testing.T) {
	for _, from := range domain.OrderStatuses() {
		for _, to := range domain.OrderStatuses() {
			if from.CanBecome(to) && (from.Paid() && to.Unpaid() || from.GaveBack()) {
				t.Errorf("%s may become %s", from, to)
			}
		}
	}
}

func TestAPaidOrderGivesBackOnlyAfterItsRefund(t *testing.T) {
	refunding := map[domain.OrderStatus]domain.OrderStatus{
		domain.StatusCanceled: domain.StatusCanceling, domain.StatusReturned: domain.StatusReturning,
	}
	for _, end := range domain.OrderStatuses() {
		if !end.GaveBack() {
			continue
		}
		for _, from := range end.Before() {
			if from.Paid() && from != refunding[end] {
				t.Errorf("%s may become %s without a refund", from, end)
			}
		}
	}
	for end, from := range refunding {
		if !from.CanBecome(end) {
			t.Errorf("%s cannot become %s", from, end)
		}
	}
}

func TestBeforeReadsTheTableBackwards(t *testing.T) {
	for _, status := range domain.OrderStatuses() {
		var want []domain.OrderStatus
		for _, from := range domain.OrderStatuses() { // sorted
			if from.CanBecome(status) {
				want = append(want, from)
			}
		}
		if diff := cmp.Diff(want, status.Before()); diff != "" {
			t.Errorf("before %s (-want +got):\n%s", status, diff)
		}
	}
}

func TestAnUnknownStatusAllowsNothing(t *testing.T) {
	for _, status := range []domain.OrderStatus{"", "held", "NONSENSE"} {
		if status.Known() || status.Payable() || status.Cancelable() || status.Paid() || status.Unpaid() || status.GaveBack() {
			t.Errorf("%q counts as a status", status)
		}
		for _, next := range domain.OrderStatuses() {
			if status.CanBecome(next) || next.CanBecome(status) {
				t.Errorf("a step between %q and %s", status, next)
			}
		}
	}
}
