package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"go.temporal.io/api/batch/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

var screenshots = flag.Bool("screenshots", false, "write the pictures of the guide for support staff: make screenshots")

// staffBrowser is a member of support staff before the Web UI.
type staffBrowser struct{ tab }

// open opens a page of the Web UI.
func (b staffBrowser) open(path string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Navigate(b.Temporal.UI+"/namespaces/default"+path)); err != nil {
		b.t.Fatal(err)
	}
}

// retry sends the update retry from the page of a workflow, and does something right before.
func (b staffBrowser) retry(note string, before func()) {
	b.t.Helper()
	b.press("button", "More Actions")
	b.press("[role=menuitem]", "Send an Update")
	b.press("[data-testid=update-select-button]", "")
	b.sees("Support staff: try the failing step again now")
	b.press("[role=option]", "retry")
	b.focus("dialog[open] .cm-content")
	b.types(fmt.Sprintf(`{"by": "Mina", "note": %q}`, note))
	b.sees(fmt.Sprintf(`"note": %q}`, note))
	b.press("dialog[open] label", "Update ID") // the editor formats what was typed, and the dialog grows
	b.picture("deploy/playbooks/images/retry")
	before()
	b.press("dialog[open] button", "Submit")
}

// refundFails pays orders and cancels them while the gateway refuses every refund, and waits until all ask for attention.
func (r harness) refundFails(product domain.ProductID, count int) (orders []reply) {
	r.t.Helper()
	r.script(map[string]any{"call": "cancel", "code": "REFUND_REJECTED", "times": -1})
	shopper := r.mint(domain.UserID("usr_" + uuid.NewString()))
	for range count {
		orders = append(orders, shopper.paid(product))
	}
	var canceling sync.WaitGroup
	for _, order := range orders {
		canceling.Go(func() { shopper.do("POST", "/v1/orders/"+order.str("id")+"/cancel", nil) })
	}
	canceling.Wait()
	r.untilOrders(count, "attention = 'REFUND_FAILED' AND user_id = '"+string(orderUser(r, orders[0]))+"'")
	return orders
}

func orderUser(r harness, order reply) domain.UserID {
	r.t.Helper()
	o, err := r.Store.Order(r.t.Context(), domain.OrderID(order.str("id")))
	if err != nil {
		r.t.Fatal(err)
	}
	return o.UserID
}

// A support agent has an order's id, and no code at hand: finds it, understands it, repairs it, all in the Web UI.
func TestSupportStaffInTheWebUI(t *testing.T) {
	ctx := browser(t, browserLimit)
	r := own(t, nil, func(s *system.Settings) { s.API.AttentionAfter = time.Minute })
	b := staffBrowser{tab{r, ctx}}
	product := r.product(3)
	order := r.refundFails(product, 1)[0]
	id := order.str("id")

	b.open("/workflows?query=" + url.QueryEscape(`OrderAttention IS NOT NULL AND ExecutionStatus = "Running"`))
	b.sees(id)
	b.picture("deploy/playbooks/images/find")
	b.open("/workflows/" + url.PathEscape(workflows.OrderWorkflowID(domain.OrderID(id)))) // as in the admin API and the guide: no run id
	b.press("#user-metadata-tab", "User Metadata")
	b.sees("CANCELING needs you: REFUND_FAILED", "REFUND_REJECTED", "Certain: the shopper was charged 4,000 KRW",
		"the next try is at", "Never terminate")
	b.picture("deploy/playbooks/images/understand")

	r.send("DELETE", r.PGMock.URL()+"/mock/script", nil) // the gateway is repaired
	b.retry("the gateway is repaired", func() {})
	r.mint(orderUser(r, order)).await(order, "CANCELED")
	r.wantMoney(order, 1, 1)
	storetest.WantStock(t, r.Store, product, 3, 0, 0)
	b.open("/workflows/" + url.PathEscape(workflows.OrderWorkflowID(domain.OrderID(id))))
	b.sees("COMPLETED")
	b.picture("deploy/playbooks/images/done")
	r.wantKept(id, "Mina", "the gateway is repaired")
}

// wantKept demands that an order's audit trail names who did something, and why.
func (r harness) wantKept(id, actor, note string) {
	r.t.Helper()
	events, err := r.Store.Events(r.t.Context(), domain.OrderID(id), 0)
	kept := false
	for _, e := range events {
		kept = kept || e.Actor == actor && e.Note == note
	}
	if err != nil || !kept {
		r.t.Errorf("the audit trail does not name %s: %+v, %v", actor, events, err)
	}
}

