package pool

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"

	"runrun/domain"
	"runrun/domain/redis/redistest"
	"runrun/workflows"
)

// operator knows every search attribute of the shop.
type operator struct {
	operatorservice.OperatorServiceClient
}

func (operator) ListSearchAttributes(
	context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption,
) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: workflows.SearchAttributes()}, nil
}

// fakeWorker tells what happens to it.
type fakeWorker struct {
	worker.Worker
	start func() error
	stop  func()
}

func (w fakeWorker) Start() error { return w.start() }

func (w fakeWorker) Stop() { w.stop() }

// steps are what happened, in order.
type steps struct {
	mu  sync.Mutex
	all []string
}

func (s *steps) add(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, step)
}

// worker is one that adds its starts and stops to the steps.
func (s *steps) worker(name string) fakeWorker {
	return fakeWorker{
		start: func() error {
			s.add("start " + name)
			return nil
		},
		stop: func() { s.add("stop " + name) },
	}
}

func (s *steps) want(t *testing.T, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(want, s.all); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// openPool opens a pool that makes these workers, one after another, and starts none of them.
func openPool(t *testing.T, temporal client.Client, workers ...worker.Worker) *Pool {
	t.Helper()
	_, server := redistest.Embedded(t)
	p := &Pool{cfg: defaults(t), fatal: make(chan error, 2)}
	p.stop = sync.OnceValue(p.drain)
	p.cfg.Queues = []string{workflows.OrdersQueue, workflows.PaymentsQueue}
	made := 0
	p.newWorker = func(string) (worker.Worker, error) {
		made++
		return workers[made-1], nil
	}
	p.cfg.Listen, p.cfg.Redis.Addr, p.cfg.Temporal.Shared = "127.0.0.1:0", server.Addr(), temporal
	p.baseCtx, p.cancel = context.WithCancel(context.Background())
	if err := p.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error("stop:", err)
		}
	})
	return p
}

// readyz asks whether the pool is ready, on a connection of its own.
func readyz(t *testing.T, p *Pool) (int, string) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get("http://" + p.Addr() + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(body)
}

// A pool that waits for Temporal lives, says what it waits for, and starts its workers once.
func TestAPoolIsReadyOnceItsWorkersHaveStarted(t *testing.T) {
	lines := captureLog(t)
	release := make(chan struct{})
	temporal := withSchedule(serviceerror.NewNotFound("none"))
	temporal.On("OperatorService").Return(operator{})
	temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(nil, serviceerror.NewUnavailable("10.0.0.7 is gone")).Once()
	temporal.On("CheckHealth", mock.Anything, mock.Anything).Run(func(mock.Arguments) { <-release }).
		Return(&client.CheckHealthResponse{}, nil)
	var happened steps
	p := openPool(t, temporal, happened.worker("orders"), happened.worker("payments"))
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		p.begin(t.Context())
	}()
	lines.await(t, "worker: waiting for Temporal")
	if status, body := readyz(t, p); status != http.StatusServiceUnavailable || !strings.Contains(body, "Temporal does not answer") ||
		strings.Contains(body, "10.0.0.7") {
		t.Errorf("without Temporal: %d %s", status, body)
	}
	happened.want(t)
	close(release)
	<-begun
	happened.want(t, "start orders", "start payments")
	if status, body := readyz(t, p); status != http.StatusOK || !strings.Contains(body, `"temporal":"ok"`) {
		t.Errorf("with Temporal: %d %s", status, body)
	}
}

// A worker that polls already is left alone while another one is made anew: one whose start failed would fail for ever.
func TestOnlyWorkersThatDidNotStartAreTriedAgain(t *testing.T) {
	temporal := withSchedule(nil)
	temporal.On("OperatorService").Return(operator{})
	temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(&client.CheckHealthResponse{}, nil)
	var happened steps
	failing := happened.worker("payments")
	failing.start = func() error {
		happened.add("fail payments")
		return errors.New("the namespace is being moved")
	}
	p := openPool(t, temporal, happened.worker("orders"), failing, happened.worker("payments"))
	err := p.startWorkers(t.Context())
	if domain.CodeOf(err) != domain.CodeUnavailable || !strings.Contains(err.Error(), workflows.PaymentsQueue) {
		t.Errorf("the first try: %v, want UNAVAILABLE naming the queue", err)
	}
	if err := p.startWorkers(t.Context()); err != nil {
		t.Errorf("the second try: %v", err)
	}
	happened.want(t, "start orders", "fail payments", "start payments")
}

