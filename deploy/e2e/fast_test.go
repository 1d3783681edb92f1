package e2e

import (
	"cmp"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// count returns how many events of an order's history are of a kind.
func (r harness) count(order string, kind enums.EventType) (found int) {
	r.t.Helper()
	for _, event := range r.events(r.t.Context(), workflows.OrderWorkflowID(domain.OrderID(order))) {
		if event.GetEventType() == kind {
			found++
		}
	}
	return found
}

// taskFailures returns why workflow tasks of the order failed.
func (r harness) taskFailures(order string) (causes []enums.WorkflowTaskFailedCause) {
	r.t.Helper()
	for _, event := range r.events(r.t.Context(), workflows.OrderWorkflowID(domain.OrderID(order))) {
		if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			causes = append(causes, failed.GetCause())
		}
	}
	return causes
}

// Something comes in while a workflow task confirms a payment: the order is placed all the same, with one approval; a cancellation then
// takes it back. No task of a workflow that goes on fails; a worker that is killed in such a task is in crash_test.go.
func TestSomethingComesInDuringAFastConfirm(t *testing.T) {
	for name, c := range map[string]struct {
		payWithin time.Duration
		end       string // PLACED if not set
		between   func(t *testing.T, r harness, id string)
	}{
		"a signal": {10 * time.Minute, "", func(t *testing.T, r harness, id string) {
			if err := r.temporal.SignalWorkflow(t.Context(), id, "", workflows.RetrySignal, workflows.RetryRequest{By: "test"}); err != nil {
				t.Error(err)
			}
		}},
		"an update": {10 * time.Minute, "", func(t *testing.T, r harness, id string) {
			_, err := r.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
				WorkflowID: id, UpdateName: workflows.RetryUpdate, WaitForStage: client.WorkflowUpdateStageAccepted,
				Args: []any{workflows.RetryRequest{By: "test"}},
			})
			t.Log("the update was answered:", err) // accepted, or too late
		}},
		"a cancellation": {10 * time.Minute, "CANCELED", func(t *testing.T, r harness, id string) {
			if err := r.temporal.CancelWorkflow(t.Context(), id, ""); err != nil {
				t.Error(err)
			}
		}},
		"the deadline's timer": {2 * time.Second, "", func(*testing.T, harness, string) {}},
	} {
		t.Run(name, func(t *testing.T) {
			r := own(t, nil, func(s *system.Settings) { s.API.PayWithin = c.payWithin })
			product := r.product(1)
			shopper := r.logIn(system.ShopperEmail)
			order := shopper.held(product)
			confirm := shopper.authorize(order)
			r.script(map[string]any{"call": "confirm", "delayMs": 3000})
			var paying sync.WaitGroup
			paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
			shopper.until("approval", func() (reply, bool) { return reply{}, r.approvals(order.str("id")) == 1 })
			c.between(t, r, workflows.OrderWorkflowID(domain.OrderID(order.str("id"))))
			shopper.await(order, cmp.Or(c.end, "PLACED"))
			paying.Wait()
			r.finished(order.str("id"), "")
			if n := r.approvals(order.str("id")); n != 1 {
				t.Errorf("%d approvals, want 1", n)
			}
			for _, cause := range r.taskFailures(order.str("id")) {
				// The gateway's webhook of the refund may arrive while the workflow ends: the server has that task done again.
				if c.end == "" || cause != enums.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND {
					t.Errorf("a workflow task failed: %s", cause)
				}
			}
			if c.end != "" {
				r.wantMoney(order, 1, 1)
				storetest.WantStock(t, r.Store, product, 1, 0, 0)
				return
			}
			storetest.WantStock(t, r.Store, product, 0, 0, 1)
		})
	}
}

// A gateway that takes longer than a fast confirm may: the queue payments goes on with the same request.
func TestAGatewayThatHangsForFiveSeconds(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	r.script(map[string]any{"call": "confirm", "delayMs": 5000})
	shopper.do("POST", "/v1/payments/confirm", shopper.authorize(order))
	shopper.await(order, "PLACED")
	r.finished(order.str("id"), "slow_then_paid_fast")
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	if n := r.count(order.str("id"), enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED); n == 0 {
		t.Error("no activity ran on the queue payments: the test shows nothing")
	}
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// A shop keeps the gateway's key in the workers of one queue: the workers of orders have none, and confirm nothing themselves.
func TestTheGatewaysKeyInOnePoolOnly(t *testing.T) {
	for name, confirmFast := range map[string]bool{"told": false, "not told": true} {
		t.Run(name, func(t *testing.T) {
			r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) { s.API.ConfirmFast = confirmFast })
			r.startWorkerProcess("QUEUES=orders", "PG_SECRET_KEY=")
			r.startWorkerProcess("QUEUES=payments")
			product := r.product(1)
			shopper := r.logIn(system.ShopperEmail)
			order := shopper.held(product)
			shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
			recorded := ""
			if !confirmFast {
				recorded = "paid"
			}
			r.finished(order.str("id"), recorded)
			if n := r.approvals(order.str("id")); n != 1 {
				t.Errorf("%d approvals, want 1", n)
			}
			if n := r.count(order.str("id"), enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED); n != 1 {
				t.Errorf("%d activities on the queue payments, want 1", n)
			}
		})
	}
}

// Where API and worker share a process, the first workflow task comes back with the start: nobody polls for it.
func TestOrdersAreStartedEagerly(t *testing.T) {
	r := shared(t)
	order := r.logIn(system.ShopperEmail).held(r.product(1))
	id := workflows.OrderWorkflowID(domain.OrderID(order.str("id")))
	event, err := r.temporal.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Next()
	if err != nil {
		t.Fatal(err)
	}
	if !event.GetWorkflowExecutionStartedEventAttributes().GetEagerExecutionAccepted() {
		t.Error("the workflow was started, and its first task has to be polled for")
	}
}
