package pool

import (
	"context"
	"errors"
	"net"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"runrun/domain/temporal"
	"runrun/workflows"
)

// frontend is a Temporal that has one task for every queue, of an activity that nobody has: the worker's answer lists what it has.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer

	mu       sync.Mutex
	given    bool
	polled   []string    // what was polled for, each once
	answered chan string // the answer to the task
}

func (f *frontend) startOn(t *testing.T) temporal.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return temporal.Config{Address: listener.Addr().String(), Namespace: "default"}
}

// poll notes what is polled for, and reports whether it is the first poll for an activity.
func (f *frontend) poll(what string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.polled, what) {
		f.polled = append(f.polled, what)
	}
	first := !f.given && what == "activity"
	f.given = f.given || first
	return first
}

func (f *frontend) PollWorkflowTaskQueue(
	ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest,
) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	f.poll("workflow")
	<-ctx.Done()
	return nil, ctx.Err()
}

func (f *frontend) PollActivityTaskQueue(
	ctx context.Context, _ *workflowservice.PollActivityTaskQueueRequest,
) (*workflowservice.PollActivityTaskQueueResponse, error) {
	if !f.poll("activity") {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &workflowservice.PollActivityTaskQueueResponse{
		TaskToken: []byte("token"), WorkflowNamespace: "default", ActivityId: "1", ActivityType: &common.ActivityType{Name: "Nobodys"},
		WorkflowType:      &common.WorkflowType{Name: "Nobodys"},
		WorkflowExecution: &common.WorkflowExecution{WorkflowId: "nobodys", RunId: "nobodys"},
	}, nil
}

func (f *frontend) RespondActivityTaskFailed(
	_ context.Context, in *workflowservice.RespondActivityTaskFailedRequest,
) (*workflowservice.RespondActivityTaskFailedResponse, error) {
	f.answered <- in.GetFailure().GetMessage()
	return &workflowservice.RespondActivityTaskFailedResponse{}, nil
}

func (f *frontend) DescribeNamespace(
	context.Context, *workflowservice.DescribeNamespaceRequest,
) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{}, nil
}

func (f *frontend) GetSystemInfo(
	context.Context, *workflowservice.GetSystemInfoRequest,
) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

