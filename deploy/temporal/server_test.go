package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/batch/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/testing/freeport"
)

// start runs a server that keeps its data, and returns a client of the given identity.
func start(t *testing.T) (connect func(identity string) client.Client) {
	t.Helper()
	server := startWith(t, func(*Config) {})
	return func(identity string) client.Client {
		return dial(t, client.Options{HostPort: server.address, Identity: identity, Logger: silent{}})
	}
}

func dial(t *testing.T, options client.Options) client.Client {
	t.Helper()
	c, err := client.Dial(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func startWith(t *testing.T, change func(*Config)) *node {
	t.Helper()
	cfg := Config{IP: "127.0.0.1", Data: t.TempDir(), Namespace: "default", LogLevel: "fatal", Shards: 1, Retention: 48 * time.Hour}
	change(&cfg)
	server, err := startServer(cfg) // which checks the journal mode
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.stop)
	if err := server.awaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	return server
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

// With roles nobody gets in without a token. Support staff look and act, and end nothing without its compensations, whatever they call
// themselves; admins may. Schedules go on: the server's own workers need no token.
func TestRoles(t *testing.T) {
	tokens := map[string]string{"service": "token-of-the-service", "staff": "token-of-support-staff", "admin": "token-of-the-admins"}
	server := startWith(t, func(c *Config) { c.Token = tokens })
	as := func(name string) client.Client {
		return dial(t, client.Options{
			HostPort: server.address, Identity: adminIdentity, Logger: silent{}, HeadersProvider: bearer(tokens[name]),
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	service, staff, admin, stranger := as("service"), as("staff"), as("admin"), as("nobody")
	run, err := service.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "order/1", TaskQueue: "nobody"}, "OrderWorkflow")
	if err != nil {
		t.Fatal(err)
	}
	list := func(c client.Client) error {
		_, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: "default"})
		return err
	}
	for name, do := range map[string]func() error{
		"a stranger lists":       func() error { return list(stranger) },
		"a stranger signals":     func() error { return stranger.SignalWorkflow(ctx, "order/1", "", "retry", nil) },
		"staff terminate":        func() error { return staff.TerminateWorkflow(ctx, "order/1", "", "by hand") },
		"the service terminates": func() error { return service.TerminateWorkflow(ctx, "order/1", "", "by hand") },
		"staff start a workflow": func() error {
			_, err := staff.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: "q"}, "W")
			return err
		},
		"staff change schedules": func() error { return staff.ScheduleClient().GetHandle(ctx, "reconcile").Delete(ctx) },
		"staff poll for the work": func() error {
			_, err := staff.WorkflowService().PollActivityTaskQueue(ctx, &workflowservice.PollActivityTaskQueueRequest{Namespace: "default"})
			return err
		},
	} {
		var denied *serviceerror.PermissionDenied
		if err := do(); !errors.As(err, &denied) {
			t.Errorf("%s: %v, want PermissionDenied", name, err)
		}
	}
	for name, do := range map[string]func() error{
		"staff list": func() error { return list(staff) }, "staff signal": func() error { return staff.SignalWorkflow(ctx, "order/1", "", "retry", nil) },
		"staff cancel": func() error { return staff.CancelWorkflow(ctx, "order/1", "") },
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := admin.TerminateWorkflow(ctx, run.GetID(), "", "by hand"); err != nil {
		t.Errorf("admin: %v", err)
	}
	_, err = service.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: "reconcile", TriggerImmediately: true,
		Action: &client.ScheduleWorkflowAction{ID: "scheduled", Workflow: "ReconcileWorkflow", TaskQueue: "nobody"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for found := int64(0); found == 0; {
		answer, err := service.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: "default", Query: "WorkflowType = 'ReconcileWorkflow'",
		})
		if err != nil {
			t.Fatal("the schedule does not start: ", err)
		}
		found = answer.GetCount()
	}
}

// A proxy that knows its people names their role; nothing else does.
func TestTheRoleOfATrustedProxy(t *testing.T) {
	for header, want := range map[string]string{"staff": "staff", "admin": "admin", "": "", "root": ""} {
		for trusted, subject := range map[bool]string{true: want, false: ""} {
			found, err := Config{TrustRoleHeader: trusted, Token: map[string]string{"service": "token-of-the-service"}}.roles()
			if err != nil {
				t.Fatal(err)
			}
			claims, err := found.GetClaims(&authorization.AuthInfo{ExtraData: header})
			if err != nil || claims.Subject != subject {
				t.Errorf("%q, trusted %t: %+v, %v", header, trusted, claims, err)
			}
		}
	}
	for name, token := range map[string]string{"staff": "short", "root": "token-of-the-service"} {
		if _, err := (Config{Token: map[string]string{name: token}}).roles(); err == nil {
			t.Errorf("the token %q of %s is taken", token, name)
		}
	}
}

// Ended orders can be looked at for as long as it was told.
func TestRetention(t *testing.T) {
	server := startWith(t, func(c *Config) { c.Retention = 72 * time.Hour })
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: server.address, Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	defer namespaces.Close()
	described, err := namespaces.Describe(t.Context(), "default")
	if err != nil || described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() != 72*time.Hour {
		t.Errorf("kept for %s, %v", described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), err)
	}
}

// Operators see the server's own metrics where they ask for them.
func TestMetricsOfTheServer(t *testing.T) {
	address := fmt.Sprint("127.0.0.1:", freeport.MustGetFreePort())
	startWith(t, func(c *Config) { c.Metrics = address })
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), "\nservice_requests") {
		t.Errorf("%d bytes of metrics without the requests, %v", len(text), err)
	}
}
