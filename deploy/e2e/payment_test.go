package e2e

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

func TestADeclinedCardThenAnother(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	r.script(map[string]any{"call": "confirm", "code": "REJECT_CARD_PAYMENT"})
	declined := shopper.authorize(order)
	for range 2 { // the same attempt again is the same answer, and is counted once
		wantCode(t, shopper.do("POST", "/v1/payments/confirm", declined), http.StatusPaymentRequired, domain.CodePaymentDeclined)
	}
	held := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
	if held.str("status") != "HELD" || held.str("reason") != domain.ReasonDeclined {
		t.Errorf("after a decline: %s", held.rawBody)
	}
	paid := shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	if payment := paid.Body["payment"].(map[string]any); payment["attempt"] != 2.0 {
		t.Errorf("paid: %s", paid.rawBody)
	}
	r.finished(order.str("id"), "declined_then_paid_fast")
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

func TestThreeDeclinesGiveTheUnitsBack(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	for n := range domain.MaxDeclines {
		garbage := map[string]any{"orderId": order.str("id"), "paymentKey": uuid.NewString(), "amount": order.Body["paymentAmount"]}
		got := shopper.do("POST", "/v1/payments/confirm", garbage)
		wantCode(t, got, http.StatusPaymentRequired, domain.CodePaymentDeclined)
		want := map[string]any{"declineCode": "NOT_FOUND_PAYMENT", "attemptsLeft": float64(domain.MaxDeclines - n - 1), "orderStatus": "HELD"}
		if n == domain.MaxDeclines-1 {
			want["orderStatus"] = "PAYMENT_FAILED"
		}
		for name, value := range want {
			if got.Body[name] != value {
				t.Errorf("decline %d: %s is %v, want %v: %s", n+1, name, got.Body[name], value, got.rawBody)
			}
		}
	}
	ended := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
	if ended.str("status") != "PAYMENT_FAILED" || ended.str("reason") != domain.ReasonTooManyDeclines {
		t.Errorf("after three declines: %s", ended.rawBody)
	}
	r.finished(order.str("id"), "declined_out_fast")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

// The gateway approves and the answer is lost: looked up, not guessed, and charged once.
func TestAnApprovalWhoseAnswerIsLost(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	r.script(map[string]any{"call": "confirm", "loseAnswer": true})
	paid := shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	if paid.str("status") != "PLACED" {
		t.Errorf("paid: %s", paid.rawBody)
	}
	r.finished(order.str("id"), "unknown_then_resolved_fast")
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
}

// The gateway fails before it acts, and replays that failure for our key: the session has to end before it is definite.
// Until then the units stay held, whatever the deadline says.
func TestTheDeadlineWaitsForAnOpenPayment(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) {
		s.API.PayWithin, s.PGMock.ConfirmWithin = 2*time.Second, 5*time.Second
	})
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	r.script(map[string]any{"call": "confirm", "code": "FAILED_INTERNAL_SYSTEM_PROCESSING"})
	wantCode(t, shopper.do("POST", "/v1/payments/confirm", shopper.authorize(order)), http.StatusPaymentRequired, domain.CodePaymentDeclined)
	if late := time.Now(); late.Before(parse(t, order.str("payBy"))) {
		t.Fatalf("the payment was definite at %s, before the deadline %s: the test shows nothing", late, order.str("payBy"))
	}
	shopper.await(order, "EXPIRED")
	r.finished(order.str("id"), "unknown_then_expired_fast")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

func parse(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Twenty clicks on "pay" at once, with one key and with many: one charge.
func TestPayTwiceAtOnce(t *testing.T) {
	r := shared(t)
	shopper := r.logIn(system.ShopperEmail)
	for name, sameKey := range map[string]bool{"one key": true, "many keys": false} {
		t.Run(name, func(t *testing.T) {
			product := r.product(1)
			order := shopper.held(product)
			confirm := shopper.authorize(order)
			var clicks sync.WaitGroup
			statuses := make(chan int, 20)
			for range 20 {
				body := confirm
				if !sameKey {
					body = shopper.authorize(order)
				}
				clicks.Go(func() { statuses <- shopper.do("POST", "/v1/payments/confirm", body).Status })
			}
			clicks.Wait()
			close(statuses)
			counts := map[int]int{}
			for status := range statuses {
				counts[status]++
			}
			if sameKey && counts[http.StatusOK] != 20 || !sameKey && (counts[http.StatusOK] != 1 || counts[http.StatusConflict] != 19) {
				t.Errorf("answers: %v", counts)
			}
			if n := r.approvals(order.str("id")); n != 1 {
				t.Errorf("%d approvals, want 1", n)
			}
		})
	}
}

func TestAFaultOfOursDoesNotCount(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	r.script(map[string]any{"call": "confirm", "code": "UNAUTHORIZED_KEY"})
	wantCode(t, shopper.do("POST", "/v1/payments/confirm", shopper.authorize(order)), http.StatusServiceUnavailable,
		domain.CodePaymentUnavailable)
	held := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
	if held.str("status") != "HELD" || held.str("reason") != domain.ReasonPaymentFault {
		t.Errorf("after a fault of ours: %s", held.rawBody)
	}
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	r.finished(order.str("id"), "fault_then_paid_fast")
}

// One exact step fails: the order asks for attention, staff find it, repair, and send the update retry.
func TestAFailingStepRaisesAttentionAndIsRetried(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.AttentionAfter = time.Second })
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	repair := breakStep(t, r.Store, order.str("id"), "PLACED")
	confirm := shopper.authorize(order)
	var paying sync.WaitGroup
	paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	shopper.until("attention", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
		return got, got.str("attention") == string(domain.AttentionStepFailing)
	})
	r.wantFound(order.str("id"), `OrderAttention = "STEP_FAILING" AND ExecutionStatus = "Running"`)
	repair()
	r.retry(order.str("id"))
	placed := shopper.await(order, "PLACED")
	paying.Wait()
	r.finished(order.str("id"), "attention_then_retried_fast")
	placed = shopper.until("no attention", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+placed.str("id"), nil)
		return got, got.str("attention") == ""
	})
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// retry is what support staff send from the Web UI.
func (r harness) retry(order string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	handle, err := r.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID:   workflows.OrderWorkflowID(domain.OrderID(order)),
		UpdateName:   workflows.RetryUpdate,
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	if err != nil {
		r.t.Fatalf("retry: %v", err)
	}
}

