package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// part asks for the refund of a part of pay_1.
func part(id domain.OrderID, amount int64, request string) domain.RefundIntention {
	return domain.RefundIntention{OrderID: id, PaymentKey: "pay_1", Reason: domain.RefundReasonStaff, Amount: amount, Request: request}
}

// done settles a refund.
func done(t *testing.T, s *store.Store, r *domain.Refund) {
	t.Helper()
	change := domain.RefundChange{OrderID: r.OrderID, PaymentKey: r.PaymentKey, Seq: r.Seq, Status: domain.RefundDone}
	if err := s.ChangeRefund(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// Parts never add up to more than was paid, each request is one refund, and one is made after the other.
func TestRefundsOfParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := placed(t, s) // 2000 KRW
		first, err := s.RecordRefundIntent(t.Context(), part(id, 300, "a"))
		want := domain.Refund{
			OrderID: id, PaymentKey: "pay_1", Seq: 1, Amount: domain.Won(300),
			Reason: domain.RefundReasonStaff, Status: domain.RefundIntent, Paid: 2000,
		}
		if diff := cmp.Diff(&want, first); diff != "" || err != nil {
			t.Fatalf("the first part (-want +got), %v:\n%s", err, diff)
		}
		if other, err := s.RecordRefundIntent(t.Context(), part(id, 500, "b")); err != nil || other.Seq != 1 {
			t.Errorf("while the first is open: %+v, %v; want the first", other, err)
		}
		done(t, s, first)
		if again, err := s.RecordRefundIntent(t.Context(), part(id, 300, "a")); err != nil ||
			again.Seq != 1 || again.Status != domain.RefundDone {
			t.Errorf("the same request: %+v, %v; want the first, DONE", again, err)
		}
		if _, err := s.RecordRefundIntent(t.Context(), part(id, 1701, "c")); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("more than is left: %v", err)
		}
		rest, err := s.RecordRefundIntent(t.Context(), part(id, 0, ""))
		if err != nil || rest.Seq != 2 || rest.Amount != domain.Won(1700) || rest.Before != 300 {
			t.Fatalf("the rest: %+v, %v", rest, err)
		}
		done(t, s, rest)
		if last, err := s.RecordRefundIntent(t.Context(), part(id, 0, "")); err != nil || last.Seq != 2 || last.Status != domain.RefundDone {
			t.Errorf("nothing is left: %+v, %v; want the last, DONE", last, err)
		}
		payments, err := s.Payments(t.Context(), id)
		if err != nil || payments[0].Status != domain.PaymentCanceled {
			t.Errorf("the payment is %+v, %v", payments, err)
		}
	})
}

// Twenty who want to refund all of it are one refund.
func TestOneRefundAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := placed(t, s)
		together(20, func(int) {
			if r, err := s.RecordRefundIntent(t.Context(), part(id, 0, "")); err != nil || r == nil || r.Seq != 1 {
				t.Errorf("%+v, %v", r, err)
			}
		})
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM refunds"); n != 1 {
			t.Errorf("%d refunds", n)
		}
	})
}

// Tries are counted for whoever goes on, never backwards, and a refund that is done stays done.
func TestTriesOfARefund(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := placed(t, s)
		if none, err := s.RecordRefundIntent(t.Context(), domain.RefundIntention{OrderID: id, PaymentKey: "pay_1",
			OpenOnly: true}); none != nil || err != nil {
			t.Errorf("none is open: %+v, %v", none, err)
		}
		r, err := s.RecordRefundIntent(t.Context(), part(id, 0, ""))
		if err != nil {
			t.Fatal(err)
		}
		change := domain.RefundChange{OrderID: id, PaymentKey: "pay_1", Seq: r.Seq}
		for _, try := range []struct {
			status  domain.RefundStatus
			attempt int
		}{{domain.RefundUnknown, 2}, {domain.RefundRefused, 1}} {
			change.Status, change.Attempt, change.Code = try.status, try.attempt, "REFUND_REJECTED"
			if err := s.ChangeRefund(t.Context(), change); err != nil {
				t.Fatal(err)
			}
		}
		open, err := s.OpenRefund(t.Context(), id)
		if err != nil || open.Attempt != 2 || open.Status != domain.RefundRefused || open.Code != "REFUND_REJECTED" {
			t.Errorf("open: %+v, %v", open, err)
		}
		done(t, s, r)
		change.Status = domain.RefundUnknown
		if err := s.ChangeRefund(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		all, err := s.Refunds(t.Context(), id)
		if err != nil || len(all) != 1 || all[0].Status != domain.RefundDone {
			t.Errorf("refunds: %+v, %v", all, err)
		}
	})
}

// Money that turns up beside an order is written down and goes back, once; what pays the order stays, and what is open is left to the
// order's workflow.
func TestLateApprovals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := placed(t, s)
		late := func(key string) *domain.Refund {
			t.Helper()
			r, err := s.RecordLateApproval(t.Context(), domain.LateApproval{OrderID: id, PaymentKey: key, Paid: paid})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := late("pay_1"); r != nil {
			t.Errorf("the payment of the order is refunded: %+v", r)
		}
		for range 2 {
			if r := late("pay_2"); r == nil || r.Amount != domain.Won(2000) || r.Status != domain.RefundIntent {
				t.Errorf("a second payment: %+v", r)
			}
		}
		done(t, s, late("pay_2"))
		if r := late("pay_2"); r == nil || r.Status != domain.RefundDone {
			t.Errorf("again: %+v", r)
		}
		if payments, err := s.Payments(t.Context(), id); err != nil || len(payments) != 2 || payments[0].Status != domain.PaymentDone {
			t.Errorf("payments: %+v, %v", payments, err)
		}
		storetest.Exec(t, s, "UPDATE payments SET status = 'UNKNOWN' WHERE order_id = ? AND payment_key = 'pay_1'", id)
		if r := late("pay_1"); r != nil {
			t.Errorf("an open payment is refunded: %+v", r)
		}
		storetest.Exec(t, s, "UPDATE payments SET status = 'DECLINED' WHERE order_id = ? AND payment_key = 'pay_1'", id)
		storetest.Exec(t, s, "UPDATE orders SET status = 'EXPIRED' WHERE id = ?", id)
		if r := late("pay_1"); r == nil || r.PaymentKey != "pay_1" {
			t.Errorf("a declined payment that took money: %+v", r)
		}
	})
}

// What staff gave back by another way is no longer owed, and the gateway does not know of it.
func TestARefundByAnotherWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, _ := placed(t, s)
		cash, err := s.RecordRefundIntent(t.Context(), part(id, 300, "a"))
		if err != nil {
			t.Fatal(err)
		}
		err = s.ChangeRefund(t.Context(), domain.RefundChange{
			OrderID: id, PaymentKey: "pay_1", Seq: cash.Seq, Status: domain.RefundDone, Code: domain.RefundResolved,
		})
		if err != nil {
			t.Fatal(err)
		}
		rest, err := s.RecordRefundIntent(t.Context(), part(id, 0, ""))
		if err != nil || rest.Amount != domain.Won(1700) || rest.Before != 0 || rest.Paid != 2000 {
			t.Fatalf("the rest: %+v, %v", rest, err)
		}
		done(t, s, rest)
		payments, err := s.Payments(t.Context(), id)
		if err != nil || payments[0].Status != domain.PaymentCanceled {
			t.Errorf("the payment is %+v, %v", payments, err)
		}
	})
}
