package main

import "testing"

// A fourth shopper comes after one was refused at the door. That is wrong, unless a unit came back before.
func TestNobodyIsServedWhoCameAfterOneWhoWasRefused(t *testing.T) {
	late := func(b *books, came float64) {
		b.shoppers = append(b.shoppers, &shopper{user: "usr_4", product: "prd_a", came: at(came), asked: at(came), answered: at(came + 0.1), order: "ord_4", told: held})
		b.orders["ord_4"] = placed{ID: "ord_4", Status: bought, PayBy: at(900), CreatedAt: at(came), UpdatedAt: at(came + 5), Items: []item{{"prd_a", 1}}}
	}
	for name, c := range map[string]struct {
		came float64 // the late shopper; one was refused at 10
		back float64 // when the unit of the order that ran out came back
		want int
	}{
		"nothing came back":                        {11, 300, 1},
		"a unit came back before":                  {11, 10.5, 0},
		"the gate heard of it late":                {40, 5, 0},
		"it came back long before either":          {200, -100, 1},
		"two came, and one unit back":              {-11, 10.5, 1},
		"they came at the same time":               {10.05, 300, 0},
		"the refused one came after the served":    {9, 300, 0},
		"the unit came back after both were there": {11, 12.5, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := wholeBooks()
			b.change("ord_2", func(o *placed) { o.UpdatedAt = at(c.back) })
			if c.came < 0 { // another one before
				c.came = -c.came
				b.shoppers = append(b.shoppers, &shopper{user: "usr_5", product: "prd_a", came: at(10.8), asked: at(10.8), answered: at(10.9), order: "ord_5", told: held})
				b.orders["ord_5"] = placed{ID: "ord_5", Status: bought, PayBy: at(900), CreatedAt: at(10.8), UpdatedAt: at(12), Items: []item{{"prd_a", 1}}}
			}
			late(b, c.came)
			if faults := b.outOfTurn(); len(faults) != c.want {
				t.Errorf("found %v, want %d", faults, c.want)
			}
		})
	}
}

// A try that failed may have taken a ticket, which the gate gets back later.
func TestAFailedTryMayHaveGivenATicketBack(t *testing.T) {
	b := wholeBooks()
	b.change("ord_2", func(o *placed) { o.UpdatedAt = at(300) })
	b.shoppers = append(b.shoppers, &shopper{user: "usr_4", product: "prd_a", came: at(12), asked: at(12), answered: at(12.1), order: "ord_4", told: held})
	b.orders["ord_4"] = placed{ID: "ord_4", Status: bought, PayBy: at(900), CreatedAt: at(12), UpdatedAt: at(13), Items: []item{{"prd_a", 1}}}
	if len(b.outOfTurn()) != 1 {
		t.Fatal("nothing came back, and it is not found")
	}
	b.shoppers[0].retried = true
	if faults := b.outOfTurn(); len(faults) != 0 {
		t.Errorf("found %v", faults)
	}
}

func TestNoTicketIsServedBehindARefusedOne(t *testing.T) {
	for name, c := range map[string]struct {
		ticket int64   // of the order that was refused at 2
		back   float64 // when the unit of ticket 3, which ran out, came back
		reason string
		want   int
	}{
		"refused before a later one":  {0, 300, soldOut, 1},
		"refused after all":           {9, 300, soldOut, 0},
		"refused for another reason":  {0, 300, "LIMIT_EXCEEDED", 0},
		"no ticket: Redis was absent": {-1, 300, soldOut, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := wholeBooks()
			b.change("ord_2", func(o *placed) { o.UpdatedAt, o.Ticket = at(c.back), 8 })
			b.change("ord_1", func(o *placed) { o.Ticket = 5 })
			b.change("ord_0", func(o *placed) { o.Ticket = 1 })
			b.orders["ord_9"] = placed{ID: "ord_9", Status: refused, Reason: c.reason, Ticket: c.ticket + 2, CreatedAt: at(1), UpdatedAt: at(2), Items: []item{{"prd_a", 1}}}
			if c.ticket < 0 {
				b.change("ord_9", func(o *placed) { o.Ticket = 0 })
			}
			faults := b.outOfTicketOrder("prd_a")
			if (len(faults) > 0) != (c.want > 0) {
				t.Errorf("found %v, want %d", faults, c.want)
			}
		})
	}
}
