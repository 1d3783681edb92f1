package e2e

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

// oldCommit makes the drill's old build another than this one: make rollout OLD=v0.1.0.
var (
	oldCommit       = flag.String("old", "", "commit of the old build of TestARollout; empty is this one")
	rolloutShoppers = flag.Int("rollout", 48, "shoppers of TestARollout, 12 a second, while builds change")
)

const deploymentName = "shop"

// rollout is two builds of the worker in one deployment.
type rollout struct {
	harness
	old, next string // programs
	handle    client.WorkerDeploymentHandle
}

func newRollout(t *testing.T, r harness) rollout {
	return rollout{
		harness: r, old: build(t, "worker", "v1", *oldCommit), next: build(t, "worker", "v2", ""),
		handle: r.temporal.WorkerDeploymentClient().GetHandle(deploymentName),
	}
}

// start runs a build, and returns when Temporal knows it.
func (r rollout) start(program, version string) *process {
	r.t.Helper()
	p := r.startWorkerProgram(program, "TEMPORAL_DEPLOYMENT_NAME="+deploymentName, "TEMPORAL_WORKER_BUILD_ID="+version)
	r.until(version+" polls", func() (reply, bool) {
		got, err := r.handle.DescribeVersion(r.t.Context(), client.WorkerDeploymentDescribeVersionOptions{BuildID: version})
		return reply{rawBody: fmt.Append(nil, err)}, err == nil && len(got.Info.TaskQueuesInfos) >= 4
	})
	return p
}

// route sends a part of the workflow tasks to a version; all of them make it the current one.
func (r rollout) route(version string, percent float32) {
	r.t.Helper()
	r.until(fmt.Sprintf("%v %% for %s", percent, version), func() (reply, bool) {
		var err error
		if percent == 100 {
			_, err = r.handle.SetCurrentVersion(r.t.Context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: version})
		} else {
			_, err = r.handle.SetRampingVersion(r.t.Context(),
				client.WorkerDeploymentSetRampingVersionOptions{BuildID: version, Percentage: percent})
		}
		var busy *serviceerror.FailedPrecondition // an earlier change is still spreading
		if err != nil && !errors.As(err, &busy) {
			r.t.Fatalf("%s: %v", version, err)
		}
		return reply{}, err == nil
	})
}

// builds lists the versions that completed the workflow tasks of an order, one after another.
func (r harness) builds(order string) (versions []string) {
	r.t.Helper()
	for _, event := range r.events(r.t.Context(), workflows.OrderWorkflowID(domain.OrderID(order))) {
		if done := event.GetWorkflowTaskCompletedEventAttributes(); done != nil {
			if v := done.GetDeploymentVersion().GetBuildId(); len(versions) == 0 || versions[len(versions)-1] != v {
				versions = append(versions, v)
			}
		}
	}
	return versions
}

// payTime is the time to pay: that of shoppers who walk away is short. An old build may not know how to extend it for the others.
func payTime() time.Duration {
	if *oldCommit != "" {
		return 2 * time.Minute
	}
	return 30 * time.Second
}

// holdLonger orders a unit, and takes more time to pay: the order lives through the whole rollout.
func (r rollout) holdLonger(a as, product domain.ProductID) reply {
	r.t.Helper()
	order := a.held(product)
	if *oldCommit != "" {
		return order
	}
	return a.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/extend", nil)
}

// startedOn waits until new orders start on a build, and returns one of them, held. Those of another build are canceled.
func (r rollout) startedOn(a as, product domain.ProductID, version string) (order reply) {
	r.t.Helper()
	r.until("an order that starts on "+version, func() (reply, bool) {
		order = r.holdLonger(a, product)
		var by []string
		r.until("its first task", func() (reply, bool) {
			by = r.builds(order.str("id"))
			return order, len(by) > 0
		})
		if by[0] != version {
			a.do("POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
		}
		return order, by[0] == version
	})
	return order
}

// A new build gets a tenth of the work, then half, then all of it, while shoppers buy; it is taken back, and goes out again. Orders that
// one build began another ends, in every state; everything balances.
func TestARollout(t *testing.T) {
	t.Parallel() // it waits for processes most of the time
	r := newRollout(t, own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) {
		s.API.PayWithin = payTime()
		s.SetFulfilment(quickLife)
	}))
	old := r.start(r.old, "v1")
	r.route("v1", 100)
	product := r.product(1000, func(p *domain.Product) { p.HoldExtension = 2 * time.Minute })
	shopper := r.mint("usr_rollout")
	held := r.holdLonger(shopper, product)
	wait := r.load(r.API.URL(), "mixed", "--shoppers", strconv.Itoa(*rolloutShoppers), "--rate", "12", "--units", "30")

	if out, err := r.replay(); err != nil { // the gate before the first task
		t.Fatalf("%v\n%s", err, out)
	}
	r.start(r.next, "v2")
	r.pass(r.gate("v2"))
	var begun []reply
	for _, percent := range []float32{10, 50} {
		r.route("v2", percent)
		begun = append(begun, r.startedOn(shopper, product, "v2"), r.startedOn(shopper, product, "v1"))
		t.Logf("%v %% of the new orders start on v2", percent)
	}
	r.route("v2", 100)
	begun = append(begun, r.startedOn(shopper, product, "v2"))
	t.Log("all orders are v2's; it is taken back")
	r.route("v1", 100)
	begun = append(begun, r.startedOn(shopper, product, "v1"))
	t.Log("all orders are v1's again; v2 goes out for good, and v1 ends")
	r.route("v2", 100)
	if err := old.stop(t); err != nil {
		t.Errorf("v1 ended with %v", err)
	}
	for _, order := range append(begun, held) {
		shopper.pay(shopper.authorize(order))
		if by := r.builds(order.str("id")); by[len(by)-1] != "v2" {
			t.Errorf("%s was ended by %v, want v2", order.str("id"), by)
		}
	}
	begun = append(begun, r.buyAtAnOldAPI(shopper, product)...)
	wait()
	r.until("what was canceled is back on sale", func() (reply, bool) { return reply{}, r.unpaid(product) == 0 })
	paid := int64(len(begun)) + 1
	storetest.WantStock(t, r.Store, product, 1000-paid, 0, paid)
}

