package workflows_test

import (
	"path/filepath"
	"testing"
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
	"runrun/workflows"
)

// histories are recorded by the end-to-end tests (make record), one for each path.
func histories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/histories/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every recorded history replays: today's code decides as the code that made it.
func TestReplayOfEveryRecordedHistory(t *testing.T) {
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflow(workflows.OrderWorkflow)
	replayer.RegisterWorkflow(workflows.GateWorkflow)
	replayer.RegisterWorkflow(workflows.RefundWorkflow)
	replayer.RegisterWorkflow(workflows.ReconcileWorkflow)
	replayer.RegisterWorkflow(workflows.MailWorkflow)
	recorded := map[string]bool{}
	for _, file := range histories(t) {
		recorded[filepath.Base(file)] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Error(err)
			}
		})
	}
	for _, path := range []string{
		"paid", "refused", "declined_then_paid", "declined_out", "expired", "canceled", "unknown_then_resolved", "attention_then_retried", "gate",
		"paid_fast", "declined_then_paid_fast", "unknown_then_resolved_fast", "worker_killed_fast", "completed", "canceled_after_payment",
		"canceled_refund_unknown", "returned", "adopted_after_payment", "late_approval", "webhook_woke", "reset", "continued", "reconcile",
		"mail_retried", "extended_then_paid",
	} {
		if !recorded[path+".json"] {
			t.Errorf("the path %s has no recorded history: make record", path)
		}
	}
}

// A replay that cannot fail proves nothing: a workflow that decides otherwise must fail it, on every history.
func TestReplayOfABrokenWorkflowFails(t *testing.T) {
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.OrderInput) (workflows.OrderView, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil { // a timer that is in no history
			return workflows.OrderView{}, err
		}
		return workflows.OrderWorkflow(ctx, in)
	}, workflow.RegisterOptions{Name: "OrderWorkflow"})
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context) (workflows.GateReport, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return workflows.GateReport{}, err
		}
		return workflows.GateWorkflow(ctx)
	}, workflow.RegisterOptions{Name: "GateWorkflow"})
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.LatePayment) (workflows.OrderView, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return workflows.OrderView{}, err
		}
		return workflows.RefundWorkflow(ctx, in)
	}, workflow.RegisterOptions{Name: "RefundWorkflow"})
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.MailInput) (domain.MailStatus, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return "", err
		}
		return workflows.MailWorkflow(ctx, in)
	}, workflow.RegisterOptions{Name: "MailWorkflow"})
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.ReconcileInput) (workflows.ReconcileReport, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return workflows.ReconcileReport{}, err
		}
		return workflows.ReconcileWorkflow(ctx, in)
	}, workflow.RegisterOptions{Name: "ReconcileWorkflow"})
	if len(histories(t)) == 0 {
		t.Error("there are no histories: the replay proves nothing")
	}
	for _, file := range histories(t) {
		if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err == nil {
			t.Errorf("%s replays with a workflow that decides otherwise", file)
		}
	}
}
