package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

var paid = domain.PaymentResult{Outcome: domain.OutcomePaid, ApprovedAt: time.UnixMilli(1_760_000_000_000).UTC()}

func intent(t *testing.T, s *store.Store, id domain.OrderID, key string) *domain.Payment {
	t.Helper()
	_, intent, err := s.RecordIntent(t.Context(), id, key)
	if err != nil {
		t.Fatal(err)
	}
	if intent == nil {
		return nil
	}
	return &intent.Payment
}

func TestPlaceSellsTheHeldUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
		if payment := intent(t, s, id, "pay_1"); payment.Attempt != 1 || payment.Amount != domain.Won(2000) {
			t.Errorf("the intent is %+v, want attempt 1 over 2000 KRW, taken from the order", payment)
		}
		for range 2 {
			order, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid})
			if err != nil || order.Status != domain.StatusPlaced {
				t.Fatalf("place: %s, %v", order.Status, err)
			}
		}
		storetest.WantStock(t, s, p.ID, 1, 0, 2)
		payments, err := s.Payments(t.Context(), id)
		want := []domain.Payment{
			{OrderID: id, PaymentKey: "pay_1", Attempt: 1, Amount: domain.Won(2000), Status: domain.PaymentDone, ApprovedAt: paid.ApprovedAt},
		}
		if diff := cmp.Diff(want, payments); diff != "" || err != nil {
			t.Errorf("payments (-want +got), %v:\n%s", err, diff)
		}
	})
}

// Twenty clicks on "pay" with twenty keys: one may go to the gateway.
func TestOneIntentAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		wins := make(chan string, 20)
		together(20, func(i int) {
			key := string(rune('a' + i))
			if _, payment, err := s.RecordIntent(t.Context(), id, key); err != nil {
				t.Error(err)
			} else if payment != nil {
				wins <- key
			}
		})
		if len(wins) != 1 {
			t.Fatalf("%d intents, want 1", len(wins))
		}
		if _, again, err := s.RecordIntent(t.Context(), id, <-wins); err != nil || again == nil || again.New || again.Payment.Attempt != 1 {
			t.Errorf("the same key again gives %+v, %v; want the same attempt, not a new one", again, err)
		}
	})
}

func TestDeclineHoldsAgainAndCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		no := domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: "REJECT_CARD_PAYMENT", Message: "limit"}
		intent(t, s, id, "pay_1")
		for range 2 { // repeated after a lost answer: counted once
			order, err := s.Decline(t.Context(), id, "pay_1", no)
			if err != nil || order.Status != domain.StatusHeld || order.Declines != 1 || order.Reason != domain.ReasonDeclined {
				t.Fatalf("decline: %s (%s) after %d declines, %v", order.Status, order.Reason, order.Declines, err)
			}
		}
		second := intent(t, s, id, "pay_2")
		if second == nil || second.Attempt != 2 {
			t.Fatalf("the second attempt is %+v", second)
		}
		fault := domain.PaymentResult{Outcome: domain.OutcomeFault, Code: "UNAUTHORIZED_KEY"}
		order, err := s.Decline(t.Context(), id, "pay_2", fault)
		if err != nil || order.Declines != 1 || order.Reason != domain.ReasonPaymentFault {
			t.Errorf("a fault of ours: %d declines (%s), %v; want 1 still", order.Declines, order.Reason, err)
		}
		storetest.WantStock(t, s, p.ID, 0, 1, 0)
		// The money turns up all the same: it is written down, so that it can go back.
		if _, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_2", Paid: paid}); err != nil {
			t.Fatal(err)
		}
		if refund, err := s.RecordRefundIntent(t.Context(), domain.RefundIntention{OrderID: id, PaymentKey: "pay_2",
			Reason: "undo"}); err != nil || refund == nil {
			t.Errorf("money after a fault: refund %+v, %v", refund, err)
		}
	})
}

func TestUnknownPaymentBlocksTheNextKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		order, err := s.MarkUnknown(t.Context(), id, "pay_1", domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: "TIMEOUT"})
		if err != nil || order.Status != domain.StatusPaying {
			t.Fatal(order.Status, err)
		}
		if second := intent(t, s, id, "pay_2"); second != nil {
			t.Errorf("a second key got %+v while the first is unknown", second)
		}
		if open := intent(t, s, id, ""); open == nil || open.PaymentKey != "pay_1" || open.Status != domain.PaymentUnknown {
			t.Errorf("the open payment is %+v, want pay_1, UNKNOWN", open)
		}
		if order, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1",
			Paid: paid}); err != nil || order.Status != domain.StatusPlaced {
			t.Errorf("resolved: %s, %v", order.Status, err)
		}
	})
}

func TestIntentAfterTheDeadline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		storetest.Exec(t, s, "UPDATE orders SET pay_by = 1 WHERE id = ?", id)
		if payment := intent(t, s, id, "pay_1"); payment != nil {
			t.Errorf("after the deadline an intent was written: %+v", payment)
		}
	})
}

