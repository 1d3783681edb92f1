package pool

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/worker"

	"runrun/domain/temporal"
)

// logged receives the messages that are logged; what does not fit is dropped.
type logged chan string

func (l logged) Enabled(context.Context, slog.Level) bool { return true }

func (l logged) Handle(_ context.Context, r slog.Record) error {
	select {
	case l <- r.Message:
	default:
	}
	return nil
}

func (l logged) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l logged) WithGroup(string) slog.Handler { return l }

// await waits until the message is logged.
func (l logged) await(t *testing.T, message string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case got := <-l:
			if got == message {
				return
			}
		case <-limit:
			t.Fatalf("%q was not logged", message)
		}
	}
}

// count drops what was logged, and returns how often the message was among it.
func (l logged) count(message string) (n int) {
	for {
		select {
		case got := <-l:
			if got == message {
				n++
			}
		default:
			return n
		}
	}
}

// captureLog receives what is logged until the test ends.
func captureLog(t *testing.T) logged {
	t.Helper()
	lines, before, flags := make(logged, 1000), slog.Default(), log.Flags()
	slog.SetDefault(slog.New(lines))
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetOutput(os.Stderr)
		log.SetFlags(flags)
	})
	return lines
}

// deploymentHandle describes a deployment. The SDK's mock lacks a method of the interface.
type deploymentHandle struct{ *mocks.WorkerDeploymentHandle }

func (deploymentHandle) SetManagerIdentity(
	context.Context, client.WorkerDeploymentSetManagerIdentityOptions,
) (client.WorkerDeploymentSetManagerIdentityResponse, error) {
	return client.WorkerDeploymentSetManagerIdentityResponse{}, errors.New("not expected")
}

// deployment is a client that describes the deployment "shop".
func deployment() (*mocks.Client, deploymentHandle) {
	c, deployments, handle := &mocks.Client{}, &mocks.WorkerDeploymentClient{}, deploymentHandle{&mocks.WorkerDeploymentHandle{}}
	c.On("WorkerDeploymentClient").Return(deployments)
	deployments.On("GetHandle", "shop").Return(handle)
	return c, handle
}

// current is the description of a deployment whose current version is the build, or that has none.
func current(build string) client.WorkerDeploymentDescribeResponse {
	var described client.WorkerDeploymentDescribeResponse
	if build != "" {
		described.Info.RoutingConfig.CurrentVersion = &worker.WorkerDeploymentVersion{DeploymentName: "shop", BuildID: build}
	}
	return described
}

// Until its build is current a worker is given nothing, and would look idle: it says so again and again, and then no more.
func TestABuildWarnsUntilItIsCurrent(t *testing.T) {
	lines := captureLog(t)
	synctest.Test(t, func(t *testing.T) {
		c, handle := deployment()
		handle.On("Describe", mock.Anything, mock.Anything).Return(current(""), nil).Once()
		handle.On("Describe", mock.Anything, mock.Anything).Return(current("6"), nil).Once()
		ramping := current("6")
		ramping.Info.RoutingConfig.RampingVersion = &worker.WorkerDeploymentVersion{DeploymentName: "shop", BuildID: "7"}
		handle.On("Describe", mock.Anything, mock.Anything).Return(ramping, nil).Once() // it gets a part: nothing to warn of
		handle.On("Describe", mock.Anything, mock.Anything).Return(current("7"), errors.New("gone")).Once()
		handle.On("Describe", mock.Anything, mock.Anything).Return(current("7"), nil).Once()
		newBase(t, &Pool{cfg: Config{DeploymentName: "shop", BuildID: "7"}, temporal: c}).warnOfVersion()
		warned := lines.count("this build is not the current version of its deployment: orders are not dispatched to it until it is")
		if len(handle.Calls) != 5 || warned != 3 {
			t.Errorf("asked %d times and warned %d times, want 5 and 3", len(handle.Calls), warned)
		}
	})
}

func TestABuildWarnsNoMoreWhenThePoolStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, handle := deployment()
		p := newBase(t, &Pool{cfg: Config{DeploymentName: "shop", BuildID: "7"}, temporal: c})
		handle.On("Describe", mock.Anything, mock.Anything).Run(func(mock.Arguments) { p.cancel() }).Return(current("6"), nil)
		p.warnOfVersion()
		if len(handle.Calls) != 1 {
			t.Errorf("asked %d times, want once", len(handle.Calls))
		}
	})
}

func TestAWorkerWithoutABuildAsksForNoVersion(t *testing.T) {
	c := &mocks.Client{}
	newBase(t, &Pool{temporal: c}).warnOfVersion() // a call would panic: none is expected
	if len(c.Calls) != 0 {
		t.Errorf("%d calls", len(c.Calls))
	}
}

// Operators paste it as it is.
func TestTheCommandThatMakesABuildCurrent(t *testing.T) {
	got := setCurrent(Config{
		DeploymentName: "shop", BuildID: "7", Temporal: temporal.Config{Address: "temporal.example:7233", Namespace: "prod"},
	})
	want := "temporal worker deployment set-current-version --address temporal.example:7233 --namespace prod " +
		"--deployment-name shop --build-id 7"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
