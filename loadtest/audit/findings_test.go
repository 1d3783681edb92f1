package audit

import (
	"strings"
	"testing"
)

// More that can be wrong, each broken once beside what the drop's other faults find.
func TestTheAuditFindsWhatElseIsWrong(t *testing.T) {
	refused := Order{ID: "ord_x", Status: Refused, Reason: SoldOut, Ticket: 4, CreatedAt: at(1), UpdatedAt: at(2), Items: []Item{{"prd_a", 1}}}
	for name, c := range map[string]struct {
		damage func(*Audit)
		want   string
	}{
		"no answer, and no fault": {func(a *Audit) { a.Shoppers[3].Told = "" }, `misled: usr_3 was told ""`},
		"paid, and given back": {
			func(a *Audit) { a.Ledger.Cancels = []Movement{{"ord_0", 1000}} }, "money: order ord_0 is PLACED; 1000 was charged and 1000",
		},
		"given back without a charge": {
			func(a *Audit) { a.Ledger.Cancels = []Movement{{"ord_2", 1000}} }, "money: order ord_2 is EXPIRED; 0 was charged and 1000",
		},
		"charged once in two parts": {
			func(a *Audit) { a.Ledger.Approvals = []Movement{{"ord_0", 1000}, {"ord_1", 400}, {"ord_1", 600}} },
			"money: order ord_1 was charged 2 times",
		},
		"units out of nothing": {
			func(a *Audit) { a.Stocks["prd_a"] = Stock{"prd_a", 4, 2, 0, 2} }, "imbalance: the stock of prd_a is 4 = 2 available",
		},
		"a sale that nobody paid":            {func(a *Audit) { a.Stocks["prd_a"] = Stock{"prd_a", 3, 0, 0, 3} }, "imbalance: "},
		"the stock of another product":       {func(a *Audit) { a.Stocks["prd_a"] = Stock{"prd_b", 3, 1, 0, 2} }, "imbalance: "},
		"a product without a stock":          {func(a *Audit) { delete(a.Stocks, "prd_a") }, "imbalance: the stock of prd_a is 0"},
		"Temporal does not know the product": {func(a *Audit) { delete(a.Workflows, "prd_a") }, "workflows: of prd_a"},
		"a later ticket is served": {func(a *Audit) {
			a.change("ord_0", func(o *Order) { o.Ticket = 5 })
			a.Orders["ord_x"] = refused
		}, "fairness: ticket 4 of prd_a was refused as sold out, and ticket 5 served"},
		"a later shopper is served": {func(a *Audit) {
			a.change("ord_2", func(o *Order) { o.UpdatedAt = at(300) })
			a.Shoppers[2].Came, a.Shoppers[2].Asked, a.Shoppers[2].Answered = at(20), at(20), at(20.1)
			a.change("ord_2", func(o *Order) { o.CreatedAt = at(20) })
		}, "fairness: usr_3 was refused at "},
	} {
		t.Run(name, func(t *testing.T) {
			a := balanced()
			c.damage(a)
			for _, fault := range a.Findings() {
				if strings.HasPrefix(fault.Error(), c.want) {
					return
				}
			}
			t.Errorf("found %v, want %s", a.Findings(), c.want)
		})
	}
}

// What happens on a bad day and is nobody's loss is no finding.
func TestTheAuditForgivesWhatIsAllowed(t *testing.T) {
	for name, change := range map[string]func(*Audit){
		"one too many after a failed try": func(a *Audit) { a.Shoppers[3].Told, a.Shoppers[3].Retried = LimitExceeded, true },
		"a failed try may have had the unit": func(a *Audit) {
			a.Units, a.Shoppers[3].Retried, a.Stocks["prd_a"] = 4, true, Stock{"prd_a", 4, 2, 0, 2}
		},
		"no tickets, since Redis is not there": func(a *Audit) { a.WithoutRedis = true; a.change("ord_0", func(o *Order) { o.Ticket = 0 }) },
		"Temporal was not asked":               func(a *Audit) { a.Workflows = nil },
		"delivered before it was counted": func(a *Audit) {
			a.Shoppers[0].Bought = true
			a.change("ord_0", func(o *Order) { o.Status = "DELIVERED" })
			a.Workflows = ByStatus(a.Products, a.Orders)
		},
		"canceled, charged and given back": func(a *Audit) {
			a.Shoppers[2].Canceled = true
			a.Ledger.Approvals, a.Ledger.Cancels = append(a.Ledger.Approvals, Movement{"ord_2", 1000}), []Movement{{"ord_2", 1000}}
			a.change("ord_2", func(o *Order) { o.Status = "CANCELED" })
			a.Workflows = ByStatus(a.Products, a.Orders)
		},
		"accepted and refused where nothing was promised": func(a *Audit) {
			a.Orders["ord_x"] = Order{ID: "ord_x", Status: Refused, Reason: SoldOut, Ticket: 9, UpdatedAt: at(5), Items: []Item{{"prd_a", 1}}}
			a.Workflows = ByStatus(a.Products, a.Orders)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := balanced()
			change(a)
			if faults := a.Findings(); len(faults) > 0 {
				t.Errorf("found %v", faults)
			}
		})
	}
}
