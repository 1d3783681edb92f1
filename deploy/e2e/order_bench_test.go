package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"runrun/deploy/dev/demo"
	"runrun/deploy/dev/system"
	"runrun/domain"
)

// leastShown are the milliseconds below which a part of the system is idle, and not part of an order.
const leastShown = 0.2

// atOnce is how many shoppers, or starters of no-op workflows, are served at the same time.
const atOnce = 32

// BenchmarkPaidOrder compares a whole purchase over HTTP (accepted, held, paid at the mock, placed) with a workflow that does
// nothing: the same Temporal server, the same settings, as many at once. It tells what a paid order costs, too.
func BenchmarkPaidOrder(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 4 * atOnce
	slog.SetDefault(slog.New(slog.DiscardHandler)) // its lines would stand between the results
	b.Run("steps fast, then visible", func(b *testing.B) {
		r := own(b, nil, nil)
		b.Run("no-op workflow", r.benchmarkNoOp)
		b.Run("paid order", func(b *testing.B) { r.benchmarkPaidOrder(b, r.API.URL()) })
	})
	b.Run("every step visible", func(b *testing.B) {
		r := own(b, nil, func(s *system.Settings) { s.API.ShowSteps = true })
		b.Run("paid order", func(b *testing.B) { r.benchmarkPaidOrder(b, r.API.URL()) })
	})
	b.Run("fast but the payment", func(b *testing.B) {
		r := own(b, nil, func(s *system.Settings) { s.API.ConfirmFast = false })
		b.Run("paid order", func(b *testing.B) { r.benchmarkPaidOrder(b, r.API.URL()) })
	})
	b.Run("Temporal on PostgreSQL", func(b *testing.B) {
		server := os.Getenv("POSTGRES_URL")
		if server == "" {
			b.Skip("POSTGRES_URL is not set")
		}
		r := own(b, func(c *system.Config) {
			c.Postgres = server + "/bench_" + strings.ReplaceAll(uuid.NewString(), "-", "")
		}, nil)
		b.Run("no-op workflow", r.benchmarkNoOp)
		b.Run("paid order", func(b *testing.B) { r.benchmarkPaidOrder(b, r.API.URL()) })
	})
	b.Run("API and worker apart", func(b *testing.B) {
		r := own(b, func(c *system.Config) { c.Workers, c.API = false, "" }, nil)
		r.startWorkerProcess()
		address := freeAddress(b)
		r.startAPIProcess(address)
		b.Run("paid order", func(b *testing.B) { r.benchmarkPaidOrder(b, "http://"+address) })
	})
}

// noOp is a workflow that does nothing.
func noOp(workflow.Context) error { return nil }

func (r harness) benchmarkNoOp(b *testing.B) {
	w := worker.New(r.temporal, "bench", worker.Options{MaxConcurrentWorkflowTaskPollers: 8})
	w.RegisterWorkflow(noOp)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	inParallel(b, func(int) error {
		run, err := r.temporal.ExecuteWorkflow(context.Background(),
			client.StartWorkflowOptions{ID: "bench/" + uuid.NewString(), TaskQueue: "bench"}, noOp)
		if err != nil {
			return err
		}
		return run.Get(context.Background(), nil)
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "workflows/s")
}

func (r harness) benchmarkPaidOrder(b *testing.B, api string) {
	product := domain.Product{
		ID:       domain.ProductID(domain.ProductPrefix + uuid.NewString()),
		BrandID:  system.DemoBrand,
		Name:     "Bench",
		Category: "bench",
		Price:    domain.Won(60_000),
	}
	if err := r.Store.AddProduct(context.Background(), product, int64(b.N)); err != nil {
		b.Fatal(err)
	}
	shoppers := make([]as, min(atOnce, b.N))
	for n := range shoppers {
		shoppers[n] = r.mint(domain.UserID(fmt.Sprint("usr_bench", n)))
	}
	var last atomic.Value
	before := cpuTimes(b)
	inParallel(b, func(n int) error {
		sh := &demo.Shopper{API: api, Gateway: r.PGMock.URL(), Token: shoppers[n].token, Behaviour: "pay"}
		sh.Order(context.Background(), product.ID)
		sh.Act(context.Background())
		if sh.Err == nil && sh.Outcome != string(domain.StatusPlaced) {
			sh.Err = fmt.Errorf("order %s ended as %s", sh.OrderID, sh.Outcome)
		}
		last.Store(sh.OrderID)
		return sh.Err
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	for part, spent := range cpuTimes(b) {
		if ms := float64((spent - before[part]).Milliseconds()) / float64(b.N); ms >= leastShown {
			b.ReportMetric(ms, part+"-cpu-ms/order")
		}
	}
	id, _ := last.Load().(string)
	events, actions := historyOf(b, r.temporal, domain.OrderID(id))
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
