package audit

import "testing"

// A fourth shopper comes after one was refused at the door. That is wrong, unless a unit came back before.
func TestNobodyIsServedWhoCameAfterOneWhoWasRefused(t *testing.T) {
	late := func(a *Audit, came float64) {
		a.Shoppers = append(a.Shoppers,
			&Shopper{User: "usr_4", Product: "prd_a", Came: at(came), Asked: at(came), Answered: at(came + 0.1), Order: "ord_4", Told: Held})
		a.Orders["ord_4"] = Order{
			ID:        "ord_4",
			Status:    Placed,
			PayBy:     at(900),
			CreatedAt: at(came),
			UpdatedAt: at(came + 5),
			Items:     []Item{{"prd_a", 1}},
		}
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
			a := balanced()
			a.change("ord_2", func(o *Order) { o.UpdatedAt = at(c.back) })
			if c.came < 0 { // another one before
				c.came = -c.came
				a.Shoppers = append(a.Shoppers,
					&Shopper{User: "usr_5", Product: "prd_a", Came: at(10.8), Asked: at(10.8), Answered: at(10.9), Order: "ord_5", Told: Held})
				a.Orders["ord_5"] = Order{
					ID:        "ord_5",
					Status:    Placed,
					PayBy:     at(900),
					CreatedAt: at(10.8),
					UpdatedAt: at(12),
					Items:     []Item{{"prd_a", 1}},
				}
			}
			late(a, c.came)
			if faults := a.unfair(); len(faults) != c.want {
				t.Errorf("found %v, want %d", faults, c.want)
			}
		})
	}
}

// A try that failed may have taken a ticket, which the gate gets back later.
func TestAFailedTryMayHaveGivenATicketBack(t *testing.T) {
	a := balanced()
	a.change("ord_2", func(o *Order) { o.UpdatedAt = at(300) })
	a.Shoppers = append(a.Shoppers,
		&Shopper{User: "usr_4", Product: "prd_a", Came: at(12), Asked: at(12), Answered: at(12.1), Order: "ord_4", Told: Held})
	a.Orders["ord_4"] = Order{ID: "ord_4", Status: Placed, PayBy: at(900), CreatedAt: at(12), UpdatedAt: at(13), Items: []Item{{"prd_a", 1}}}
	if len(a.unfair()) != 1 {
		t.Fatal("nothing came back, and it is not found")
	}
	a.Shoppers[0].Retried = true
	if faults := a.unfair(); len(faults) != 0 {
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
		"refused before a later one":  {0, 300, SoldOut, 1},
		"refused after all":           {9, 300, SoldOut, 0},
		"refused for another reason":  {0, 300, "LIMIT_EXCEEDED", 0},
		"no ticket: Redis was absent": {-1, 300, SoldOut, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := balanced()
			a.change("ord_2", func(o *Order) { o.UpdatedAt, o.Ticket = at(c.back), 8 })
			a.change("ord_1", func(o *Order) { o.Ticket = 5 })
			a.change("ord_0", func(o *Order) { o.Ticket = 1 })
			a.Orders["ord_9"] = Order{
				ID:        "ord_9",
				Status:    Refused,
				Reason:    c.reason,
				Ticket:    c.ticket + 2,
				CreatedAt: at(1),
				UpdatedAt: at(2),
				Items:     []Item{{"prd_a", 1}},
			}
			if c.ticket < 0 {
				a.change("ord_9", func(o *Order) { o.Ticket = 0 })
			}
			faults := a.outOfTicketOrder("prd_a")
			if (len(faults) > 0) != (c.want > 0) {
				t.Errorf("found %v, want %d", faults, c.want)
			}
		})
	}
}