// The payment key of another order can never pay this one: it is the client's mistake, and the gateway is not asked again and again.
func TestThePaymentKeyOfAnotherOrder(t *testing.T) {
	r := shared(t)
	product := r.product(2)
	shopper := r.mint("usr_mixed")
	mine, other := shopper.held(product), shopper.held(product)
	body := shopper.authorize(other)
	body["orderId"] = mine.str("id")
	got := shopper.do("POST", "/v1/payments/confirm", body)
	wantCode(t, got, http.StatusPaymentRequired, domain.CodePaymentDeclined)
	if got.str("declineCode") != "NOT_OUR_PAYMENT" || got.str("orderStatus") != "HELD" {
		t.Errorf("the problem: %s", got.rawBody)
	}
	body["orderId"] = other.str("id")
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", body)
}

// Around the deadline a payment is in time or it is not: then the answer tells how the order ended, never that it is held, and
// never that there was no answer.
func TestAPaymentAtTheDeadline(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.PayWithin = 2 * time.Second })
	product := r.product(20)
	var paying sync.WaitGroup
	for n := range 20 {
		shopper := r.mint(domain.UserID(fmt.Sprintf("usr_deadline%d", n)))
		paying.Go(func() {
			order := shopper.held(product)
			body := shopper.authorize(order)
			<-time.After(time.Until(parse(t, order.str("payBy"))) + time.Duration(2*n-20)*time.Millisecond)
			got := shopper.do("POST", "/v1/payments/confirm", body)
			switch {
			case got.Status == http.StatusOK:
			case got.Status == http.StatusConflict && got.str("orderStatus") == "EXPIRED":
			default:
				t.Errorf("%d ms after the deadline: %d %s", 2*n-20, got.Status, got.rawBody)
			}
		})
	}
	paying.Wait()
}
