package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// kept is a shop that keeps its data in a folder, so that it can be stopped, restored and started again.
type kept struct {
	t      *testing.T
	folder string
	backup string
}

func keepShop(t *testing.T) kept {
	t.Helper()
	t.Setenv("MYSQL_DSN", "") // it is put back at the end
	// A database that is a file is restored by copying it; what follows is the same on a server.
	if err := os.Unsetenv("MYSQL_DSN"); err != nil {
		t.Fatal(err)
	}
	return kept{t, t.TempDir(), t.TempDir()}
}

// run starts the shop, lets something happen, and stops it.
func (k kept) run(happens func(r harness)) {
	k.t.Helper()
	cfg := testConfig(k.t, func(s *system.Settings) {
		s.API.OrphansEvery, s.Worker.Reconcile.Settled = time.Hour, time.Millisecond // nobody else mends
		s.PGMock.LoseWebhookShare = 1
		s.API.Limits.OpenOrders, s.API.Limits.OpenUnits = 50, 200
	})
	cfg.Ephemeral, cfg.Data = false, k.folder
	running, err := system.Start(k.t.Context(), cfg)
	if err != nil {
		k.t.Fatal(err)
	}
	happens(newHarness(k.t, running))
	if err := running.Stop(); err != nil {
		k.t.Fatal(err)
	}
}

// copyFiles copies the files of a database, which nobody has open.
func (k kept) copyFiles(name, from, to string) {
	k.t.Helper()
	old, err := filepath.Glob(filepath.Join(to, name+"*"))
	if err != nil {
		k.t.Fatal(err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			k.t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(from, name+"*"))
	if err != nil || len(files) == 0 {
		k.t.Fatalf("%s in %s: %v %v", name, from, files, err)
	}
	for _, path := range files {
		k.copyFile(path, filepath.Join(to, filepath.Base(path)))
	}
}

func (k kept) copyFile(from, to string) {
	k.t.Helper()
	in, err := os.Open(from)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		k.t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		k.t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		k.t.Fatal(err)
	}
}

// past is what stands in a backup, and what happened after it.
type past struct {
	product domain.ProductID
	// placed is paid before the backup and stays so; paidLater is held in the backup and paid after it; refunded is paid in the backup and
	// canceled after it; lost was ordered and paid after it.
	placed, paidLater, refunded, lost reply
}

func (k kept) live(databases ...string) past {
	k.t.Helper()
	var p past
	k.run(func(r harness) {
		p.product = r.product(9)
		shopper := r.mint("usr_restored")
		p.placed, p.refunded, p.paidLater = shopper.paid(p.product), shopper.paid(p.product), shopper.held(p.product)
	})
	for _, name := range databases {
		k.copyFiles(name, k.folder, k.backup)
	}
	k.run(func(r harness) {
		shopper := r.mint("usr_restored")
		shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(p.paidLater))
		shopper.do("POST", "/v1/orders/"+p.refunded.str("id")+"/cancel", nil) // now, or accepted
		shopper.await(p.refunded, "CANCELED")
		p.lost = shopper.paid(p.product)
	})
	for _, name := range databases {
		k.copyFiles(name, k.backup, k.folder)
	}
	return p
}

// wantFound demands that a report has a difference of an order, mended or not.
func wantFound(t *testing.T, report workflows.ReconcileReport, kind domain.DifferenceKind, order reply, mended bool) {
	t.Helper()
	for _, d := range report.First {
		if d.Kind == kind && string(d.OrderID) == order.str("id") {
			if d.Mended != mended {
				t.Errorf("%s of %s: mended %t, want %t", kind, d.OrderID, d.Mended, mended)
			}
			return
		}
	}
	t.Errorf("no %s of %s in %+v", kind, order.str("id"), report.First)
}

// The shop's database was restored to an earlier state, and Temporal and the gateway know more. Workflows that are reset begin again at the
// order's row, and what shoppers had asked them is asked again: a payment that the row has forgotten is found at the gateway, and its
// order is placed after all. Then the report names what is left: money and workflows of orders that the database does not know, and money
// that it does not know to be given back.
func TestTheDatabaseWasRestored(t *testing.T) {
	k := keepShop(t)
	p := k.live("runrun.db")
	k.run(func(r harness) {
		r.reset(workflows.OrderWorkflowID(domain.OrderID(p.paidLater.str("id"))), "", firstTask)
		r.mint("usr_restored").await(p.paidLater, "PLACED")
		report := r.reconcile()
		wantFound(t, report, domain.DifferencePayment, p.lost, false)
		wantFound(t, report, domain.DifferenceGhost, p.lost, false)
		wantFound(t, report, domain.DifferenceRefund, p.refunded, false)
		r.undo(p.refunded)
		for _, d := range report.First {
			if id := string(d.OrderID); id == p.placed.str("id") || id == p.paidLater.str("id") {
				t.Errorf("an order that is as it was, or is mended, is reported: %+v", d)
			}
		}
		storetest.WantStock(t, r.Store, p.product, 7, 0, 2)
		if r.approvals(p.paidLater.str("id")) != 1 || len(r.PGMock.Ledger().Cancels) != 1 {
			t.Errorf("money moved: %+v", r.PGMock.Ledger())
		}
	})
}

// undo does what the playbook tells support staff to do with an order whose refund the database has forgotten: cancel it, which gives no
// money back again, since the gateway has, and then resolve the mark.
func (r harness) undo(order reply) {
	r.t.Helper()
	mina := r.logIn(system.StaffEmail)
	path := "/v1/admin/orders/" + order.str("id")
	if got := mina.do("POST", path+"/cancel", map[string]any{"note": "refunded before the restore"}); got.Status >= http.StatusBadRequest {
		r.t.Errorf("cancel: %d %s", got.Status, got.rawBody)
	}
	r.mint("usr_restored").await(order, "CANCELED")
	mina.want(http.StatusOK, "POST", path+"/resolve", map[string]any{"note": "restored", "as": "GIVE_UP"})
}

// firstTask is the event after which a workflow that is reset begins again: its first task.
const firstTask = 4

// Temporal was restored to an earlier state, and the database knows more: every order goes on from its row, nothing is charged or given
// back twice, and the books agree.
func TestTemporalWasRestored(t *testing.T) {
	k := keepShop(t)
	p := k.live("temporal")
	k.run(func(r harness) {
		report := r.reconcile()
		wantFound(t, report, domain.DifferenceOrphan, p.lost, true)
		shopper := r.mint("usr_restored")
		for _, order := range []reply{p.placed, p.paidLater, p.lost} {
			got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
			if got.str("status") != "PLACED" || r.approvals(order.str("id")) != 1 {
				t.Errorf("%s is %s after %d approvals", order.str("id"), got.str("status"), r.approvals(order.str("id")))
			}
			if !r.running(order.str("id")) {
				t.Errorf("%s has no workflow", order.str("id"))
			}
		}
		storetest.WantStock(t, r.Store, p.product, 6, 0, 3)
		t.Logf("%+v", report.First)
	})
	k.run(func(r harness) {
		report := r.reconcile()
		for _, d := range report.First {
			if !d.Mended {
				t.Errorf("still: %+v", d)
			}
		}
		if n := len(r.PGMock.Ledger().Cancels); n != 1 {
			t.Errorf("%d refunds at the gateway, want 1", n)
		}
	})
}
