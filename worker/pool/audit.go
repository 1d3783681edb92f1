package pool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"runrun/activities"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// ErrBooksDiffer says that an audit found differences.
var ErrBooksDiffer = errors.New("the books differ")

// Audit compares all books once, changes nothing, and writes what it finds: rows of orders with each other, stock, workflows, gates,
// and the gateway's transactions if the configuration has its key. Errors: ErrBooksDiffer if something was found; those of reading the
// books.
func Audit(ctx context.Context, cfg Config, out io.Writer) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	p := &Pool{cfg: cfg}
	p.baseCtx, p.cancel = context.WithCancel(ctx)
	err := p.openForAudit(ctx)
	if err == nil {
		err = p.audit(ctx, out)
	}
	return errors.Join(err, p.close())
}

// openForAudit connects without migrating anything.
func (p *Pool) openForAudit(ctx context.Context) (err error) {
	if p.store, err = store.Open(ctx, p.cfg.Store); err != nil {
		return err
	}
	if p.redis, err = redis.Connect(p.cfg.Redis); err != nil {
		return err
	}
	if err := p.openGateway(); err != nil {
		return err
	}
	p.temporal, p.closeTemporal, err = temporal.Connect(p.cfg.Temporal)
	return err
}

func (p *Pool) audit(ctx context.Context, out io.Writer) error {
	in := workflows.ReconcileInput{All: true, Since: p.cfg.Reconcile.AllSince}
	books := activities.NewOrderBooks(p.comparison(false))
	compare := []func(context.Context, workflows.ReconcileInput) (workflows.ReconcileReport,
		error){books.CompareOrders, books.CompareWorkflows}
	if p.gateway != nil {
		compare = append(compare, activities.NewPaymentBooks(p.comparison(false), p.gateway).ComparePayments)
	} else {
		_, _ = fmt.Fprintln(out, "The gateway's books are not compared: this process does not have its key.")
	}
	var all workflows.ReconcileReport
	for _, do := range compare {
		part, err := do(ctx, in)
		if err != nil {
			return err
		}
		all.Merge(part)
	}
	off, err := activities.DifferingGates(ctx, activities.NewGates(p.store, redis.NewGate(p.redis)))
	if err != nil {
		return err
	}
	return report(out, all, off)
}

// report writes what was found.
func report(out io.Writer, all workflows.ReconcileReport, gates int) error {
	slices.SortFunc(all.First, func(a, b domain.Difference) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.OrderID, b.OrderID), cmp.Compare(a.ProductID, b.ProductID))
	})
	for _, d := range all.First {
		_, _ = fmt.Fprintf(out, "%-24s %s%s %s\n", d.Kind, d.OrderID, d.ProductID, d.Detail)
	}
	_, _ = fmt.Fprintf(out, "%s: %s, %d gates differ\n", time.Now().Format(time.DateTime), all.Summary(), gates)
	if len(all.First) > 0 || gates > 0 {
		return ErrBooksDiffer
	}
	return nil
}
