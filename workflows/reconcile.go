package workflows

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// Ids of the schedules that compare the books.
const (
	ReconcileSchedule = "reconcile"
	AuditSchedule     = "reconcile-all"
)

// ReconcileInput says how much is compared.
type ReconcileInput struct {
	// All compares all orders and Since of the gateway's transactions; else the open orders, and the latest transactions.
	All bool `json:"all,omitempty"`
	// Since is how far back the gateway's transactions are compared.
	Since time.Duration `json:"since"`
}

// ReconcileReport is what a comparison found: how many of each kind, and the first of them.
type ReconcileReport struct {
	Found  map[domain.DifferenceKind]int `json:"found,omitempty"`
	Mended int                           `json:"mended,omitempty"`
	First  []domain.Difference           `json:"first,omitempty"`
	// Problems says which books could not be compared: an outage fails no workflow, they are compared again.
	Problems []string `json:"problems,omitempty"`
}

// reported is how many differences a report names.
const reported = 100

// Add puts differences into the report.
func (r *ReconcileReport) Add(found []domain.Difference) {
	for _, d := range found {
		if r.Found == nil {
			r.Found = map[domain.DifferenceKind]int{}
		}
		r.Found[d.Kind]++
		if d.Mended {
			r.Mended++
		}
		if len(r.First) < reported {
			r.First = append(r.First, d)
		}
	}
}

// Merge adds another report, also what it counted and did not name.
func (r *ReconcileReport) Merge(other ReconcileReport) {
	before := r.Mended
	r.Add(other.First)
	r.Mended = before + other.Mended
	for _, kind := range domain.DifferenceKinds() {
		if n := other.Found[kind]; n > r.Found[kind] {
			r.Found[kind] = n
		}
	}
}

// Summary is a line that tells how many differences were found, and how many of them are mended.
func (r *ReconcileReport) Summary() string {
	found := 0
	for _, kind := range domain.DifferenceKinds() {
		found += r.Found[kind]
	}
	return fmt.Sprintf("%d differences, %d mended, %d problems", found, r.Mended, len(r.Problems))
}

// ReconcileActivities compare the books of the shop with each other and with Temporal's. They run on the queue orders.
type ReconcileActivities interface {
	CompareOrders(ctx context.Context, in ReconcileInput) (ReconcileReport, error)
	CompareWorkflows(ctx context.Context, in ReconcileInput) (ReconcileReport, error)
}

// LedgerActivities compare the books of the shop with the gateway's. They run on the queue payments.
type LedgerActivities interface {
	ComparePayments(ctx context.Context, in ReconcileInput) (ReconcileReport, error)
}

// ReconcileWorkflow compares the books once. What is certain is mended; the rest asks for a person. A schedule starts it.
func ReconcileWorkflow(ctx workflow.Context, in ReconcileInput) (ReconcileReport, error) {
	var all ReconcileReport
	compare := func(queue, summary string, do any) {
		var part ReconcileReport
		err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			Summary: summary, TaskQueue: queue, StartToCloseTimeout: 10 * time.Minute, ScheduleToCloseTimeout: 30 * time.Minute,
			HeartbeatTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 3},
		}), do, in).Get(ctx, &part)
		if err != nil {
			all.Problems = append(all.Problems, summary+": "+lastMessage(err))
			return
		}
		all.Merge(part)
	}
	compare(OrdersQueue, "Compare the rows of orders with each other, and the stock with the reservations", ReconcileActivities.CompareOrders)
	compare(OrdersQueue, "Compare the orders with their workflows", ReconcileActivities.CompareWorkflows)
	compare(PaymentsQueue, "Compare payments and refunds with the gateway's transactions", LedgerActivities.ComparePayments)
	var gates GateReport
	err := workflow.ExecuteActivity(gateOptions(ctx), GateActivities.ReconcileGates).Get(ctx, &gates)
	if err != nil {
		all.Problems = append(all.Problems, "gates: "+lastMessage(err))
	}
	for range gates.Mended {
		all.Add([]domain.Difference{{Kind: domain.DifferenceGate, Mended: true}})
	}
	return all, workflow.UpsertMemo(ctx, map[string]any{"summary": all.Summary(), "found": all.Found})
}
