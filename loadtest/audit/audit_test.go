package audit

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// at is a moment some seconds after noon.
func at(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// balanced is the audit of a drop of three units: two paid, one that ran out, one refused. Nothing is wrong with them.
func balanced() *Audit {
	a := &Audit{Products: []string{"prd_a"}, Units: 3, Orders: map[string]Order{}}
	for n, status := range []string{Placed, Placed, "EXPIRED"} {
		o := Order{
			ID: fmt.Sprint("ord_", n), Status: status, Ticket: int64(n + 1), PaymentAmount: 1000, PayBy: at(60), Items: []Item{{"prd_a", 1}},
			CreatedAt: at(float64(n)), UpdatedAt: at(float64(n) + 0.5), User: fmt.Sprint("usr_", n),
		}
		a.Orders[o.ID] = o
		a.Shoppers = append(a.Shoppers, &Shopper{
			User: o.User, Product: "prd_a", Came: at(float64(n)), Asked: at(float64(n)), Answered: at(float64(n) + 0.1), Order: o.ID, Told: Held,
		})
	}
	a.Shoppers = append(a.Shoppers, &Shopper{User: "usr_3", Product: "prd_a", Came: at(10), Asked: at(10), Answered: at(10.1), Told: SoldOut})
	a.Ledger.Approvals = []Movement{{"ord_0", 1000}, {"ord_1", 1000}, {"ord_of_others", 5}}
	a.Stocks = map[string]Stock{"prd_a": {ProductID: "prd_a", Total: 3, Available: 1, Sold: 2}}
	a.Workflows = map[string]map[string]int64{"prd_a": {EveryStatus: 3, Placed: 2, "EXPIRED": 1}}
	return a
}

func (a *Audit) change(id string, edit func(*Order)) {
	o := a.Orders[id]
	edit(&o)
	a.Orders[id] = o
}

func TestABalancedAuditFindsNothing(t *testing.T) {
	if faults := balanced().Findings(); len(faults) > 0 {
		t.Errorf("found %v", faults)
	}
}

// Every promise is broken once, and each time the audit says which.
func TestTheAuditFindsWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(*Audit)
		want   string
	}{
		"a shopper never heard": {func(a *Audit) { a.Shoppers[3].Fault = fmt.Errorf("timeout") }, "unanswered"},
		"an accepted order is gone": {func(a *Audit) {
			delete(a.Orders, "ord_2")
			a.Workflows["prd_a"] = ByStatus(a.Products, a.Orders)["prd_a"]
		}, "lost"},
		"refused by a fault of ours":    {func(a *Audit) { a.Shoppers[3].Told = "INTERNAL" }, "misled"},
		"one too many, who came once":   {func(a *Audit) { a.Shoppers[3].Told = LimitExceeded }, "misled"},
		"sold out with units available": {func(a *Audit) { a.Units++; a.Stocks["prd_a"] = Stock{"prd_a", 4, 2, 0, 2} }, "misled"},
		"sold out, though one try failed": {func(a *Audit) {
			a.Units, a.Shoppers[3].Retried = 5, true
			a.Stocks["prd_a"] = Stock{"prd_a", 5, 3, 0, 2}
		}, "misled"},
		"accepted, and refused later": {func(a *Audit) {
			a.Firm = true
			a.Orders["ord_x"] = Order{ID: "ord_x", Status: Refused, Reason: SoldOut, Ticket: 9, Items: []Item{{"prd_a", 1}}}
		}, "misled"},
		"without a ticket":              {func(a *Audit) { a.change("ord_1", func(o *Order) { o.Ticket = 0 }) }, "ticket"},
		"Placed, and then not":          {func(a *Audit) { a.Shoppers[2].Bought = true }, "lost"},
		"canceled, and then not":        {func(a *Audit) { a.Shoppers[0].Canceled = true }, "lost"},
		"held, and then never was":      {func(a *Audit) { a.change("ord_2", func(o *Order) { o.PayBy = time.Time{} }) }, "lost"},
		"an order that nobody finishes": {func(a *Audit) { a.change("ord_2", func(o *Order) { o.Status = "PAYING" }) }, "unsettled"},
		"oversold":                      {func(a *Audit) { a.Units = 1 }, "imbalance"},
		"a unit that did not come back": {func(a *Audit) { a.Stocks["prd_a"] = Stock{"prd_a", 3, 0, 1, 2} }, "imbalance"},
		"charged twice":                 {func(a *Audit) { a.Ledger.Approvals = append(a.Ledger.Approvals, Movement{"ord_1", 1000}) }, "money"},
		"charged twice, once given back": {func(a *Audit) {
			a.Ledger.Approvals = append(a.Ledger.Approvals, Movement{"ord_1", 1000})
			a.Ledger.Cancels = []Movement{{"ord_1", 1000}}
		}, "money"},
		"charged for what ran out":         {func(a *Audit) { a.Ledger.Approvals = append(a.Ledger.Approvals, Movement{"ord_2", 1000}) }, "money"},
		"sold and not charged":             {func(a *Audit) { a.Ledger.Approvals = a.Ledger.Approvals[1:] }, "money"},
		"charged too much":                 {func(a *Audit) { a.Ledger.Approvals[0].Amount = 1001 }, "money"},
		"Temporal has one more":            {func(a *Audit) { maps.Copy(a.Workflows["prd_a"], map[string]int64{EveryStatus: 4}) }, "workflows"},
		"Temporal believes something else": {func(a *Audit) { maps.Copy(a.Workflows["prd_a"], map[string]int64{Placed: 1}) }, "workflows"},
	} {
		t.Run(name, func(t *testing.T) {
			a := balanced()
			c.damage(a)
			for _, fault := range a.Findings() {
				if strings.HasPrefix(fault.Error(), c.want+":") {
					return
				}
			}
			t.Errorf("found %v, want %s", a.Findings(), c.want)
		})
	}
}

func TestTheTableSaysWhatIsWrong(t *testing.T) {
	a := balanced()
	if text := a.Table(); !strings.Contains(text, "3 = 1 available + 0 held + 2 sold") || !strings.Contains(text, "2 approvals") ||
		!strings.Contains(text, "Everything balances") {
		t.Error(text)
	}
	a.Units = 4
	if text := a.Table(); strings.Contains(text, "Everything balances") || !strings.Contains(text, "WRONG      imbalance") {
		t.Error(text)
	}
}
