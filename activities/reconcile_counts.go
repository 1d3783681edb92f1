package activities

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// The comparisons, which are activities, and how they end.
const (
	compareOrders    = "CompareOrders"
	compareWorkflows = "CompareWorkflows"
	comparePayments  = "ComparePayments"

	completed = "COMPLETED"
	failed    = "FAILED"
)

// comparisonCounts tell operators what comparisons find, and whether they come to an end: books that nobody compares balance, too.
type comparisonCounts struct{ differences, comparisons metric.Int64Counter }

// newComparisonCounts makes the counters of some activities, each with 0, so that the first event is an increase.
func newComparisonCounts(names ...string) comparisonCounts {
	meter := otel.Meter("runrun/reconcile")
	differences, err1 := meter.Int64Counter("runrun_reconcile_differences",
		metric.WithDescription("Differences between the books of shop, gateway, Temporal and gate, by kind; mended or not."))
	comparisons, err2 := meter.Int64Counter("runrun_reconcile_comparisons",
		metric.WithDescription("Comparisons of the books, by what is compared: COMPLETED, or FAILED, because a book could not be read."))
	if err := errors.Join(err1, err2); err != nil {
		otel.Handle(err)
	}
	c := comparisonCounts{differences, comparisons}
	ctx := context.Background()
	for _, kind := range domain.DifferenceKinds() {
		c.difference(ctx, domain.Difference{Kind: kind}, 0)
		c.difference(ctx, domain.Difference{Kind: kind, Mended: true}, 0)
	}
	for _, name := range names {
		c.comparison(ctx, name, completed, 0)
		c.comparison(ctx, name, failed, 0)
	}
	return c
}

func (c comparisonCounts) difference(ctx context.Context, d domain.Difference, n int64) {
	c.differences.Add(ctx, n, metric.WithAttributes(attribute.String("kind", string(d.Kind)), attribute.Bool("mended", d.Mended)))
}

func (c comparisonCounts) comparison(ctx context.Context, name, outcome string, n int64) {
	c.comparisons.Add(ctx, n, metric.WithAttributes(attribute.String("comparison", name), attribute.String("outcome", outcome)))
}
