package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// sweeping starts a system that looks often for orders without a workflow.
func sweeping(t *testing.T) harness {
	t.Helper()
	return own(t, nil, func(s *system.Settings) { s.API.OrphansEvery = 200 * time.Millisecond })
}

// running reports whether an order has a running workflow.
func (r harness) running(order string) bool {
	r.t.Helper()
	described, err := r.temporal.DescribeWorkflowExecution(r.t.Context(), workflows.OrderWorkflowID(domain.OrderID(order)), "")
	return err == nil && described.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// terminate does what the CLI does: the workflow is gone, and no compensation has run.
func (r harness) terminate(order string) {
	r.t.Helper()
	admin, err := client.Dial(client.Options{HostPort: r.Temporal.GRPC, Identity: "admin"}) // the server refuses it from anybody else
	if err != nil {
		r.t.Fatal(err)
	}
	defer admin.Close()
	if err := admin.TerminateWorkflow(r.t.Context(), workflows.OrderWorkflowID(domain.OrderID(order)), "", "by hand"); err != nil {
		r.t.Fatal(err)
	}
}

// withoutWorkflow writes an order and holds its units, as if Temporal's store had been restored from before it.
func (r harness) withoutWorkflow(user domain.UserID, product domain.ProductID) reply {
	r.t.Helper()
	order := storetest.NewOrder(user, domain.OrderItem{ProductID: product, Name: "Sneaker", Quantity: 1, UnitPrice: domain.Won(1000)})
	order.ID = domain.OrderID(domain.OrderPrefix + strings.ReplaceAll(uuid.NewString(), "-", ""))
	order.IdempotencyKey = uuid.NewString()
	if _, err := r.Store.Accept(r.t.Context(), []domain.NewOrder{order}); err != nil {
		r.t.Fatal(err)
	}
	if got := storetest.Reserve(r.t, r.Store, order.ID)[0]; got.Status != domain.StatusHeld {
		r.t.Fatalf("the order is %s", got.Status)
	}
	return reply{Body: map[string]any{"id": string(order.ID), "paymentAmount": 1000.0, "name": "Sneaker"}}
}

// A workflow was terminated from outside, without its compensations: a fresh one adopts the row, and the shopper can pay.
func TestATerminatedOrderIsAdopted(t *testing.T) {
	r := sweeping(t)
	product := r.product(1)
	shopper := r.mint("usr_terminated")
	order := shopper.held(product)
	r.terminate(order.str("id"))
	r.until("a fresh workflow", func() (reply, bool) { return reply{}, r.running(order.str("id")) })
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals", n)
	}
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// A shopper need not wait for the sweeper: who cancels or pays an order without a workflow gives it one.
func TestAnOrderWithoutAWorkflowIsServedAtOnce(t *testing.T) {
	r := shared(t)
	product := r.product(2)
	shopper := r.mint("usr_alone")
	canceled, paid := r.withoutWorkflow("usr_alone", product), r.withoutWorkflow("usr_alone", product)
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+canceled.str("id")+"/cancel", nil)
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(paid))
	storetest.WantStock(t, r.Store, product, 1, 0, 1)
}

// Nobody touches the order any more, and Temporal has never heard of it: its units do not stay held for ever.
func TestAnOverdueOrderWithoutAWorkflow(t *testing.T) {
	r := sweeping(t)
	product := r.product(1)
	shopper := r.mint("usr_overdue")
	order := r.withoutWorkflow("usr_overdue", product)
	storetest.PassDeadline(t, r.Store, domain.OrderID(order.str("id")))
	storetest.Exec(t, r.Store, "UPDATE orders SET dispatch_after = 1 WHERE id = ?", order.str("id")) // or wait 15 s
	shopper.await(order, "EXPIRED")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

// A payment was open when the workflow was lost: the fresh one finds out what became of it.
func TestAnOpenPaymentWithoutAWorkflow(t *testing.T) {
	r := sweeping(t)
	product := r.product(1)
	shopper := r.mint("usr_open")
	order := r.withoutWorkflow("usr_open", product)
	key := shopper.authorize(order)["paymentKey"].(string)
	if _, intent, err := r.Store.RecordIntent(t.Context(), domain.OrderID(order.str("id")), key); err != nil || intent == nil {
		t.Fatal(intent, err)
	}
	storetest.Exec(t, r.Store, "UPDATE orders SET dispatch_after = 1, updated_at = 1 WHERE id = ?", order.str("id"))
	shopper.await(order, "PLACED")
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals", n)
	}
}

// The order ended, its money did not go back, and the workflow is lost: the refund is made.
func TestAnOpenRefundWithoutAWorkflow(t *testing.T) {
	r := sweeping(t)
	product := r.product(1)
	shopper := r.mint("usr_refund")
	order := r.withoutWorkflow("usr_refund", product)
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	id := order.str("id")
	r.terminate(id)
	storetest.Exec(t, r.Store, "UPDATE orders SET status = 'CANCELED', dispatch_after = 1 WHERE id = ?", id)
	payments, err := r.Store.Payments(t.Context(), domain.OrderID(id))
	if err != nil || len(payments) != 1 {
		t.Fatal(payments, err)
	}
	if _, err := r.Store.RecordRefundIntent(t.Context(), domain.RefundIntention{
		OrderID: domain.OrderID(id), PaymentKey: payments[0].PaymentKey, Reason: domain.RefundReason,
	}); err != nil {
		t.Fatal(err)
	}
	storetest.Exec(t, r.Store, "UPDATE refunds SET updated_at = 1 WHERE order_id = ?", id)
	r.until("the refund", func() (reply, bool) {
		for _, c := range r.PGMock.Ledger().Cancels {
			if c.OrderID == id {
				return reply{}, true
			}
		}
		return reply{}, false
	})
	r.finished(id, "")
	if refund, err := r.Store.OpenRefund(t.Context(), domain.OrderID(id)); refund != nil || err != nil {
		t.Errorf("the refund is %+v, %v", refund, err)
	}
}

// A workflow was closed before it decided anything: the row is RECEIVED, and is not left so.
func TestAReceivedOrderWithAClosedWorkflow(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.OrphansEvery = time.Hour }) // the sweeper of what is due finds it
	product := r.product(1)
	shopper := r.mint("usr_closed")
	order := storetest.NewOrder("usr_closed", domain.OrderItem{ProductID: product, Name: "Sneaker", Quantity: 1, UnitPrice: domain.Won(1000)})
	order.ID = domain.OrderID(domain.OrderPrefix + strings.ReplaceAll(uuid.NewString(), "-", ""))
	if _, err := r.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.OrderWorkflowID(order.ID), TaskQueue: "nobody-serves-this",
	}, workflows.OrderWorkflow, workflows.OrderInput{}); err != nil {
		t.Fatal(err)
	}
	r.terminate(string(order.ID))
	if _, err := r.Store.Accept(t.Context(), []domain.NewOrder{order}); err != nil {
		t.Fatal(err)
	}
	storetest.Exec(t, r.Store, "UPDATE orders SET dispatch_after = 1 WHERE id = ?", order.ID)
	shopper.await(reply{Body: map[string]any{"id": string(order.ID)}}, "HELD")
}
