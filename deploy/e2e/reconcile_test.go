package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/worker/pool"
	"runrun/workflows"
)

// reconcile compares the books now, and returns what was found.
func (r harness) reconcile() workflows.ReconcileReport {
	r.t.Helper()
	run, err := r.temporal.ExecuteWorkflow(r.t.Context(), client.StartWorkflowOptions{TaskQueue: workflows.OrdersQueue},
		workflows.ReconcileWorkflow, workflows.ReconcileInput{All: true, Since: time.Hour})
	if err != nil {
		r.t.Fatal(err)
	}
	var report workflows.ReconcileReport
	if err := run.Get(r.t.Context(), &report); err != nil {
		r.t.Fatal(err)
	}
	if len(report.Problems) > 0 {
		r.t.Fatal(report.Problems)
	}
	if *record {
		r.keepHistory(r.t.Context(), run.GetID(), "reconcile")
	}
	return report
}

// Differences are planted in a shop that works: the certain ones are mended, the others ask for a person, and then the books agree.
func TestReconciliation(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) {
		s.API.OrphansEvery, s.Worker.Reconcile.Settled = time.Hour, time.Millisecond // nobody else mends
		s.PGMock.LoseWebhookShare = 1
	})
	product := r.product(9)
	shopper := r.mint("usr_books")
	kept := shopper.paid(product)
	if report := r.reconcile(); len(report.Found) != 0 {
		t.Fatalf("before: %+v", report)
	}
	lost, late, byHand := shopper.paid(product), shopper.held(product), shopper.paid(product)
	r.terminate(lost.str("id"))
	confirm := shopper.authorize(late)
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+late.str("id")+"/cancel", nil)
	r.confirmAtGateway(confirm)
	storetest.Exec(t, r.Store, "UPDATE orders SET total_amount = 1 WHERE id = ?", byHand.str("id"))
	storetest.Exec(t, r.Store, "UPDATE stocks SET total = total + 1 WHERE product_id = ?", product)

	var out bytes.Buffer
	cfg := r.Settings.Worker
	cfg.Temporal.Shared = r.temporal
	if err := pool.Audit(t.Context(), cfg, &out); !errors.Is(err, pool.ErrBooksDiffer) {
		t.Errorf("the audit: %v", err)
	}
	for _, want := range []string{
		"ORDER_WITHOUT_WORKFLOW", lost.str("id"), "PAYMENT_NOT_IN_SHOP", late.str("id"), "ORDER_ROWS", byHand.str("id"), "STOCK", string(product),
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the audit does not tell of %s:\n%s", want, out.String())
		}
	}
	if r.running(lost.str("id")) || len(r.PGMock.Ledger().Cancels) != 0 {
		t.Error("the audit has changed something")
	}

	report := r.reconcile()
	for _, kind := range []domain.DifferenceKind{domain.DifferenceOrphan, domain.DifferencePayment,
		domain.DifferenceRow, domain.DifferenceStock} {
		if report.Found[kind] != 1 {
			t.Errorf("%d of %s: %+v", report.Found[kind], kind, report.First)
		}
	}
	if !r.running(lost.str("id")) || report.Mended != 2 {
		t.Errorf("%d are mended", report.Mended)
	}
	r.until("the refund of what came late", func() (reply, bool) { return reply{}, len(r.PGMock.Ledger().Cancels) == 1 })
	shopper.until("attention", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+byHand.str("id"), nil)
		return got, got.str("attention") == string(domain.AttentionDifference)
	})
	mina := r.logIn(system.StaffEmail)
	storetest.Exec(t, r.Store, "UPDATE orders SET total_amount = due_amount - delivery_amount WHERE id = ?", byHand.str("id"))
	storetest.Exec(t, r.Store, "UPDATE stocks SET total = total - 1 WHERE product_id = ?", product)
	got := mina.want(http.StatusOK, "POST", "/v1/admin/orders/"+byHand.str("id")+"/resolve",
		map[string]any{"note": "repaired", "as": "GIVE_UP"})
	if got.str("attention") != "" {
		t.Errorf("resolved: %s", got.rawBody)
	}
	if again := r.reconcile(); len(again.Found) != 0 {
		t.Errorf("afterwards: %+v", again)
	}
	shopper.await(kept, "PLACED")
	shopper.await(lost, "PLACED")
}
