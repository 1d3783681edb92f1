package e2e

import (
	"encoding/base64"
	"net/http"
	"sync"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// confirmAtGateway approves a payment behind the shop's back, as a worker could whose row was lost.
func (r harness) confirmAtGateway(confirm map[string]any) {
	r.t.Helper()
	key := base64.StdEncoding.EncodeToString([]byte(r.Settings.PGMock.SecretKey + ":"))
	got := r.send("POST", r.PGMock.URL()+"/v1/payments/confirm", confirm, "Authorization", "Basic "+key)
	if got.Status != http.StatusOK {
		r.t.Fatalf("confirm at the gateway: %d %s", got.Status, got.rawBody)
	}
}

// The gateway tells of an approval after the order has ended, and of one beside another payment: both are refunded, by a workflow.
func TestALateApprovalIsRefunded(t *testing.T) {
	r := living(t, func(f *domain.Fulfilment) { f.ShipAfter = time.Hour })
	product := r.product(2)
	shopper := r.mint("usr_late")
	ended, paid := shopper.held(product), shopper.held(product)
	late, twice := shopper.authorize(ended), shopper.authorize(paid)
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+ended.str("id")+"/cancel", nil)
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(paid))
	for _, confirm := range []map[string]any{late, twice} {
		r.confirmAtGateway(confirm)
		id := workflows.RefundWorkflowID(confirm["paymentKey"].(string))
		r.until("the refund of "+id, func() (reply, bool) {
			for _, c := range r.PGMock.Ledger().Cancels {
				if c.PaymentKey == confirm["paymentKey"] {
					return reply{}, true
				}
			}
			return reply{}, false
		})
		var view workflows.OrderView
		if err := r.temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), &view); err != nil || view.Attention != "" {
			t.Errorf("%s: %+v, %v", id, view, err)
		}
		if *record {
			r.keepHistory(t.Context(), id, "late_approval")
		}
	}
	shopper.await(paid, "PLACED")
	shopper.await(ended, "CANCELED")
	storetest.WantStock(t, r.Store, product, 1, 0, 1)
}

// While the outcome of a payment is looked up at growing pauses, the gateway's webhook ends the wait.
func TestAWebhookWakesTheWaitingOrder(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.mint("usr_woken")
	order := shopper.held(product)
	confirm := shopper.authorize(order)
	r.script(map[string]any{"call": "confirm", "code": "FAILED_INTERNAL_SYSTEM_PROCESSING"}) // replayed for the shop's key
	var paying sync.WaitGroup
	paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	defer paying.Wait()
	shopper.until("an unknown outcome", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
		payment, _ := got.Body["payment"].(map[string]any)
		return got, payment["status"] == "UNKNOWN"
	})
	r.confirmAtGateway(confirm)
	shopper.await(order, "PLACED")
	r.finished(order.str("id"), "webhook_woke")
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals", n)
	}
	signals := 0
	for _, event := range r.events(t.Context(), workflows.OrderWorkflowID(domain.OrderID(order.str("id")))) {
		if event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == workflows.PaymentSignal {
			signals++
		}
	}
	if signals == 0 {
		t.Error("the workflow was not told")
	}
}
