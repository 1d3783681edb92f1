package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// First come, first served: after one was refused as sold out, no more of those who came later are served than units came back.
// Who came later is told by the tickets, and where a shopper was refused without one by the times at the door.

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

// outOfTicketOrder goes along the tickets: behind an order that was refused although it had one, no more units are served than
// came back between the two decisions.
func (b *books) outOfTicketOrder(product string) (faults []error) {
	var queue []placed
	for _, o := range b.orders {
		if o.Ticket > 0 && o.units(product) > 0 {
			queue = append(queue, o)
		}
	}
	slices.SortFunc(queue, func(x, y placed) int { return cmp.Compare(x.Ticket, y.Ticket) })
	back, decided := b.returns(product), b.decisions()
	served, allowed, first := int64(0), int64(math.MaxInt64), placed{}
	for _, o := range queue {
		switch {
		case o.Status == refused && o.Reason == soldOut:
			if mine := served - back.until(o.UpdatedAt); mine < allowed {
				allowed, first = mine, o
			}
		case o.served():
			served += o.units(product)
			if allowed != math.MaxInt64 && served-back.until(cmp.Or(decided[o.ID], o.UpdatedAt)) > allowed {
				faults = append(faults, fmt.Errorf("turn: ticket %d of %s was refused as sold out, and ticket %d served", first.Ticket, product, o.Ticket))
			}
		}
	}
	return faults
}

// outOfDoorOrder goes along the arrivals: after a shopper was refused at the door, no more units are served to those who come
// then than came back since.
func (b *books) outOfDoorOrder(product string) (faults []error) {
	var gone, came []*shopper
	for _, sh := range b.shoppers {
		switch {
		case sh.product != product || sh.fault != nil:
		case sh.order == "" && sh.told == soldOut:
			gone = append(gone, sh)
		case sh.order != "" && b.orders[sh.order].served():
			came = append(came, sh)
		}
	}
	slices.SortFunc(gone, func(x, y *shopper) int { return x.answered.Compare(y.answered) })
	slices.SortFunc(came, func(x, y *shopper) int { return x.came.Compare(y.came) })
	back := b.returns(product)
	served, allowed, first := int64(0), int64(math.MaxInt64), (*shopper)(nil)
	for _, sh := range came {
		for len(gone) > 0 && gone[0].answered.Before(sh.came) {
			if mine := served - back.until(gone[0].asked.Add(-clockSkew-heardWithin)); mine < allowed {
				allowed, first = mine, gone[0]
			}
			gone = gone[1:]
		}
		o := b.orders[sh.order]
		served += o.units(product)
		if first != nil && served-back.until(o.CreatedAt.Add(clockSkew)) > allowed {
			faults = append(faults, fmt.Errorf("turn: %s was refused at %s as sold out; %s came at %s and got order %s",
				first.user, first.answered.Format(time.StampMilli), sh.user, sh.came.Format(time.StampMilli), sh.order))
		}
	}
	return faults
}

// returns are the moments at which units of a product came back, or may have, in their order.
type returns []moment

type moment struct {
	at    time.Time
	units int64
	total int64 // of this moment and of those before
}

// returns lists when units came back: at the end of an order, and from a try that failed, whose ticket nobody used.
func (b *books) returns(product string) returns {
	var all returns
	for _, o := range b.orders {
		if n := o.units(product); n > 0 && (gaveBack[o.Status] || o.Status == refused && o.Reason != soldOut) {
			all = append(all, moment{at: o.UpdatedAt, units: n})
		}
	}
	for _, sh := range b.shoppers {
		if sh.product == product && sh.retried {
			all = append(all, moment{at: sh.came, units: 1})
		}
	}
	slices.SortFunc(all, func(x, y moment) int { return x.at.Compare(y.at) })
	var total int64
	for n := range all {
		total += all[n].units
		all[n].total = total
	}
	return all
}

// until counts the units that came back up to a moment.
func (r returns) until(at time.Time) int64 {
	n, _ := slices.BinarySearchFunc(r, at, func(m moment, at time.Time) int {
		if m.at.After(at) {
			return 1
		}
		return -1
	})
	if n == 0 {
		return 0
	}
	return r[n-1].total
}

// decisions are the times at which shoppers heard that their order is held, by order.
func (b *books) decisions() map[string]time.Time {
	heard := map[string]time.Time{}
	for _, sh := range b.shoppers {
		if sh.order != "" && !sh.answered.IsZero() {
			heard[sh.order] = sh.answered.Add(clockSkew)
		}
	}
	return heard
}
