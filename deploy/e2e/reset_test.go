package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"runrun/deploy/dev/system"
	"runrun/deploy/pgmock/server"
	"runrun/domain"
	"runrun/workflows"
)

// books are what must not change when an order's past is repeated.
type books struct {
	Status  string
	Money   server.Ledger
	Stock   domain.Stock
	Refunds []domain.Refund
}

func (a as) books(order reply, product domain.ProductID) books {
	a.t.Helper()
	ctx := a.t.Context()
	got := a.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
	b := books{Status: got.str("status")}
	all := a.PGMock.Ledger()
	for _, e := range all.Approvals {
		if e.OrderID == order.str("id") {
			b.Money.Approvals = append(b.Money.Approvals, e)
		}
	}
	for _, e := range all.Cancels {
		if e.OrderID == order.str("id") {
			b.Money.Cancels = append(b.Money.Cancels, e)
		}
	}
	var err error
	if b.Stock, err = a.Store.CountStock(ctx, product); err != nil {
		a.t.Fatal(err)
	}
	b.Stock.AsOf = time.Time{}
	if b.Refunds, err = a.Store.Refunds(ctx, domain.OrderID(order.str("id"))); err != nil {
		a.t.Fatal(err)
	}
	return b
}

// runOf is the id of the latest run of a workflow.
func (r harness) runOf(id string) string {
	r.t.Helper()
	described, err := r.temporal.DescribeWorkflowExecution(r.t.Context(), id, "")
	if err != nil {
		r.t.Fatal(err)
	}
	return described.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}

