package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// GateScheduleID names the schedule that reconciles the gates.
const GateScheduleID = "gates"

// GateReport is what a reconciliation found.
type GateReport struct {
	Gates  int `json:"gates"`
	Mended int `json:"mended"`
}

// GateActivities keep the gate in step with the database. They run on the queue orders.
type GateActivities interface {
	ReconcileGates(ctx context.Context) (GateReport, error)
}

// GateWorkflow compares the gates with the database, once. A schedule starts it again and again.
func GateWorkflow(ctx workflow.Context) (GateReport, error) {
	var report GateReport
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:             "Compare the gates with the stock, and mend the gates",
		StartToCloseTimeout: time.Minute,
		HeartbeatTimeout:    20 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 2}, // the schedule comes again
	})
	err := workflow.ExecuteActivity(ctx, GateActivities.ReconcileGates).Get(ctx, &report)
	return report, err
}
