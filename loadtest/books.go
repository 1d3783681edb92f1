package main

import (
	"context"
	"fmt"
	"slices"
)

// books is everything that was found by counting, through public interfaces only.
type books struct {
	products []string
	units    int64
	shoppers []*shopper
	orders   map[string]placed
	stocks   map[string]stock
	ledger   ledger
	// firm says that nobody who is accepted may be refused later; withoutRedis that orders have no tickets.
	firm, withoutRedis bool
	workflows          map[string]map[string]int64 // by product and order status; nil if Temporal was not asked
}

// count waits until every order is settled, and then looks everywhere.
func (r *run) count(ctx context.Context) (*books, error) {
	b := &books{products: r.products, units: r.scenario.units, shoppers: r.shoppers, stocks: map[string]stock{}, firm: r.scenario.firm, withoutRedis: r.cfg.WithoutRedis}
	var err error
	if b.orders, err = r.settle(ctx); err != nil {
		return nil, err
	}
	for _, product := range r.products {
		if b.stocks[product], err = r.stockOf(ctx, product); err != nil {
			return nil, err
		}
	}
	if b.ledger, err = r.ledger(ctx); err != nil {
		return nil, err
	}
	b.workflows, err = r.countWorkflows(ctx, b.orders)
	return b, err
}

// faults are all that is wrong; none is the promise.
func (b *books) faults() []error {
	return slices.Concat(b.unanswered(), b.misled(), b.lost(), b.unsettled(), b.imbalances(), b.wrongMoney(), b.wrongWorkflows(), b.ticketless(), b.outOfTurn())
}

// unanswered are the shoppers who never heard.
func (b *books) unanswered() (faults []error) {
	for _, sh := range b.shoppers {
		if sh.fault != nil {
			faults = append(faults, fmt.Errorf("unanswered: %w", sh.fault))
		}
	}
	return faults
}

// misled are the shoppers who were told what cannot be: an answer that no shopper deserves, or that nothing is left while
// there was.
func (b *books) misled() (faults []error) {
	served, hidden, refusals := map[string]int64{}, map[string]int64{}, map[string]*shopper{}
	for _, sh := range b.shoppers {
		o := b.orders[sh.order]
		if o.served() {
			served[sh.product] += o.units(sh.product)
		}
		if sh.retried { // the try that failed may have had a unit for a while, and nobody knows when it came back
			hidden[sh.product]++
		}
		switch {
		case sh.told == soldOut:
			refusals[sh.product] = sh
		case sh.told == received, sh.told == held, sh.told == "PAYING", afterPurchase[sh.told], gaveBack[sh.told], sh.fault != nil:
		case sh.told == limitExceeded && sh.retried: // the try that failed may still have a ticket
		default:
			faults = append(faults, fmt.Errorf("misled: %s was told %q", sh.user, sh.told))
		}
	}
	for product, sh := range refusals {
		if served[product]+hidden[product] < b.units {
			faults = append(faults, fmt.Errorf("misled: %s was told that %s is sold out; %d of %d units were ever given out, %d more perhaps to tries that failed",
				sh.user, product, served[product], b.units, hidden[product]))
		}
	}
	if b.firm {
		for _, o := range b.orders {
			if o.Status == refused {
				faults = append(faults, fmt.Errorf("misled: order %s was accepted, and refused later as %s", o.ID, o.Reason))
			}
		}
	}
	return faults
}

// ticketless are the orders that came in without a ticket though Redis was there: whoever has one is served after them.
func (b *books) ticketless() (faults []error) {
	if b.withoutRedis {
		return nil
	}
	for _, o := range b.orders {
		if o.Ticket == 0 {
			faults = append(faults, fmt.Errorf("ticket: order %s of %s has none", o.ID, o.user))
		}
	}
	return faults
}

// lost are the orders whose id a shopper was given, and that the shop does not know, or remembers otherwise.
func (b *books) lost() (faults []error) {
	for _, sh := range b.shoppers {
		if sh.order == "" {
			continue
		}
		o, found := b.orders[sh.order]
		switch {
		case !found:
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is accepted; the shop has no such order", sh.user, sh.order))
		case sh.bought && !afterPurchase[o.Status]:
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is bought; it is %s", sh.user, sh.order, o.Status))
		case sh.canceled && o.Status != "CANCELED":
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is canceled; it is %s", sh.user, sh.order, o.Status))
		case sh.told == held && !o.served():
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is HELD; it is %s and never was", sh.user, sh.order, o.Status))
		}
	}
	return faults
}

// unsettled are the orders that nobody finishes.
func (b *books) unsettled() (faults []error) {
	for _, o := range b.orders {
		if !o.settled() {
			faults = append(faults, fmt.Errorf("unsettled: order %s is still %s", o.ID, o.Status))
		}
	}
	return faults
}

// sold counts the units of a product in orders that are paid.
func (b *books) sold(product string) (units int64) {
	for _, o := range b.orders {
		if afterPurchase[o.Status] {
			units += o.units(product)
		}
	}
	return units
}

// imbalances are the products of which more or less is gone than was sold.
func (b *books) imbalances() (faults []error) {
	for _, product := range b.products {
		s, sold := b.stocks[product], b.sold(product)
		if want := (stock{ProductID: product, Total: b.units, Available: b.units - sold, Sold: sold}); s != want {
			faults = append(faults, fmt.Errorf("imbalance: the stock of %s is %d = %d available + %d held + %d sold; of %d units %d are in paid orders",
				product, s.Total, s.Available, s.Held, s.Sold, b.units, sold))
		}
	}
	return faults
}

// wrongMoney are the orders that were charged twice, or not, or for nothing.
func (b *books) wrongMoney() (faults []error) {
	type moved struct{ approvals, approved, canceled int64 }
	money := map[string]moved{}
	for _, a := range b.ledger.Approvals {
		m := money[a.OrderID]
		money[a.OrderID] = moved{m.approvals + 1, m.approved + a.Amount, m.canceled}
	}
	for _, c := range b.ledger.Cancels {
		m := money[c.OrderID]
		money[c.OrderID] = moved{m.approvals, m.approved, m.canceled + c.Amount}
	}
	for id, o := range b.orders {
		m, due := money[id], int64(0)
		if afterPurchase[o.Status] {
			due = o.PaymentAmount
		}
		if m.approved-m.canceled != due {
			faults = append(faults, fmt.Errorf("money: order %s is %s; %d was charged and %d given back, want %d", id, o.Status, m.approved, m.canceled, due))
		}
		if due > 0 && m.approvals != 1 {
			faults = append(faults, fmt.Errorf("money: order %s was charged %d times", id, m.approvals))
		}
	}
	return faults
}
