package e2e

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"runrun/deploy/dev/demo"
	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// atOnce is how many shoppers, or starters of no-op workflows, are served at the same time.
const atOnce = 32

// BenchmarkPaidOrder compares a whole purchase over HTTP (accepted, held, paid at the mock, placed) with a workflow that does
// nothing: the same Temporal server, the same settings, as many at once. It tells what a paid order costs, too.
func BenchmarkPaidOrder(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 4 * atOnce
	slog.SetDefault(slog.New(slog.DiscardHandler)) // its lines would stand between the results
	for _, showSteps := range []bool{false, true} {
		cfg := testConfig(b, func(s *system.Settings) { s.API.ShowSteps = showSteps })
		s, err := system.Start(context.Background(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		c, closeClient, err := temporal.Connect(s.Settings.API.Temporal)
		if err != nil {
			b.Fatal(err)
		}
		if !showSteps {
			b.Run("no-op workflow", func(b *testing.B) { benchmarkNoOp(b, c) })
		}
		b.Run(map[bool]string{false: "steps fast, then visible", true: "every step visible"}[showSteps],
			func(b *testing.B) { benchmarkPaidOrder(b, s, c) })
		closeClient()
		if err := s.Stop(); err != nil {
			b.Fatal(err)
		}
	}
}

// noOp is a workflow that does nothing.
func noOp(workflow.Context) error { return nil }

func benchmarkNoOp(b *testing.B, c client.Client) {
	w := worker.New(c, "bench", worker.Options{MaxConcurrentWorkflowTaskPollers: 8})
	w.RegisterWorkflow(noOp)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	inParallel(b, func(int) error {
		run, err := c.ExecuteWorkflow(context.Background(),
			client.StartWorkflowOptions{ID: "bench/" + uuid.NewString(), TaskQueue: "bench"}, noOp)
		if err != nil {
			return err
		}
		return run.Get(context.Background(), nil)
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "workflows/s")
}

func benchmarkPaidOrder(b *testing.B, s *system.System, c client.Client) {
	product := domain.Product{
		ID:       domain.ProductID(domain.ProductPrefix + uuid.NewString()),
		BrandID:  system.DemoBrand,
		Name:     "Bench",
		Category: "bench",
		Price:    domain.Won(60_000),
	}
	if err := s.Store.AddProduct(context.Background(), product, int64(b.N)); err != nil {
		b.Fatal(err)
	}
	shoppers, err := demo.LogInAll(context.Background(), s)
	if err != nil {
		b.Fatal(err)
	}
	var last atomic.Value
	ours, servers := ownCPU(), temporalCPU(b)
	inParallel(b, func(n int) error {
		sh := &demo.Shopper{API: s.API.URL(), Gateway: s.PGMock.URL(), Token: shoppers[n].Token, Behaviour: "pay"}
		sh.Order(context.Background(), product.ID)
		sh.Act(context.Background())
		if sh.Err == nil && sh.Outcome != string(domain.StatusPlaced) {
			sh.Err = fmt.Errorf("order %s ended as %s", sh.OrderID, sh.Outcome)
		}
		last.Store(sh.OrderID)
		return sh.Err
	})
	perOrder := func(cpu time.Duration) float64 { return float64(cpu.Milliseconds()) / float64(b.N) }
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	b.ReportMetric(perOrder(ownCPU()-ours), "our-cpu-ms/order")
	b.ReportMetric(perOrder(temporalCPU(b)-servers), "temporal-cpu-ms/order")
	id, _ := last.Load().(string)
	events, actions := historyOf(b, c, domain.OrderID(id))
	b.ReportMetric(float64(events), "events/order")
	b.ReportMetric(float64(actions), "actions/order")
}

// inParallel does b.N acts, atOnce at a time, and tells each which of the lanes it is in.
func inParallel(b *testing.B, act func(lane int) error) {
	var next atomic.Int64
	var lanes sync.WaitGroup
	b.ResetTimer()
	for lane := range min(atOnce, b.N) {
		lanes.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := act(lane); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	lanes.Wait()
	b.StopTimer()
}

// billable are the events that Temporal Cloud counts as an action each (docs.temporal.io/cloud/actions); the local activities
// of one workflow task are one together.
var billable = map[enums.EventType]bool{
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: true, enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: true, enums.EVENT_TYPE_TIMER_STARTED: true,
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: true, enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: true,
}

// historyOf counts the events and the billable actions of an order's workflow.
func historyOf(b *testing.B, c client.Client, id domain.OrderID) (events, actions int) {
	history := c.GetWorkflowHistory(context.Background(), workflows.OrderWorkflowID(id), "", true, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	tasks := map[int64]bool{} // workflow tasks with local activities
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			b.Fatal(err)
		}
		events++
		if billable[event.GetEventType()] {
			actions++
		}
		if marker := event.GetMarkerRecordedEventAttributes(); marker != nil {
			tasks[marker.GetWorkflowTaskCompletedEventId()] = true
		}
	}
	return events, actions + len(tasks)
}

// ownCPU is the CPU time of this process: API, worker, gateway and shoppers.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// temporalCPU is the CPU time of the Temporal server, which is a child of this process.
func temporalCPU(b *testing.B) time.Duration {
	const tick = 10 * time.Millisecond // Linux counts hundredths of a second, see proc(5)
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range stats {
		file, err := os.Open(path)
		if err != nil {
			continue // it has ended
		}
		text, _ := io.ReadAll(file)
		_ = file.Close()
		name, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if !strings.HasSuffix(name, "(temporal") || len(fields) < 13 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		return time.Duration(user+system) * tick
	}
	b.Fatal("there is no Temporal server beneath this process; unset TEMPORAL_ADDRESS")
	return 0
}