// buyAtAnOldAPI starts an API of the old build beside the new one, on the schema of the new, and buys there.
func (r rollout) buyAtAnOldAPI(a as, product domain.ProductID) []reply {
	r.t.Helper()
	if *oldCommit == "" {
		return nil
	}
	listen := freeAddress(r.t)
	r.startAPIProgram(build(r.t, "api", "v1", *oldCommit), listen, "BLOB_URL="+r.t.TempDir())
	order := a.want(http.StatusCreated, "POST", "http://"+listen+"/v1/orders", orderOf(product, 1),
		"Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
	a.want(http.StatusOK, "POST", "http://"+listen+"/v1/payments/confirm", a.authorize(order))
	return []reply{order}
}

// gate starts the workflow that a rollout starts on a build before it gets traffic, as Temporal's worker controller does.
func (r rollout) gate(version string) client.WorkflowRun {
	r.t.Helper()
	run, err := r.temporal.ExecuteWorkflow(r.t.Context(), client.StartWorkflowOptions{
		ID: "gate-" + version, TaskQueue: workflows.OrdersQueue,
		VersioningOverride: &client.PinnedVersioningOverride{
			Version: worker.WorkerDeploymentVersion{DeploymentName: deploymentName, BuildID: version},
		},
	}, workflows.ReplayWorkflow, workflows.ReplayInput{Sample: 20})
	if err != nil {
		r.t.Fatal(err)
	}
	return run
}

// pass demands that a gate has replayed something, on the build that it is of.
func (r rollout) pass(run client.WorkflowRun) {
	r.t.Helper()
	var report string
	if err := run.Get(r.t.Context(), &report); err != nil || !strings.Contains(report, "histories replay.") {
		r.t.Errorf("the gate: %v %s", err, report)
	}
	for _, event := range r.events(r.t.Context(), run.GetID()) {
		done := event.GetWorkflowTaskCompletedEventAttributes()
		if done != nil && run.GetID() != "gate-"+done.GetDeploymentVersion().GetBuildId() {
			r.t.Errorf("%s ran on %s", run.GetID(), done.GetDeploymentVersion().GetBuildId())
		}
	}
}

// unpaid counts the units of a product that are held.
func (r harness) unpaid(product domain.ProductID) int64 {
	return int64(storetest.Count(r.t, r.Store, "SELECT COUNT(*) FROM reservations WHERE product_id = ? AND status = 'HELD'", product))
}

// replay runs the gate of a pipeline with this build.
func (r rollout) replay() (string, error) {
	cmd := exec.CommandContext(r.t.Context(), r.next, "replay")
	cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+r.Settings.Worker.Temporal.Address)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// One order that is stuck is moved to a build that is not the current one, for its next task alone; all others stay.
func TestOneOrderIsMovedToAnotherBuild(t *testing.T) {
	t.Parallel() // it waits for processes most of the time
	r := newRollout(t, own(t, func(c *system.Config) { c.Workers = false }, nil))
	r.start(r.old, "v1")
	r.route("v1", 100)
	r.start(r.next, "v2")
	product := r.product(2)
	shopper := r.mint("usr_stuck")
	stuck, other := shopper.held(product), shopper.held(product)
	_, err := r.temporal.UpdateWorkflowExecutionOptions(t.Context(), client.UpdateWorkflowExecutionOptionsRequest{
		WorkflowId: workflows.OrderWorkflowID(domain.OrderID(stuck.str("id"))),
		WorkflowExecutionOptionsChanges: client.WorkflowExecutionOptionsChanges{VersioningOverride: &client.VersioningOverrideChange{
			Value: &client.OneTimeVersioningOverride{TargetVersion: worker.WorkerDeploymentVersion{DeploymentName: deploymentName, BuildID: "v2"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for order, want := range map[string]string{stuck.str("id"): "v1 v2", other.str("id"): "v1"} {
		shopper.want(http.StatusOK, "POST", "/v1/payments/confirm",
			shopper.authorize(shopper.want(http.StatusOK, "GET", "/v1/orders/"+order, nil)))
		if by := strings.Join(r.builds(order), " "); !strings.HasPrefix(by, want) || !strings.Contains(want, "v2") && strings.Contains(by, "v2") {
			t.Errorf("%s was carried out by %s, want %s", order, by, want)
		}
	}
}
