package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/testsuite"

	"runrun/domain"
	"runrun/workflows"
)

// books are activities that find something.
type books struct {
	orders, payments workflows.ReconcileReport
	gates            int
	err              error
}

func (b books) CompareOrders(context.Context, workflows.ReconcileInput) (workflows.ReconcileReport, error) {
	return b.orders, b.err
}

func (b books) CompareWorkflows(context.Context, workflows.ReconcileInput) (workflows.ReconcileReport, error) {
	return workflows.ReconcileReport{}, nil
}

func (b books) ComparePayments(context.Context, workflows.ReconcileInput) (workflows.ReconcileReport, error) {
	return b.payments, nil
}

func (b books) ReconcileGates(context.Context) (workflows.GateReport, error) {
	return workflows.GateReport{Mended: b.gates}, nil
}

func reconcile(t *testing.T, b books) workflows.ReconcileReport {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(&b)
	env.ExecuteWorkflow(workflows.ReconcileWorkflow, workflows.ReconcileInput{})
	var report workflows.ReconcileReport
	if err := env.GetWorkflowResult(&report); err != nil {
		t.Fatal(err)
	}
	return report
}

// The report counts everything, names the first hundred, and an outage of one book hides no other.
func TestReconciliationReports(t *testing.T) {
	var many workflows.ReconcileReport
	for n := range 150 {
		many.Add([]domain.Difference{{Kind: domain.DifferenceRow, OrderID: domain.OrderID(fmt.Sprint("ord_", n))}})
	}
	var few workflows.ReconcileReport
	few.Add([]domain.Difference{{Kind: domain.DifferencePayment, Mended: true}})
	got := reconcile(t, books{orders: many, payments: few, gates: 2})
	want := map[domain.DifferenceKind]int{domain.DifferenceRow: 150, domain.DifferencePayment: 1, domain.DifferenceGate: 2}
	if diff := cmp.Diff(want, got.Found); diff != "" || got.Mended != 3 || len(got.First) != 100 || len(got.Problems) != 0 {
		t.Errorf("mended %d, named %d, problems %v, found (-want +got):\n%s", got.Mended, len(got.First), got.Problems, diff)
	}
	if want := "153 differences, 3 mended, 0 problems"; got.Summary() != want {
		t.Errorf("the summary is %q", got.Summary())
	}
	down := reconcile(t, books{payments: few, err: errors.New("the database is gone")})
	if len(down.Problems) != 1 || down.Found[domain.DifferencePayment] != 1 {
		t.Errorf("while one book is closed: %+v", down)
	}
}