// The gateway takes the money, its answer is lost, and then it is down: the order asks for a person, who presses retry when the gateway is
// back. It is placed, with one approval.
func TestStaffRetryAnUnknownPaymentInTheWebUI(t *testing.T) {
	ctx := browser(t, browserLimit)
	r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) { s.API.AttentionAfter = 2 * time.Second })
	way := newProxyTo(t, strings.TrimPrefix(r.PGMock.URL(), "http://"))
	r.startWorkerProcess("PG_URL=http://" + way.listener.Addr().String())
	product := r.product(1)
	shopper := r.mint("usr_unknown")
	order := shopper.held(product)
	confirm := shopper.authorize(order)
	way.loseAnswerTo("/v1/payments/confirm")
	var paying sync.WaitGroup
	paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	defer paying.Wait()
	shopper.until("attention, and a long pause to the next look", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
		return got, got.str("attention") == string(domain.AttentionPaymentUnknown) &&
			r.count(order.str("id"), enums.EVENT_TYPE_TIMER_STARTED) >= 6
	})
	if n := r.approvals(order.str("id")); n != 1 {
		t.Errorf("%d approvals while the gateway is down", n)
	}
	b := staffBrowser{tab{r, ctx}}
	b.open("/workflows/" + url.PathEscape(workflows.OrderWorkflowID(domain.OrderID(order.str("id")))))
	b.press("#user-metadata-tab", "User Metadata")
	b.sees("PAYING needs you: PAYMENT_UNKNOWN", "the shopper may have been charged. The units are held.")
	b.retry("the gateway answers again", func() { way.cut(false) }) // at the last moment, so that the shop itself is not faster
	shopper.await(order, "PLACED")
	r.wantMoney(order, 1, 0)
	r.wantKept(order.str("id"), "Mina", "the gateway answers again")
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// After an outage many orders need a person. One batch retries them: by a signal, as the CLI sends it, or by a reset in the Web UI, whose
// batches offer no signals. Either way each is refunded once.
func TestManyOrdersAreRetriedByOneBatch(t *testing.T) {
	const many = 100
	ctx := browser(t, browserLimit)
	r := own(t, nil, func(s *system.Settings) { s.API.AttentionAfter = 10 * time.Minute })
	b := staffBrowser{tab{r, ctx}}
	for name, retry := range map[string]func(query string){
		"by the CLI": func(query string) {
			input, err := converter.GetDefaultDataConverter().ToPayloads(workflows.RetryRequest{By: "Mina", Note: "after the outage"})
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.temporal.WorkflowService().StartBatchOperation(t.Context(), &workflowservice.StartBatchOperationRequest{
				Namespace: "default", JobId: uuid.NewString(), Reason: "the gateway is repaired", VisibilityQuery: query,
				Operation: &workflowservice.StartBatchOperationRequest_SignalOperation{
					SignalOperation: &batch.BatchOperationSignal{Signal: workflows.RetrySignal, Input: input, Identity: "Mina"},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
		},
		"in the Web UI": func(query string) {
			b.open("/workflows?query=" + url.QueryEscape(query))
			b.sees(fmt.Sprint(many) + " Workflows")
			b.press("thead label", "")
			b.press("button", "select all")
			b.picture("deploy/playbooks/images/batch")
			b.press("button", "Reset")
			b.picture("deploy/playbooks/images/batch-reset")
			b.press("dialog[open] button", "Reset")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, r.System)
			product := r.product(many)
			orders := r.refundFails(product, many)
			query := fmt.Sprintf("OrderAttention IS NOT NULL AND UserId = '%s' AND ExecutionStatus = 'Running'", orderUser(r, orders[0]))
			r.until("all to be listed", func() (reply, bool) { return reply{}, r.countWorkflows(query) == many })
			r.send("DELETE", r.PGMock.URL()+"/mock/script", nil)
			retry(query)
			shopper := r.mint(orderUser(r, orders[0]))
			for _, order := range orders {
				shopper.await(order, "CANCELED")
				r.wantMoney(order, 1, 1)
			}
			storetest.WantStock(t, r.Store, product, many, 0, 0)
			if got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+orders[0].str("id"), nil); got.str("attention") != "" {
				t.Errorf("attention is left: %s", got.rawBody)
			}
		})
	}
}
