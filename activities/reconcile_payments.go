package activities

import (
	"context"
	"fmt"
	"time"

	"runrun/domain"
	"runrun/workflows"
)

// PaymentBooks are the activities that compare the shop's payments and refunds with the gateway's. They run on the queue payments.
type PaymentBooks struct {
	comparison Comparison
	counts     comparisonCounts
	ledger     Ledger
}

var _ workflows.LedgerActivities = (*PaymentBooks)(nil)

// NewPaymentBooks makes the activities.
func NewPaymentBooks(c Comparison, ledger Ledger) *PaymentBooks {
	return &PaymentBooks{c, newComparisonCounts(comparePayments), ledger}
}

// moved is what the gateway has done with one payment within the time that is compared.
type moved struct {
	order          domain.OrderID
	approved, back int64
	latest         time.Time
}

// ComparePayments compares what moved at the gateway with the shop's payments and refunds, both ways. A payment that does not pay its order
// is given back, by a workflow of its own; the rest asks for a person.
func (a *PaymentBooks) ComparePayments(ctx context.Context, in workflows.ReconcileInput) (workflows.ReconcileReport, error) {
	return a.comparison.run(ctx, a.counts, comparePayments, func(c *comparison) error {
		return c.comparePayments(ctx, a.ledger, in.Since)
	})
}

func (c *comparison) comparePayments(ctx context.Context, ledger Ledger, since time.Duration) error {
	now := time.Now()
	from, until := now.Add(-since), now.Add(time.Hour) // the gateway's clock may be ahead
	gateway, err := c.readLedger(ctx, ledger, from, until)
	if err != nil {
		return err
	}
	var keys []string
	for key := range gateway {
		keys = append(keys, key)
	}
	for len(keys) > 0 {
		page := keys[:min(comparePage, len(keys))]
		keys = keys[len(page):]
		shop, err := c.Books.PaymentsByKey(ctx, page)
		if err != nil {
			return err
		}
		for _, key := range page {
			if err := c.comparePayment(ctx, key, gateway[key], shop[key]); err != nil {
				return err
			}
		}
		c.Beat(ctx)
	}
	return c.findUnapproved(ctx, gateway, from, now.Add(-c.Settled))
}

// readLedger reads what moved, by payment.
func (c *comparison) readLedger(ctx context.Context, ledger Ledger, from, until time.Time) (map[string]moved, error) {
	gateway := map[string]moved{}
	for after := ""; ; {
		page, err := ledger.Transactions(ctx, from, until, after, comparePage)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			after = t.Key
			m := gateway[t.PaymentKey]
			m.order = t.OrderID
			if t.Amount > 0 {
				m.approved += t.Amount
			} else {
				m.back -= t.Amount
			}
			if t.At.After(m.latest) {
				m.latest = t.At
			}
			gateway[t.PaymentKey] = m
		}
		c.Beat(ctx)
		if len(page) < comparePage {
			return gateway, nil
		}
	}
}

// comparePayment compares one payment. It skips recent movements and payments that are still open in the shop: their workflows act on
// them.
func (c *comparison) comparePayment(ctx context.Context, key string, at moved, shop domain.PaymentBooks) error {
	if time.Since(at.latest) < c.Settled {
		return nil
	}
	p := shop.Payment
	d := domain.Difference{OrderID: at.order, PaymentKey: key}
	switch {
	case p.Status == domain.PaymentIntent || p.Status == domain.PaymentUnknown || shop.Refunding:
		return nil
	case p.Status == domain.PaymentDone || p.Status == domain.PaymentCanceled && shop.Refunded > 0:
		if at.back <= shop.Refunded {
			return nil
		}
		d.Kind = domain.DifferenceRefund
		d.Detail = fmt.Sprintf("the gateway gave back %d of payment %s, the shop knows of %d", at.back, key, shop.Refunded)
		return c.find(ctx, d)
	case at.approved > at.back:
		return c.findUnknownPayment(ctx, d, at)
	}
	return nil
}

// findUnknownPayment deals with money that was taken, is not back, and does not pay its order.
func (c *comparison) findUnknownPayment(ctx context.Context, d domain.Difference, at moved) error {
	d.Kind = domain.DifferencePayment
	d.Detail = fmt.Sprintf("the gateway took %d by payment %s, which pays no order", at.approved-at.back, d.PaymentKey)
	o, err := c.Books.Order(ctx, at.order)
	if domain.CodeOf(err) == domain.CodeNotFound {
		d.Detail += ", and the shop does not know the order"
		return c.find(ctx, d)
	}
	if err != nil {
		return err
	}
	if c.Mend {
		if err := c.Workflows.CheckPayment(ctx, o, d.PaymentKey); err != nil {
			return err
		}
		d.Mended = true
	}
	return c.find(ctx, d)
}

// findUnapproved looks for payments and refunds of the shop that the gateway does not have.
func (c *comparison) findUnapproved(ctx context.Context, gateway map[string]moved, from, until time.Time) error {
	for after := ""; ; {
		keys, err := c.Books.PaidBetween(ctx, from.Add(c.Settled), until, after, comparePage) // at the edges the clocks may differ
		if err != nil || len(keys) == 0 {
			return err
		}
		after = keys[len(keys)-1]
		shop, err := c.Books.PaymentsByKey(ctx, keys)
		if err != nil {
			return err
		}
		for _, key := range keys {
			at, p := gateway[key], shop[key]
			d := domain.Difference{OrderID: p.Payment.OrderID, PaymentKey: key}
			switch {
			case at.approved == 0:
				d.Kind, d.Detail = domain.DifferenceApproval, "the shop has payment "+key+" as approved, and the gateway does not"
			case p.Refunded > at.back && time.Since(at.latest) > c.Settled:
				d.Kind = domain.DifferenceRefunded
				d.Detail = fmt.Sprintf("the shop gave back %d of payment %s, the gateway %d", p.Refunded, key, at.back)
			default:
				continue
			}
			if err := c.find(ctx, d); err != nil {
				return err
			}
		}
		c.Beat(ctx)
	}
}

// recent reports whether an order changed so lately that its workflow may still be ending.
func (c *comparison) recent(o domain.Order) bool { return time.Since(o.UpdatedAt) < c.Settled }
