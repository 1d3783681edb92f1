package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/api/batch/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// start runs a server that keeps its data, and returns a client of the given identity.
func start(t *testing.T) (connect func(identity string) client.Client) {
	t.Helper()
	cfg := Config{IP: "127.0.0.1", Data: t.TempDir(), Namespace: "default", LogLevel: "fatal", Shards: 1}
	server, err := startServer(cfg) // which checks the journal mode
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.stop)
	if err := server.awaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	return func(identity string) client.Client {
		c, err := client.Dial(client.Options{HostPort: server.address, Identity: identity, Logger: silent{}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
}

// A workflow is not ended without its compensations, whatever the tool: only by name, and one by one.
func TestOnlyAdminEndsWorkflowsWithoutCompensations(t *testing.T) {
	connect := start(t)
	staff, admin := connect("staff@somewhere"), connect(adminIdentity)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	begin := func(id string) client.WorkflowRun {
		run, err := staff.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}, "OrderWorkflow")
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	run := begin("order/1")
	service := staff.WorkflowService()
	for name, do := range map[string]func() error{
		"terminate": func() error { return staff.TerminateWorkflow(ctx, run.GetID(), "", "by hand") },
		"delete": func() error {
			_, err := service.DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{Namespace: "default"})
			return err
		},
		"batch terminate": func() error {
			_, err := service.StartBatchOperation(ctx, &workflowservice.StartBatchOperationRequest{
				Namespace: "default", JobId: "j", Reason: "r", VisibilityQuery: "WorkflowType = 'OrderWorkflow'",
				Operation: &workflowservice.StartBatchOperationRequest_TerminationOperation{TerminationOperation: &batch.BatchOperationTermination{}},
			})
			return err
		},
		"start in its place": func() error {
			_, err := staff.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
				ID: "order/1", TaskQueue: "nobody", WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
			}, "OrderWorkflow")
			return err
		},
	} {
		var denied *serviceerror.PermissionDenied
		if err := do(); !errors.As(err, &denied) {
			t.Errorf("%s: %v, want PermissionDenied", name, err)
		}
	}
	if err := staff.CancelWorkflow(ctx, run.GetID(), ""); err != nil {
		t.Errorf("cancel: %v", err)
	}
	if err := admin.TerminateWorkflow(ctx, run.GetID(), "", "by hand"); err != nil {
		t.Errorf("admin: %v", err)
	}
}

// A paused order could be neither paid nor canceled while its time runs out.
func TestWorkflowsAreNotPaused(t *testing.T) {
	connect := start(t)
	c := connect("staff")
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "order/1", TaskQueue: "nobody"}, "OrderWorkflow"); err != nil {
		t.Fatal(err)
	}
	_, err := c.WorkflowService().PauseWorkflowExecution(t.Context(), &workflowservice.PauseWorkflowExecutionRequest{
		Namespace: "default", WorkflowId: "order/1", Reason: "r", RequestId: "1",
	})
	if err == nil {
		t.Error("the workflow was paused")
	}
}