// Money that arrives for an order that ended is written down, and the order stays as it is: its caller refunds.
func TestPlaceAfterTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		if _, err := s.Decline(t.Context(), id, "pay_1", domain.PaymentResult{Outcome: domain.OutcomeDeclined}); err != nil {
			t.Fatal(err)
		}
		storetest.PassDeadline(t, s, id)
		if _, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusExpired, Reason: domain.ReasonUnpaid}); err != nil {
			t.Fatal(err)
		}
		order, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid})
		if err != nil || order.Status != domain.StatusExpired {
			t.Fatalf("place: %s, %v; want EXPIRED", order.Status, err)
		}
		for range 2 {
			refund, err := s.RecordRefundIntent(t.Context(), domain.RefundIntention{OrderID: id, PaymentKey: "pay_1", Reason: "the order had ended"})
			if err != nil || refund == nil || refund.Amount != domain.Won(1000) || refund.Status != domain.RefundIntent {
				t.Fatalf("refund: %+v, %v", refund, err)
			}
		}
		if err := s.ChangeRefund(t.Context(), domain.RefundChange{OrderID: id, PaymentKey: "pay_1", Seq: 1,
			Status: domain.RefundDone}); err != nil {
			t.Fatal(err)
		}
		payments, err := s.Payments(t.Context(), id)
		if err != nil || payments[0].Status != domain.PaymentCanceled {
			t.Errorf("after the refund the payment is %+v, %v; want CANCELED", payments, err)
		}
		storetest.WantStock(t, s, p.ID, 1, 0, 0)
	})
}

func TestNothingToRefund(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		if refund, err := s.RecordRefundIntent(t.Context(), domain.RefundIntention{OrderID: id, PaymentKey: "pay_1",
			Reason: "undo"}); err != nil || refund != nil {
			t.Errorf("an unpaid attempt gave the refund %+v, %v", refund, err)
		}
	})
}

// A fault of ours says nothing about a payment whose outcome was unknown before: the row stays, and its units stay held.
func TestAFaultIsNoOutcomeOfAnUnknownPayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		if _, err := s.MarkUnknown(t.Context(), id, "pay_1", domain.PaymentResult{Outcome: domain.OutcomeUnknown}); err != nil {
			t.Fatal(err)
		}
		order, err := s.Decline(t.Context(), id, "pay_1", domain.PaymentResult{Outcome: domain.OutcomeFault, Code: "UNAUTHORIZED_KEY"})
		if err != nil || order.Status != domain.StatusPaying {
			t.Errorf("after the fault: %s, %v; want PAYING", order.Status, err)
		}
		if open := intent(t, s, id, ""); open == nil || open.Status != domain.PaymentUnknown {
			t.Errorf("the payment is %+v, want UNKNOWN", open)
		}
	})
}

// Money that turns up for an order that is not being paid has to go back, and that stands in the same transaction.
func TestMoneyThatNobodyWaitsForIsToBeRefunded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		if refund, err := s.OpenRefund(t.Context(), id); refund != nil || err != nil {
			t.Fatalf("before: %+v, %v", refund, err)
		}
		storetest.Exec(t, s, "UPDATE orders SET status = 'CANCELED' WHERE id = ?", id)
		for range 2 {
			if _, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid}); err != nil {
				t.Fatal(err)
			}
		}
		refund, err := s.OpenRefund(t.Context(), id)
		if err != nil || refund == nil || refund.PaymentKey != "pay_1" || refund.Amount != domain.Won(1000) {
			t.Errorf("the open refund is %+v, %v", refund, err)
		}
		if err := s.ChangeRefund(t.Context(), domain.RefundChange{OrderID: id, PaymentKey: "pay_1", Seq: 1,
			Status: domain.RefundDone}); err != nil {
			t.Fatal(err)
		}
		if refund, err := s.OpenRefund(t.Context(), id); refund != nil || err != nil {
			t.Errorf("afterwards: %+v, %v", refund, err)
		}
		if _, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid}); err != nil { // it comes late
			t.Fatal(err)
		}
		if payments, err := s.Payments(t.Context(), id); err != nil || payments[0].Status != domain.PaymentCanceled {
			t.Errorf("a refunded payment became %+v, %v", payments, err)
		}
	})
}

// Only a payment that was open places its order: a key that nobody wrote down sells nothing.
func TestPlaceWithoutAnOpenPayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		if _, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_unknown",
			Paid: paid}); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("an unknown key: %v, want NOT_FOUND", err)
		}
		if order, err := s.Order(t.Context(), id); err != nil || order.Status != domain.StatusPaying {
			t.Errorf("the order is %s, %v; want PAYING", order.Status, err)
		}
		storetest.WantStock(t, s, p.ID, 0, 1, 0)
	})
}
