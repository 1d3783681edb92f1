package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// First come, first served: nobody is refused while one who came later is served, unless units came back in between. Who came
// later is told by the tickets, and where a shopper was refused without one by the times at the door.

const (
	// clockSkew is how far the clock of the shop may be from ours.
	clockSkew = time.Second
	// heardWithin is how long the gate may take to hear of units that came back: at once as a rule, else from its reconciler.
	heardWithin = time.Minute
)

// outOfTurn are those who were served before one who came first.
func (b *books) outOfTurn() (faults []error) {
	for _, product := range b.products {
		faults = append(faults, b.outOfTicketOrder(product)...)
		faults = append(faults, b.outOfDoorOrder(product)...)
	}
	return faults
}

// outOfTicketOrder compares the orders that were refused although they had a ticket with the served ones behind them.
func (b *books) outOfTicketOrder(product string) (faults []error) {
	var queue []placed
	for _, o := range b.orders {
		if o.Ticket > 0 && o.units(product) > 0 {
			queue = append(queue, o)
		}
	}
	slices.SortFunc(queue, func(x, y placed) int { return cmp.Compare(x.Ticket, y.Ticket) })
	returns := b.returns(product)
	var last *placed // of those refused so far the one that was refused last
	for n, o := range queue {
		switch {
		case o.Status == refused && o.Reason == soldOut:
			if last == nil || o.UpdatedAt.After(last.UpdatedAt) {
				last = &queue[n]
			}
		case o.served() && last != nil && !returns.between(last.UpdatedAt, o.UpdatedAt):
			faults = append(faults, fmt.Errorf("turn: ticket %d of %s was refused as sold out, and ticket %d served", last.Ticket, product, o.Ticket))
		}
	}
	return faults
}

// outOfDoorOrder compares those who were refused at the door with those who came after that.
func (b *books) outOfDoorOrder(product string) (faults []error) {
	var gone, came []*shopper
	for _, sh := range b.shoppers {
		switch o := b.orders[sh.order]; {
		case sh.product != product || sh.fault != nil:
		case sh.order == "" && sh.told == soldOut:
			gone = append(gone, sh)
		case sh.order != "" && o.served():
			came = append(came, sh)
		}
	}
	slices.SortFunc(gone, func(x, y *shopper) int { return x.answered.Compare(y.answered) })
	slices.SortFunc(came, func(x, y *shopper) int { return x.came.Compare(y.came) })
	returns := b.returns(product)
	var last *shopper // of those refused so far the one that asked last
	for _, sh := range came {
		for len(gone) > 0 && gone[0].answered.Before(sh.came) {
			if last == nil || gone[0].asked.After(last.asked) {
				last = gone[0]
			}
			gone = gone[1:]
		}
		if last != nil && !returns.between(last.asked.Add(-clockSkew), b.orders[sh.order].CreatedAt.Add(clockSkew)) {
			faults = append(faults, fmt.Errorf("turn: %s was refused at %s as sold out; %s came at %s and got order %s",
				last.user, last.answered.Format(time.StampMilli), sh.user, sh.came.Format(time.StampMilli), sh.order))
		}
	}
	return faults
}

// spans are times in which units may have come back to the gate, sorted by their beginning.
type spans []span

type span struct {
	from, to time.Time
	latest   time.Time // the latest end of this span and of those before
}

// returns are the times at which units of a product came back, or may have: when an order ended, and after a try that failed,
// whose ticket the gate gets back from its reconciler.
func (b *books) returns(product string) spans {
	var all spans
	for _, o := range b.orders {
		if o.units(product) > 0 && (gaveBack[o.Status] || o.Status == refused && o.Reason != soldOut) {
			all = append(all, span{from: o.UpdatedAt, to: o.UpdatedAt.Add(heardWithin)})
		}
	}
	for _, sh := range b.shoppers {
		if sh.product == product && sh.retried {
			all = append(all, span{from: sh.came, to: sh.asked.Add(heardWithin)})
		}
	}
	slices.SortFunc(all, func(x, y span) int { return x.from.Compare(y.from) })
	var latest time.Time
	for n := range all {
		if all[n].to.After(latest) {
			latest = all[n].to
		}
		all[n].latest = latest
	}
	return all
}

// between says whether a span touches the time from one moment to another.
func (s spans) between(from, to time.Time) bool {
	n, _ := slices.BinarySearchFunc(s, to, func(x span, moment time.Time) int {
		if x.from.After(moment) {
			return 1
		}
		return -1
	})
	return n > 0 && !s[n-1].latest.Before(from)
}
