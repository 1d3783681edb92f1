package main

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

// wholeBooks are those of a drop of three units: two paid, one that ran out, one refused. Nothing is wrong with them.
func wholeBooks() *books {
	b := &books{products: []string{"prd_a"}, units: 3, orders: map[string]placed{}}
	for n, status := range []string{bought, bought, "EXPIRED"} {
		o := placed{
			ID: fmt.Sprint("ord_", n), Status: status, Ticket: int64(n + 1), PaymentAmount: 1000, PayBy: at(60), Items: []item{{"prd_a", 1}},
			CreatedAt: at(float64(n)), UpdatedAt: at(float64(n) + 0.5), user: fmt.Sprint("usr_", n),
		}
		b.orders[o.ID] = o
		b.shoppers = append(b.shoppers, &shopper{
			user: o.user, product: "prd_a", came: at(float64(n)), asked: at(float64(n)), answered: at(float64(n) + 0.1), order: o.ID, told: held,
		})
	}
	b.shoppers = append(b.shoppers, &shopper{user: "usr_3", product: "prd_a", came: at(10), asked: at(10), answered: at(10.1), told: soldOut})
	b.ledger.Approvals = []movement{{"ord_0", 1000}, {"ord_1", 1000}, {"ord_of_others", 5}}
	b.stocks = map[string]stock{"prd_a": {ProductID: "prd_a", Total: 3, Available: 1, Sold: 2}}
	b.workflows = map[string]map[string]int64{"prd_a": {everyStatus: 3, bought: 2, "EXPIRED": 1}}
	return b
}

func (b *books) change(id string, edit func(*placed)) {
	o := b.orders[id]
	edit(&o)
	b.orders[id] = o
}

func TestWholeBooksBalance(t *testing.T) {
	if faults := wholeBooks().faults(); len(faults) > 0 {
		t.Errorf("found %v", faults)
	}
}

// Every promise is broken once, and each time the books say which.
func TestTheBooksFindWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(*books)
		want   string
	}{
		"a shopper never heard": {func(b *books) { b.shoppers[3].fault = fmt.Errorf("timeout") }, "unanswered"},
		"an accepted order is gone": {func(b *books) {
			delete(b.orders, "ord_2")
			b.workflows["prd_a"] = byStatus(b.products, b.orders)["prd_a"]
		}, "lost"},
		"refused by a fault of ours":       {func(b *books) { b.shoppers[3].told = "INTERNAL" }, "misled"},
		"one too many, who came once":      {func(b *books) { b.shoppers[3].told = limitExceeded }, "misled"},
		"sold out with units on the shelf": {func(b *books) { b.units++; b.stocks["prd_a"] = stock{"prd_a", 4, 2, 0, 2} }, "misled"},
		"sold out, though one try failed": {func(b *books) {
			b.units, b.shoppers[3].retried = 5, true
			b.stocks["prd_a"] = stock{"prd_a", 5, 3, 0, 2}
		}, "misled"},
		"accepted, and refused later": {func(b *books) {
			b.firm = true
			b.orders["ord_x"] = placed{ID: "ord_x", Status: refused, Reason: soldOut, Ticket: 9, Items: []item{{"prd_a", 1}}}
		}, "misled"},
		"without a ticket":              {func(b *books) { b.change("ord_1", func(o *placed) { o.Ticket = 0 }) }, "ticket"},
		"bought, and then not":          {func(b *books) { b.shoppers[2].bought = true }, "lost"},
		"canceled, and then not":        {func(b *books) { b.shoppers[0].canceled = true }, "lost"},
		"held, and then never was":      {func(b *books) { b.change("ord_2", func(o *placed) { o.PayBy = time.Time{} }) }, "lost"},
		"an order that nobody finishes": {func(b *books) { b.change("ord_2", func(o *placed) { o.Status = "PAYING" }) }, "unsettled"},
		"oversold":                      {func(b *books) { b.units = 1 }, "imbalance"},
		"a unit that did not come back": {func(b *books) { b.stocks["prd_a"] = stock{"prd_a", 3, 0, 1, 2} }, "imbalance"},
		"charged twice":                 {func(b *books) { b.ledger.Approvals = append(b.ledger.Approvals, movement{"ord_1", 1000}) }, "money"},
		"charged twice, once given back": {func(b *books) {
			b.ledger.Approvals = append(b.ledger.Approvals, movement{"ord_1", 1000})
			b.ledger.Cancels = []movement{{"ord_1", 1000}}
		}, "money"},
		"charged for what ran out":         {func(b *books) { b.ledger.Approvals = append(b.ledger.Approvals, movement{"ord_2", 1000}) }, "money"},
		"sold and not charged":             {func(b *books) { b.ledger.Approvals = b.ledger.Approvals[1:] }, "money"},
		"charged too much":                 {func(b *books) { b.ledger.Approvals[0].Amount = 1001 }, "money"},
		"Temporal has one more":            {func(b *books) { maps.Copy(b.workflows["prd_a"], map[string]int64{everyStatus: 4}) }, "workflows"},
		"Temporal believes something else": {func(b *books) { maps.Copy(b.workflows["prd_a"], map[string]int64{bought: 1}) }, "workflows"},
	} {
		t.Run(name, func(t *testing.T) {
			b := wholeBooks()
			c.damage(b)
			for _, fault := range b.faults() {
				if strings.HasPrefix(fault.Error(), c.want+":") {
					return
				}
			}
			t.Errorf("found %v, want %s", b.faults(), c.want)
		})
	}
}

func TestTheTableOfTheBooksSaysWhatIsWrong(t *testing.T) {
	b := wholeBooks()
	if text := b.table(); !strings.Contains(text, "3 = 1 available + 0 held + 2 sold") || !strings.Contains(text, "2 approvals") || !strings.Contains(text, "The books balance") {
		t.Error(text)
	}
	b.units = 4
	if text := b.table(); strings.Contains(text, "The books balance") || !strings.Contains(text, "WRONG      imbalance") {
		t.Error(text)
	}
}
