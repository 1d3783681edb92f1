package pool

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"runrun/domain"
	"runrun/workflows"
)

// gatesEvery is how often the gates are compared with the database.
const gatesEvery = 10 * time.Second

// scheduleGates makes sure that the gates are reconciled. Every worker tries; the schedule is there once.
func (p *Pool) scheduleGates(ctx context.Context) error {
	_, err := p.temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:      workflows.GateScheduleID,
		Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: gatesEvery}}},
		Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.GateScheduleID, Workflow: workflows.GateWorkflow, TaskQueue: workflows.OrdersQueue, WorkflowRunTimeout: 5 * time.Minute,
		},
		CatchupWindow: gatesEvery, // a reconciliation that was missed is not made up for
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return domain.Because(domain.Unavailable, err, "the schedule of the gates cannot be made")
	}
	return nil
}