// The order of a stop: not ready any more, then no more work, all workers at once, and the operators' port last.
func TestStopDrainsBeforeItCloses(t *testing.T) {
	var p *Pool
	var stops atomic.Int64
	meet := make(chan struct{})
	stop := func(together func() bool) func() {
		return func() {
			stops.Add(1)
			if !together() {
				t.Error("the workers are stopped one after another: each may take the whole time")
			}
			if status, body := readyz(t, p); status != http.StatusServiceUnavailable || !strings.Contains(body, "shutting down") {
				t.Errorf("while a worker stops: %d %s", status, body)
			}
		}
	}
	sends := fakeWorker{stop: stop(func() bool {
		select {
		case meet <- struct{}{}:
			return true
		case <-time.After(time.Minute):
			return false
		}
	})}
	receives := fakeWorker{stop: stop(func() bool {
		select {
		case <-meet:
			return true
		case <-time.After(time.Minute):
			return false
		}
	})}
	p = openPool(t, &mocks.Client{})
	p.workers = []worker.Worker{sends, receives}
	if status, body := readyz(t, p); status != http.StatusOK {
		t.Fatalf("before the stop: %d %s", status, body)
	}
	var watched atomic.Bool
	p.watching.Go(func() {
		<-p.baseCtx.Done()
		watched.Store(true)
	})
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if status, body := readyz(t, p); status != 0 {
		t.Errorf("after the stop: %d %s, want no answer", status, body)
	}
	if err := p.store.Ping(t.Context()); err == nil {
		t.Error("after the stop the database is still open")
	}
	if err := p.Stop(); err != nil || stops.Load() != 2 || !watched.Load() {
		t.Errorf("again: %v; %d workers were stopped, want 2; watchers ended: %t", err, stops.Load(), watched.Load())
	}
}

// A process that is told to stop while it waits for its database ends, without an error.
func TestAWorkerThatWaitsForItsDatabaseCanBeStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	cfg := defaults(t)
	cfg.Listen, cfg.Store.DSN = "127.0.0.1:0", "runrun@tcp(127.0.0.1:1)/runrun"
	if err := Run(ctx, cfg); err != nil {
		t.Errorf("got %v, want a clean end", err)
	}
}

// A process that is told to stop while it waits for Temporal ends, without an error.
func TestAWorkerThatWaitsForTemporalCanBeStopped(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }() // it says nothing until the test ends
			stop()
		}
	})
	t.Cleanup(func() {
		_ = silent.Close()
		accepting.Wait()
	})
	_, server := redistest.Embedded(t)
	cfg := defaults(t)
	cfg.Listen, cfg.Redis.Addr, cfg.Temporal.Address = "127.0.0.1:0", server.Addr(), silent.Addr().String()
	if err := Run(ctx, cfg); err != nil {
		t.Errorf("got %v, want a clean end", err)
	}
}

func TestAPoolThatCannotBeOpenedIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	_, server := redistest.Embedded(t)
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"its port is taken":          {func(c *Config) { c.Listen = taken.Addr().String() }, "in use"},
		"its database is no file":    {func(c *Config) { c.Store.DSN = "sqlite:" + t.TempDir() }, "database"},
		"its configuration is wrong": {func(c *Config) { c.Capacity.Slots = -1 }, "slots"},
	} {
		cfg := defaults(t)
		cfg.Listen, cfg.Redis.Addr = "127.0.0.1:0", server.Addr()
		c.change(&cfg)
		if p, err := Start(t.Context(), cfg); p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error about %s", name, err, c.want)
		}
	}
}
