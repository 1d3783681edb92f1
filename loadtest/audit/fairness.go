package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// First come, first served means: after a shopper was refused as sold out, later shoppers get at most as many units as
// became available again since. "Later" is decided by ticket; for a shopper who was refused without a ticket, by the
// time of the request.

const (
	// clockSkew is how far the clock of the shop may be from ours.
	clockSkew = time.Second
	// heardWithin is how long the gate may take to admit others to units that came back: at once as a rule, else by its reconciler.
	heardWithin = time.Minute
)

// unfair are those who were served before one who came first.
func (a *Audit) unfair() (faults []error) {
	for _, product := range a.Products {
		faults = append(faults, a.outOfTicketOrder(product)...)
		faults = append(faults, a.outOfArrivalOrder(product)...)
	}
	return faults
}

// outOfTicketOrder compares tickets: behind an order that was refused although it had one, no more units are served than
// came back between the two decisions.
func (a *Audit) outOfTicketOrder(product string) (faults []error) {
	var queue []Order
	for _, o := range a.Orders {
		if o.Ticket > 0 && o.Units(product) > 0 {
			queue = append(queue, o)
		}
	}
	slices.SortFunc(queue, func(x, y Order) int { return cmp.Compare(x.Ticket, y.Ticket) })
	back, decided := a.returns(product), a.decisions()
	served, allowed, first := int64(0), int64(math.MaxInt64), Order{}
	for _, o := range queue {
		switch {
		case o.Status == Refused && o.Reason == SoldOut:
			if mine := served - back.until(o.UpdatedAt); mine < allowed {
				allowed, first = mine, o
			}
		case o.Served():
			served += o.Units(product)
			if allowed != math.MaxInt64 && served-back.until(cmp.Or(decided[o.ID], o.UpdatedAt)) > allowed {
				faults = append(faults,
					fmt.Errorf("fairness: ticket %d of %s was refused as sold out, and ticket %d served", first.Ticket, product, o.Ticket))
			}
		}
	}
	return faults
}

// outOfArrivalOrder compares arrivals: after a shopper was refused without a ticket, no more units are served to those who come
// then than came back since.
func (a *Audit) outOfArrivalOrder(product string) (faults []error) {
	var gone, came []*Shopper
	for _, sh := range a.Shoppers {
		switch {
		case sh.Product != product || sh.Fault != nil:
		case sh.Order == "" && sh.Told == SoldOut:
			gone = append(gone, sh)
		case sh.Order != "" && a.Orders[sh.Order].Served():
			came = append(came, sh)
		}
	}
	slices.SortFunc(gone, func(x, y *Shopper) int { return x.Answered.Compare(y.Answered) })
	slices.SortFunc(came, func(x, y *Shopper) int { return x.Came.Compare(y.Came) })
	back := a.returns(product)
	served, allowed, first := int64(0), int64(math.MaxInt64), (*Shopper)(nil)
	for _, sh := range came {
		for len(gone) > 0 && gone[0].Answered.Before(sh.Came) {
			if mine := served - back.until(gone[0].Asked.Add(-clockSkew-heardWithin)); mine < allowed {
				allowed, first = mine, gone[0]
			}
			gone = gone[1:]
		}
		o := a.Orders[sh.Order]
		served += o.Units(product)
		if first != nil && served-back.until(o.CreatedAt.Add(clockSkew)) > allowed {
			faults = append(faults, fmt.Errorf("fairness: %s was refused at %s as sold out; %s came at %s and got order %s",
				first.User, first.Answered.Format(time.StampMilli), sh.User, sh.Came.Format(time.StampMilli), sh.Order))
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
func (a *Audit) returns(product string) returns {
	var all returns
	for _, o := range a.Orders {
		if n := o.Units(product); n > 0 && (gaveBack[o.Status] || o.Status == Refused && o.Reason != SoldOut) {
			all = append(all, moment{at: o.UpdatedAt, units: n})
		}
	}
	for _, sh := range a.Shoppers {
		if sh.Product == product && sh.Retried {
			all = append(all, moment{at: sh.Came, units: 1})
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
func (a *Audit) decisions() map[string]time.Time {
	heard := map[string]time.Time{}
	for _, sh := range a.Shoppers {
		if sh.Order != "" && !sh.Answered.IsZero() {
			heard[sh.Order] = sh.Answered.Add(clockSkew)
		}
	}
	return heard
}