// served runs the worker of a queue, and returns its activities and what it polls for.
func served(t *testing.T, queue string) (activities, polled []string) {
	t.Helper()
	f := &frontend{answered: make(chan string, 10)}
	p := &Pool{cfg: defaults(t), fatal: make(chan error, 2)}
	var err error
	if p.temporal, p.closeTemporal, err = temporal.Connect(f.startOn(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.closeTemporal)
	w, err := p.workerOf(queue)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	select {
	case answer := <-f.answered:
		_, list, found := strings.Cut(answer, "Supported types: [")
		if !found {
			t.Fatalf("the worker answered %q", answer)
		}
		activities = strings.Split(strings.TrimSuffix(list, "]"), ", ")
	case err := <-p.fatal:
		t.Fatal(err)
	case <-time.After(time.Minute):
		t.Fatal("the worker did not answer")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return activities, slices.Clone(f.polled)
}

// methods lists the names of a contract's activities.
func methods(contracts ...reflect.Type) (names []string) {
	for _, contract := range contracts {
		for i := range contract.NumMethod() {
			names = append(names, contract.Method(i).Name)
		}
	}
	return names
}

// A step whose activity is not on its queue fails until its order is given up: each queue has its own, and none of the other's.
func TestEachQueueHasItsActivities(t *testing.T) {
	orders := methods(reflect.TypeFor[workflows.OrderActivities](), reflect.TypeFor[workflows.GateActivities](),
		reflect.TypeFor[workflows.ReplayActivities]())
	payments := methods(reflect.TypeFor[workflows.PaymentActivities]())
	mails := methods(reflect.TypeFor[workflows.MailActivities]())
	for queue, c := range map[string]struct{ own, others []string }{
		workflows.OrdersQueue:   {orders, append(payments, mails...)},
		workflows.PaymentsQueue: {payments, append(orders, mails...)},
		workflows.MailsQueue:    {mails, append(orders, payments...)},
	} {
		t.Run(queue, func(t *testing.T) {
			got, polled := served(t, queue)
			for _, name := range c.own {
				if !slices.Contains(got, name) {
					t.Errorf("%s is not among %v", name, got)
				}
			}
			for _, name := range c.others {
				if slices.Contains(got, name) {
					t.Errorf("%s is among %v", name, got)
				}
			}
			if queue != workflows.OrdersQueue && slices.Contains(polled, "workflow") {
				t.Error("the queue is polled for workflows, and has none")
			}
		})
	}
}

func TestAQueueOfOthersIsNotServed(t *testing.T) {
	p := &Pool{cfg: defaults(t)}
	if w, err := p.workerOf("refunds"); err == nil || w != nil || !strings.Contains(err.Error(), "refunds") {
		t.Errorf("got %v, %v; want an error that names the queue", w, err)
	}
}

func TestAWorkerRunsAsMuchAsConfigured(t *testing.T) {
	p := &Pool{cfg: Config{StopTimeout: 5 * time.Second, Capacity: CapacityConfig{
		Slots: 7, QueueSlots: map[string]int{workflows.PaymentsQueue: 2}, QueueRates: map[string]float64{workflows.PaymentsQueue: 50},
		Workflows: 3, Pollers: 9,
	}}}
	orders, payments := p.options(workflows.OrdersQueue), p.options(workflows.PaymentsQueue)
	for name, n := range map[string][2]int{
		"activities":             {orders.MaxConcurrentActivityExecutionSize, 7},
		"local activities":       {orders.MaxConcurrentLocalActivityExecutionSize, 7},
		"workflow tasks":         {orders.MaxConcurrentWorkflowTaskExecutionSize, 3},
		"activities of payments": {payments.MaxConcurrentActivityExecutionSize, 2},
		"orders a second":        {int(orders.TaskQueueActivitiesPerSecond), 0},
		"payments a second":      {int(payments.TaskQueueActivitiesPerSecond), 50},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: %d at once, want %d", name, n[0], n[1])
		}
	}
	if orders.WorkerStopTimeout != 5*time.Second || orders.DeploymentOptions.UseVersioning {
		t.Errorf("stop timeout %s, versioning %t", orders.WorkerStopTimeout, orders.DeploymentOptions.UseVersioning)
	}
}

// Slots that are not configured follow the number of CPUs that the process may use; in a container that is its CPU limit.
func TestCapacityFollowsTheCPUs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	var c CapacityConfig
	if c.slots(workflows.OrdersQueue) != 600 || c.workflows() != 300 {
		t.Errorf("on three CPUs: %d activities, %d workflow tasks", c.slots(workflows.OrdersQueue), c.workflows())
	}
}

// Orders live for days, so they move to the next build: pinned ones would need the old build until the last is over.
func TestABuildTakesOverTheOrdersOfTheLast(t *testing.T) {
	p := &Pool{cfg: Config{DeploymentName: "shop", BuildID: "7"}}
	want := worker.DeploymentOptions{
		UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: "shop", BuildID: "7"},
		DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	}
	if diff := cmp.Diff(want, p.deployment()); diff != "" {
		t.Errorf("deployment (-want +got):\n%s", diff)
	}
}

// A worker that cannot go on ends the process; the first says why, and no other waits for somebody to listen.
func TestTheFirstFatalErrorEndsTheProcess(t *testing.T) {
	p := &Pool{cfg: Config{Capacity: CapacityConfig{Pollers: 2}}, fatal: make(chan error, 1)}
	first := errors.New("the namespace is gone")
	for _, err := range []error{first, errors.New("another")} {
		p.options(workflows.PaymentsQueue).OnFatalError(err)
	}
	if err := <-p.fatal; !errors.Is(err, first) || !strings.Contains(err.Error(), workflows.PaymentsQueue) {
		t.Errorf("got %v, want %v of the queue", err, first)
	}
}
