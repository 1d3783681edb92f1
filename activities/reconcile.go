package activities

import (
	"context"
	"log/slog"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// Books is the database, as far as it is compared.
type Books interface {
	Inconsistencies(ctx context.Context, all bool, limit int) ([]domain.Difference, error)
	UnbalancedStocks(ctx context.Context, limit int) ([]domain.Stock, error)
	OpenOrders(ctx context.Context, after domain.OrderID, quiet time.Duration, limit int) ([]domain.Order, error)
	Order(ctx context.Context, id domain.OrderID) (domain.Order, error)
	PaymentsByKey(ctx context.Context, keys []string) (map[string]domain.PaymentBooks, error)
	PaidBetween(ctx context.Context, from, until time.Time, after string, limit int) ([]string, error)
	SetAttention(ctx context.Context, in domain.AttentionChange) (domain.Order, error)
}

// OrderWorkflows is Temporal, as far as orders are compared with it.
type OrderWorkflows interface {
	// Running lists orders that have a running workflow, page by page; what was started or closed a moment ago may be missing.
	Running(ctx context.Context, page []byte) (ids []domain.OrderID, next []byte, err error)
	// IsRunning reports whether an order has a running workflow, as of now.
	IsRunning(ctx context.Context, id domain.OrderID) (bool, error)
	// Adopt starts a workflow for an order that has none.
	Adopt(ctx context.Context, o domain.Order) error
	// CheckPayment starts a workflow that refunds a payment, if it took money and does not pay its order.
	CheckPayment(ctx context.Context, o domain.Order, paymentKey string) error
}

// Ledger is the gateway's list of what moved.
type Ledger interface {
	// Transactions lists what moved between two times, oldest first, from the one after the given key.
	Transactions(ctx context.Context, from, until time.Time, after string, limit int) ([]domain.Transaction, error)
}

// Limits of a comparison.
const (
	comparePage = 500
	foundLimit  = 200 // of each kind
	// SettledAfter is how long ago something must have happened to be compared: before, it may still be under way.
	SettledAfter = 2 * time.Minute
)

// Comparison holds what a comparison reads, and whether it may change anything.
type Comparison struct {
	Books     Books
	Workflows OrderWorkflows
	// Mend corrects what is certain, and marks the orders of the rest for support staff. Without it nothing is changed.
	Mend bool
	// Settled is how long ago something must have happened to be compared.
	Settled time.Duration
	// Beat is called now and then while it goes on.
	Beat func(ctx context.Context)
}

// comparison collects what one comparison finds.
type comparison struct {
	Comparison
	report workflows.ReconcileReport
	counts comparisonCounts
}

// run makes one comparison, and reports what it found until it ended or failed.
func (c Comparison) run(ctx context.Context, counts comparisonCounts, name string, compare func(*comparison) error) (
	workflows.ReconcileReport, error) {
	begun := &comparison{Comparison: c, counts: counts}
	err := compare(begun)
	outcome := completed
	if err != nil {
		outcome = failed
	}
	counts.comparison(ctx, name, outcome, 1)
	return begun.report, toApplicationError(ctx, name, err)
}

// find adds a difference to the report. If it is not mended, it raises attention on the order, unless there is some already.
func (c *comparison) find(ctx context.Context, d domain.Difference) error {
	c.report.Add([]domain.Difference{d})
	c.counts.difference(ctx, d, 1)
	slog.WarnContext(ctx, "books differ", "kind", d.Kind, "order_id", d.OrderID, "product_id", d.ProductID, "detail",
		d.Detail, "mended", d.Mended)
	if !c.Mend || d.Mended || d.OrderID == "" {
		return nil
	}
	o, err := c.Books.Order(ctx, d.OrderID)
	if err != nil || o.Attention != domain.AttentionNone {
		return ignoreMissing(err)
	}
	_, err = c.Books.SetAttention(ctx, domain.AttentionChange{
		OrderID: d.OrderID, Attention: domain.AttentionDifference, Actor: "reconciliation", Note: d.Detail,
	})
	return err
}

func ignoreMissing(err error) error {
	if domain.CodeOf(err) == domain.CodeNotFound {
		return nil
	}
	return err
}
