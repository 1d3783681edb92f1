package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
	"runrun/worker/pool"
	"runrun/worker/replay"
	"runrun/workflows"
)

// broken decides otherwise: it sleeps before everything, which is in no history.
func broken(ctx workflow.Context, in workflows.OrderInput) (workflows.OrderView, error) {
	if err := workflow.Sleep(ctx, time.Second); err != nil {
		return workflows.OrderView{}, err
	}
	return workflows.OrderWorkflow(ctx, in)
}

// A build that replays what is open and what has ended passes; one that is broken on purpose is stopped, with all its failures; and a gate
// that saw nothing does not pass.
func TestAReplayBeforeTheDeploy(t *testing.T) {
	r := shared(t)
	product := r.product(9)
	shopper := r.mint("usr_replayed")
	held := shopper.held(product)
	placed := shopper.held(product)
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(placed))
	canceled := shopper.held(product)
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+canceled.str("id")+"/cancel", nil)
	cfg := replay.Config{Query: `UserId = "usr_replayed"`, Sample: 20, Since: time.Hour, Temporal: r.Settings.Worker.Temporal}
	cfg.Temporal.Shared = r.temporal
	gate := func(cfg replay.Config, register func(worker.WorkflowRegistry)) (string, error) {
		var out bytes.Buffer
		err := replay.Run(t.Context(), cfg, register, &out)
		return out.String(), err
	}
	var out string
	r.until("the list of workflows knows all three", func() (reply, bool) {
		var err error
		out, err = gate(cfg, pool.RegisterWorkflows)
		if err != nil && !errors.Is(err, replay.ErrNothing) {
			t.Fatalf("%v\n%s", err, out)
		}
		return reply{rawBody: []byte(out)}, strings.Contains(out, "3 histories replay.")
	})
	for _, line := range []string{
		"HELD                  1 replayed, 0 failed", "PLACED                1 replayed", "CANCELED              1 replayed",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
	r.startNobodysOrder("usr_replayed") // any build can begin it: it neither counts nor fails
	if again, err := gate(cfg, pool.RegisterWorkflows); err != nil || !strings.Contains(again, "3 histories replay.") {
		t.Errorf("with an order that nobody has begun: %v\n%s", err, again)
	}
	out, err := gate(cfg, func(registry worker.WorkflowRegistry) {
		registry.RegisterWorkflowWithOptions(broken, workflow.RegisterOptions{Name: "OrderWorkflow"})
	})
	if !errors.Is(err, replay.ErrDiverges) || !strings.Contains(err.Error(), "3 of 3") {
		t.Errorf("a broken build: %v\n%s", err, out)
	}
	for _, order := range []reply{held, placed, canceled} {
		if !strings.Contains(out, "order/"+order.str("id")+" (run ") {
			t.Errorf("nothing of %s in\n%s", order.str("id"), out)
		}
	}
	cfg.Query = `UserId = "usr_nobody"`
	if _, err := gate(cfg, pool.RegisterWorkflows); !errors.Is(err, replay.ErrNothing) {
		t.Errorf("an empty sample: %v", err)
	}
}

// startNobodysOrder starts an order's workflow that no worker takes, and returns when it is listed.
func (r harness) startNobodysOrder(user domain.UserID) {
	r.t.Helper()
	id := domain.OrderID("ord_" + strings.ReplaceAll(uuid.NewString(), "-", ""))
	in := workflows.OrderInput{OrderID: id, UserID: user, Name: "Sneaker"}
	options := workflows.OrderStart(in, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
	options.TaskQueue = "nobody"
	if _, err := r.temporal.ExecuteWorkflow(r.t.Context(), options, workflows.OrderWorkflow, in); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = r.temporal.TerminateWorkflow(context.Background(), options.ID, "", "end of the test") })
	r.until("it is listed", func() (reply, bool) {
		listed, err := r.temporal.CountWorkflow(r.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowId = %q", options.ID),
		})
		return reply{rawBody: fmt.Append(nil, err)}, err == nil && listed.GetCount() == 1
	})
}
