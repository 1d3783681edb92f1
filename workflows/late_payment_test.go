package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"

	"runrun/domain"
	"runrun/workflows"
)

// late runs the workflow of a payment that does not pay its order.
func (r run) late(status domain.OrderStatus) workflows.OrderView {
	r.t.Helper()
	r.shop.row.Status = status
	r.RegisterWorkflow(workflows.RefundWorkflow)
	r.ExecuteWorkflow(workflows.RefundWorkflow, workflows.LatePayment{Order: *r.in, PaymentKey: "pay_late", Status: status})
	var view workflows.OrderView
	if err := r.GetWorkflowResult(&view); err != nil {
		r.t.Fatalf("the workflow failed: %v", err)
	}
	return view
}

// Only money that was taken, and does not pay the order, goes back; once.
func TestLatePayments(t *testing.T) {
	for name, c := range map[string]struct {
		status  domain.OrderStatus
		prepare func(s *shop)
		refunds int
	}{
		"approved after the order expired": {domain.StatusExpired, func(s *shop) { s.charges = []string{"pay_late"} }, 1},
		"approved beside another payment":  {domain.StatusPlaced, func(s *shop) { s.charges = []string{"pay_1", "pay_late"} }, 1},
		"it pays the order after all": {domain.StatusPlaced, func(s *shop) {
			s.charges = []string{"pay_late"}
			s.payments["pay_late"] = &domain.Payment{PaymentKey: "pay_late", Status: domain.PaymentDone}
		}, 0},
		"nothing was taken":               {domain.StatusExpired, func(*shop) {}, 0},
		"nobody knows of it":              {domain.StatusExpired, func(s *shop) { s.gone = true }, 0},
		"the gateway does not say so far": {domain.StatusExpired, func(s *shop) { s.charges = []string{"pay_late"}; s.fail("LookUpPayment", fails) }, 1},
		"the refund's answer is lost":     {domain.StatusExpired, func(s *shop) { s.charges = []string{"pay_late"}; s.fail("CancelPayment", loses) }, 1},
		"the database fails":              {domain.StatusExpired, func(s *shop) { s.charges = []string{"pay_late"}; s.fail("RecordLateApproval", loses) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRun(t)
			c.prepare(r.shop)
			if view := r.late(c.status); view.Status != c.status || view.Attention != domain.AttentionNone {
				t.Errorf("ended %s with attention %q", view.Status, view.Attention)
			}
			if len(r.shop.refunds) != c.refunds || r.shop.row.Status != c.status {
				t.Errorf("%d refunds, the row is %s", len(r.shop.refunds), r.shop.row.Status)
			}
		})
	}
}

// A refund that is refused waits for a person, as that of an order does.
func TestALateRefundThatIsRefused(t *testing.T) {
	r := newRun(t)
	r.shop.charges, r.shop.cancels = []string{"pay_late"}, []domain.RefundResult{denied, denied, denied}
	var got *answer
	r.at(time.Minute, func() {
		r.shop.mu.Lock()
		r.shop.cancels = nil
		r.shop.mu.Unlock()
		got = r.update(workflows.RetryUpdate, "r", workflows.RetryRequest{By: "Mina", Note: "the gateway is repaired"})
	})
	if view := r.late(domain.StatusExpired); view.Attention != domain.AttentionNone || !got.done || len(r.shop.refunds) != 1 {
		t.Errorf("attention %q, answered %+v, %d refunds", view.Attention, got, len(r.shop.refunds))
	}
}

// Where the shop wants it, an order that ended unpaid is placed after all and lives on, if its units are still there; else its money goes
// back.
func TestAnOrderIsRevived(t *testing.T) {
	for name, c := range map[string]struct {
		status  domain.OrderStatus
		unsold  bool
		want    domain.OrderStatus
		refunds int
	}{
		"the units are there": {domain.StatusExpired, true, domain.StatusPlaced, 0},
		"they are gone":       {domain.StatusExpired, false, domain.StatusExpired, 1},
		"it was canceled":     {domain.StatusCanceled, true, domain.StatusCanceled, 1},
		"another payment did": {domain.StatusPlaced, false, domain.StatusPlaced, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRun(t)
			r.in.Fulfilment = life
			r.shop.charges, r.shop.unsold, r.shop.row.Status = []string{"pay_late"}, c.unsold, c.status
			lives := 0
			r.OnWorkflow(workflows.OrderWorkflow, mock.Anything,
				mock.Anything).Run(func(mock.Arguments) { lives++ }).Return(workflows.OrderView{}, nil)
			r.RegisterWorkflow(workflows.RefundWorkflow)
			r.ExecuteWorkflow(workflows.RefundWorkflow,
				workflows.LatePayment{Order: *r.in, PaymentKey: "pay_late", Status: c.status, Revive: true})
			if err := r.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			if len(r.shop.refunds) != c.refunds || r.shop.row.Status != c.want || c.unsold && lives != 1-c.refunds {
				t.Errorf("%d refunds, the row is %s, %d workflows of the order were started", len(r.shop.refunds), r.shop.row.Status, lives)
			}
		})
	}
}