// history reads the events of one run.
func (r harness) history(id, run string) (events []*history.HistoryEvent) {
	r.t.Helper()
	for all := r.temporal.GetWorkflowHistory(r.t.Context(), id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); all.HasNext(); {
		event, err := all.Next()
		if err != nil {
			r.t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// reset repeats a run from the end of a workflow task.
func (r harness) reset(id, run string, task int64) {
	r.t.Helper()
	_, err := r.temporal.ResetWorkflowExecution(r.t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: r.Settings.API.Temporal.Namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: id, RunId: run},
		Reason: "test", WorkflowTaskFinishEventId: task, RequestId: uuid.NewString(),
	})
	if err != nil {
		r.t.Fatalf("reset of %s to event %d: %v", id, task, err)
	}
}

// paths are the lives that are reset, each to its end.
var paths = map[string]func(a as, product domain.ProductID) (order reply, end string){
	"completed": func(a as, product domain.ProductID) (reply, string) { return a.paid(product), "COMPLETED" },
	"declined then paid": func(a as, product domain.ProductID) (reply, string) {
		order := a.held(product)
		a.script(map[string]any{"call": "confirm", "code": "REJECT_CARD_PAYMENT"})
		a.want(http.StatusPaymentRequired, "POST", "/v1/payments/confirm", a.authorize(order))
		a.want(http.StatusOK, "POST", "/v1/payments/confirm", a.authorize(order))
		return order, "COMPLETED"
	},
	"unknown then paid": func(a as, product domain.ProductID) (reply, string) {
		order := a.held(product)
		a.script(map[string]any{"call": "confirm", "loseAnswer": true})
		a.do("POST", "/v1/payments/confirm", a.authorize(order))
		return order, "COMPLETED"
	},
	"canceled": func(a as, product domain.ProductID) (reply, string) {
		order := a.held(product)
		a.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		return order, "CANCELED"
	},
	"expired": func(a as, product domain.ProductID) (reply, string) { return a.held(product), "EXPIRED" },
	"canceled after the payment": func(a as, product domain.ProductID) (reply, string) {
		order := a.paid(product)
		a.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		return order, "CANCELED"
	},
	"a refund whose answer is lost": func(a as, product domain.ProductID) (reply, string) {
		order := a.paid(product)
		a.script(map[string]any{"call": "cancel", "loseAnswer": true})
		a.do("POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		return order, "CANCELED"
	},
	"returned": func(a as, product domain.ProductID) (reply, string) {
		order := a.paid(product)
		a.await(order, "DELIVERED")
		a.want(http.StatusAccepted, "POST", "/v1/orders/"+order.str("id")+"/return", nil)
		return order, "RETURNED"
	},
	"attention, then retried": func(a as, product domain.ProductID) (reply, string) {
		order := a.paid(product)
		a.script(map[string]any{"call": "cancel", "code": "REFUND_REJECTED", "times": 1000})
		a.do("POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		a.until("attention", func() (reply, bool) {
			got := a.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
			return got, got.str("attention") == string(domain.AttentionRefundFailed)
		})
		a.send("DELETE", a.PGMock.URL()+"/mock/script", nil)
		id := workflows.OrderWorkflowID(domain.OrderID(order.str("id")))
		if err := a.temporal.SignalWorkflow(a.t.Context(), id, "", workflows.RetrySignal, workflows.RetryRequest{By: "Mina"}); err != nil {
			a.t.Fatal(err)
		}
		return order, "CANCELED"
	},
}

// Support staff reset an order to any point of its past, after it has ended: nothing is charged, refunded or restocked twice, and the
// repeated run ends where the row says.
func TestResetToEveryWorkflowTask(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) {
		s.API.PayWithin, s.API.AttentionAfter = 3*time.Second, time.Second
		s.SetFulfilment(domain.Fulfilment{
			ShipAfter: 1500 * time.Millisecond, DeliverAfter: 100 * time.Millisecond, CompleteAfter: 1500 * time.Millisecond,
			ReturnWithin: 1500 * time.Millisecond, ReturnAfter: 100 * time.Millisecond,
		})
	})
	for name, live := range paths {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, r.System)
			product := r.product(3)
			shopper := r.mint(domain.UserID("usr_" + uuid.NewString()))
			order, end := live(shopper, product)
			shopper.await(order, end)
			view := r.finished(order.str("id"), "")
			id := workflows.OrderWorkflowID(domain.OrderID(order.str("id")))
			run, want := r.runOf(id), shopper.books(order, product)
			if string(view.Status) != end {
				t.Fatalf("ended %s", view.Status)
			}
			tasks := 0
			for _, event := range r.history(id, run) {
				if event.GetEventType() != enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
					continue
				}
				tasks++
				r.reset(id, run, event.GetEventId())
				if again := r.closed(id); string(again.Status) != end {
					t.Errorf("reset to event %d: ended %s", event.GetEventId(), again.Status)
				}
				if diff := cmp.Diff(want, shopper.books(order, product)); diff != "" {
					t.Errorf("reset to event %d (-before +after):\n%s", event.GetEventId(), diff)
				}
			}
			if tasks < 2 {
				t.Errorf("only %d workflow tasks: the test shows little", tasks)
			}
			if *record {
				r.keepHistory(t.Context(), id, "reset")
			}
		})
	}
}

// closed waits for the end of the latest run.
func (r harness) closed(id string) (view workflows.OrderView) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	if err := r.temporal.GetWorkflow(ctx, id, "").Get(ctx, &view); err != nil {
		r.t.Fatalf("workflow %s: %v", id, err)
	}
	return view
}

// The same while the order still lives: whatever point it is reset to, it goes on from its row.
func TestResetOfAPaidOrderThatLives(t *testing.T) {
	r := living(t, func(f *domain.Fulfilment) { f.ShipAfter = 3 * time.Second })
	product := r.product(2)
	shopper := r.mint("usr_reset")
	order := shopper.paid(product)
	r.finished(order.str("id"), "")
	id := workflows.OrderWorkflowID(domain.OrderID(order.str("id")))
	run := r.runOf(id)
	for _, event := range r.history(id, run) {
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			r.reset(id, run, event.GetEventId())
		}
	}
	shopper.await(order, "COMPLETED")
	if view := r.closed(id); view.Status != domain.StatusCompleted {
		t.Errorf("ended %s", view.Status)
	}
	r.wantMoney(order, 1, 0)
}
