package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

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
