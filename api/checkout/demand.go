package checkout

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

const (
	demandEvery    = time.Second
	maxDemanded    = 10_000 // products that are counted at once
	demandDeadline = 2 * time.Second
)

// DemandSums adds up what every process of the shop has counted.
type DemandSums interface {
	AddDemand(ctx context.Context, counts map[domain.ProductID]domain.Demand) error
}

// Demand counts the orders that are taken and refused, for sellers who watch a drop, and hands the counts on every second. Nothing depends
// on it: what cannot be handed on is kept for the next time, and lost with the process.
type Demand struct {
	sums     DemandSums
	outcomes metric.Int64Counter
	mu       sync.Mutex
	counts   map[domain.ProductID]domain.Demand
	stopped  chan struct{}
	done     sync.WaitGroup
}

// NewDemand starts counting. It needs Stop.
func NewDemand(sums DemandSums) *Demand {
	outcomes, err := otel.Meter("runrun/orders").Int64Counter("runrun_order_requests",
		metric.WithDescription("Requests for an order, by what came of them: ACCEPTED, or the code of the refusal."))
	if err != nil {
		otel.Handle(err)
	}
	for _, code := range []domain.Code{accepted, domain.CodeSoldOut, domain.CodeOverloaded, domain.CodeUnavailable, domain.CodeInternal} {
		outcomes.Add(context.Background(), 0, byOutcome(code)) // so that the first one is an increase
	}
	d := &Demand{sums: sums, outcomes: outcomes, counts: map[domain.ProductID]domain.Demand{}, stopped: make(chan struct{})}
	d.done.Go(d.run)
	return d
}

// Stop hands on what was counted.
func (d *Demand) Stop() {
	close(d.stopped)
	d.done.Wait()
}

func (d *Demand) run() {
	ticker := time.NewTicker(demandEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			d.handOn()
		case <-d.stopped:
			d.handOn()
			return
		}
	}
}

// accepted is the outcome of a request that became an order.
const accepted domain.Code = "ACCEPTED"

func byOutcome(code domain.Code) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("outcome", string(code)))
}

// count counts a request for an order as taken, or as refused if err is a refusal. A request that failed otherwise is no demand.
func (d *Demand) count(ctx context.Context, items []domain.OrderItem, err error) {
	d.outcomes.Add(ctx, 1, byOutcome(cmp.Or(domain.CodeOf(err), accepted)))
	var more domain.Demand
	switch domain.CodeOf(err) {
	case "":
		more.Ordered = 1
	case domain.CodeSoldOut, domain.CodeLimitExceeded, domain.CodeNotOpenYet, domain.CodeClosed:
		more.Refused = 1
	default:
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, item := range items {
		d.add(item.ProductID, more)
	}
}

func (d *Demand) add(id domain.ProductID, more domain.Demand) {
	sum, known := d.counts[id]
	if !known && len(d.counts) >= maxDemanded {
		return
	}
	d.counts[id] = domain.Demand{Ordered: sum.Ordered + more.Ordered, Refused: sum.Refused + more.Refused}
}

// handOn adds the counts to the sums of all processes.
func (d *Demand) handOn() {
	d.mu.Lock()
	counts := d.counts
	d.counts = map[domain.ProductID]domain.Demand{}
	d.mu.Unlock()
	if len(counts) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), demandDeadline)
	defer cancel()
	err := d.sums.AddDemand(ctx, counts)
	if err == nil {
		return
	}
	slog.Debug("demand not handed on", "products", len(counts), "error", err)
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, more := range counts {
		d.add(id, more)
	}
}
