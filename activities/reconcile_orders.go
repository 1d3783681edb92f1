package activities

import (
	"context"
	"fmt"

	"runrun/domain"
	"runrun/workflows"
)

// OrderBooks are the activities that compare the shop's rows with each other and with Temporal. They run on the queue orders.
type OrderBooks struct {
	comparison Comparison
	counts     comparisonCounts
}

var _ workflows.ReconcileActivities = (*OrderBooks)(nil)

// NewOrderBooks makes the activities.
func NewOrderBooks(c Comparison) *OrderBooks {
	return &OrderBooks{c, newComparisonCounts(compareOrders, compareWorkflows)}
}

// CompareOrders looks for orders whose rows contradict each other, and for stock that does not balance. None of it can be mended without
// knowing what happened.
func (a *OrderBooks) CompareOrders(ctx context.Context, in workflows.ReconcileInput) (workflows.ReconcileReport, error) {
	return a.comparison.run(ctx, a.counts, compareOrders, func(c *comparison) error { return c.compareRows(ctx, in.All) })
}

func (c *comparison) compareRows(ctx context.Context, all bool) error {
	found, err := c.Books.Inconsistencies(ctx, all, foundLimit)
	if err != nil {
		return err
	}
	for _, d := range found {
		if err := c.find(ctx, d); err != nil {
			return err
		}
	}
	c.Beat(ctx)
	stocks, err := c.Books.UnbalancedStocks(ctx, foundLimit)
	if err != nil {
		return err
	}
	for _, s := range stocks {
		detail := fmt.Sprintf("total %d, but %d available + %d held + %d sold", s.Total, s.Available, s.Held, s.Sold)
		if err := c.find(ctx, domain.Difference{Kind: domain.DifferenceStock, ProductID: s.ProductID, Detail: detail}); err != nil {
			return err
		}
	}
	return nil
}

// CompareWorkflows looks for open orders without a running workflow, which are given one, and for running workflows whose order has
// ended or does not exist.
func (a *OrderBooks) CompareWorkflows(ctx context.Context, _ workflows.ReconcileInput) (workflows.ReconcileReport, error) {
	return a.comparison.run(ctx, a.counts, compareWorkflows, func(c *comparison) error { return c.compareWorkflows(ctx) })
}

func (c *comparison) compareWorkflows(ctx context.Context) error {
	running := map[domain.OrderID]bool{}
	for page := []byte(nil); ; {
		ids, next, err := c.Workflows.Running(ctx, page)
		if err != nil {
			return err
		}
		for _, id := range ids {
			running[id] = true
		}
		c.Beat(ctx)
		if page = next; len(page) == 0 {
			break
		}
	}
	for after := domain.OrderID(""); ; {
		orders, err := c.Books.OpenOrders(ctx, after, c.Settled, comparePage)
		if err != nil {
			return err
		}
		for _, o := range orders {
			after = o.ID
			listed := running[o.ID]
			delete(running, o.ID)
			if err := c.adopt(ctx, o, listed); err != nil {
				return err
			}
		}
		c.Beat(ctx)
		if len(orders) < comparePage {
			return c.findGhosts(ctx, running)
		}
	}
}

// adopt gives an order a workflow if it has none. That it is not listed proves nothing: the list follows behind.
func (c *comparison) adopt(ctx context.Context, o domain.Order, listed bool) error {
	if listed {
		return nil
	}
	if running, err := c.Workflows.IsRunning(ctx, o.ID); running || err != nil {
		return err
	}
	d := domain.Difference{Kind: domain.DifferenceOrphan, OrderID: o.ID, Detail: "the order is " + string(o.Status) +
		" and has no running workflow"}
	if c.Mend {
		if err := c.Workflows.Adopt(ctx, o); err != nil {
			return err
		}
		d.Mended = true
	}
	return c.find(ctx, d)
}

// findGhosts looks at the workflows that no open order was found for: most belong to orders that changed a moment ago.
func (c *comparison) findGhosts(ctx context.Context, left map[domain.OrderID]bool) error {
	for id := range left {
		o, err := c.Books.Order(ctx, id)
		missing := domain.CodeOf(err) == domain.CodeNotFound
		if err != nil && !missing {
			return err
		}
		if !missing && (o.Status.Open() || o.Attention != domain.AttentionNone || c.recent(o)) {
			continue
		}
		running, err := c.Workflows.IsRunning(ctx, id)
		if err != nil {
			return err
		}
		if !running {
			continue
		}
		detail := "a workflow runs, and there is no such order: close it by the update resolve, as GIVE_UP, once it asks for attention"
		if !missing {
			detail = "a workflow runs, and the order has ended as " + string(o.Status)
		}
		if err := c.find(ctx, domain.Difference{Kind: domain.DifferenceGhost, OrderID: id, Detail: detail}); err != nil {
			return err
		}
	}
	return nil
}
