package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// GateWorkflowID is the id of the workflow that corrects the gates: one at a time.
const GateWorkflowID = "gates"

// GateReport is what a reconciliation found.
type GateReport struct {
	Gates  int `json:"gates"`
	Mended int `json:"mended"`
	// Problem says why the gates could not be corrected: an outage is no failure of the workflow, they are compared again anyway.
	Problem string `json:"problem,omitempty"`
}

// GateActivities keep the gate in step with the database. They run on the queue orders.
type GateActivities interface {
	ReconcileGates(ctx context.Context) (GateReport, error)
}

// GateWorkflow corrects gates that differ from the database, once. Workers start it when they see one that does.
func GateWorkflow(ctx workflow.Context) (GateReport, error) {
	var report GateReport
	if err := workflow.ExecuteActivity(gateOptions(ctx), GateActivities.ReconcileGates).Get(ctx, &report); err != nil {
		report.Problem = err.Error()
	}
	return report, nil
}

func gateOptions(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:             "Compare the gates with the stock, and mend the gates",
		StartToCloseTimeout: time.Minute,
		HeartbeatTimeout:    20 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 2}, // it is started again
	})
}
