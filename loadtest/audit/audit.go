package audit

import (
	"fmt"
	"slices"
	"time"
)

// Audit is everything that was found by counting, through public interfaces only.
type Audit struct {
	Products []string
	Units    int64 // of each product
	Shoppers []*Shopper
	Orders   map[string]Order
	Stocks   map[string]Stock
	Ledger   Ledger
	// Firm says that nobody who is accepted may be refused later; WithoutRedis that orders have no tickets.
	Firm, WithoutRedis bool
	Workflows          map[string]map[string]int64 // by product and order status; nil if Temporal was not asked
}

// Shopper is what one shopper did and was told.
type Shopper struct {
	User, Product string
	Came          time.Time // when the first try was sent
	Asked         time.Time // when the answered try was sent
	Answered      time.Time // when the shop said yes or no
	Order         string    // the order's id, if one was accepted
	Told          string    // the latest status or code that the shop said
	Bought        bool      // the shop said that it is paid
	Canceled      bool      // the shop said that it is canceled, or will be when the money is back
	Returned      bool      // the shop said that it is being returned
	Retried       bool      // a try failed: what it took at the gate may have come back unseen
	Fault         error     // why there is no answer
}

// Stock is how a product's units are spread.
type Stock struct {
	ProductID                    string
	Total, Available, Held, Sold int64
}

// Movement is one line of the gateway's ledger.
type Movement struct {
	OrderID string `json:"orderId"`
	Amount  int64  `json:"amount"`
}

// Ledger is what the gateway says about money.
type Ledger struct {
	Approvals []Movement `json:"approvals"`
	Cancels   []Movement `json:"cancels"`
}

// Findings are all that is wrong; none is the promise.
func (a *Audit) Findings() []error {
	return slices.Concat(a.unanswered(), a.misled(), a.lost(), a.unsettled(), a.imbalances(), a.wrongMoney(),
		a.wrongWorkflows(), a.ticketless(), a.unfair())
}

// unanswered are the shoppers who never heard.
func (a *Audit) unanswered() (faults []error) {
	for _, sh := range a.Shoppers {
		if sh.Fault != nil {
			faults = append(faults, fmt.Errorf("unanswered: %w", sh.Fault))
		}
	}
	return faults
}

// misled are the shoppers who were told what cannot be: an answer that no shopper deserves, or that nothing is left while
// there was.
func (a *Audit) misled() (faults []error) {
	served, hidden, refusals := map[string]int64{}, map[string]int64{}, map[string]*Shopper{}
	for _, sh := range a.Shoppers {
		o := a.Orders[sh.Order]
		if o.Served() {
			served[sh.Product] += o.Units(sh.Product)
		}
		if sh.Retried { // the try that failed may have had a unit for a while, and nobody knows when it came back
			hidden[sh.Product]++
		}
		switch {
		case sh.Told == SoldOut:
			refusals[sh.Product] = sh
		case sh.Told == Received, sh.Told == Held, sh.Told == "PAYING", AfterPurchase[sh.Told], gaveBack[sh.Told], sh.Fault != nil:
		case sh.Told == LimitExceeded && sh.Retried: // the try that failed may still have a ticket
		default:
			faults = append(faults, fmt.Errorf("misled: %s was told %q", sh.User, sh.Told))
		}
	}
	for product, sh := range refusals {
		if served[product]+hidden[product] < a.Units {
			faults = append(
				faults,
				fmt.Errorf("misled: %s was told that %s is sold out; %d of %d units were ever given out, %d more perhaps to tries that failed",
					sh.User, product, served[product], a.Units, hidden[product]),
			)
		}
	}
	if a.Firm {
		for _, o := range a.Orders {
			if o.Status == Refused {
				faults = append(faults, fmt.Errorf("misled: order %s was accepted, and refused later as %s", o.ID, o.Reason))
			}
		}
	}
	return faults
}

// ticketless are the orders that came in without a ticket though Redis was there: whoever has one is served after them.
func (a *Audit) ticketless() (faults []error) {
	if a.WithoutRedis {
		return nil
	}
	for _, o := range a.Orders {
		if o.Ticket == 0 {
			faults = append(faults, fmt.Errorf("ticket: order %s of %s has none", o.ID, o.User))
		}
	}
	return faults
}

// lost are the orders whose id a shopper was given, and that the shop does not know, or remembers otherwise.
func (a *Audit) lost() (faults []error) {
	for _, sh := range a.Shoppers {
		if sh.Order == "" {
			continue
		}
		o, found := a.Orders[sh.Order]
		switch {
		case !found:
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is accepted; the shop has no such order", sh.User, sh.Order))
		case sh.Returned && o.Status != "RETURNED":
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is returned; it is %s", sh.User, sh.Order, o.Status))
		case sh.Bought && !sh.Canceled && !sh.Returned && !AfterPurchase[o.Status]:
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is bought; it is %s", sh.User, sh.Order, o.Status))
		case sh.Canceled && o.Status != "CANCELED":
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is canceled; it is %s", sh.User, sh.Order, o.Status))
		case sh.Told == Held && !o.Served():
			faults = append(faults, fmt.Errorf("lost: %s was told that order %s is HELD; it is %s and never was", sh.User, sh.Order, o.Status))
		}
	}
	return faults
}

// unsettled are the orders that nobody finishes.
func (a *Audit) unsettled() (faults []error) {
	for _, o := range a.Orders {
		if !o.Settled() {
			faults = append(faults, fmt.Errorf("unsettled: order %s is still %s", o.ID, o.Status))
		}
	}
	return faults
}

// sold counts the units of a product in orders that are paid.
func (a *Audit) sold(product string) (units int64) {
	for _, o := range a.Orders {
		if AfterPurchase[o.Status] {
			units += o.Units(product)
		}
	}
	return units
}

// imbalances are the products of which more or less is gone than was sold.
func (a *Audit) imbalances() (faults []error) {
	for _, product := range a.Products {
		s, sold := a.Stocks[product], a.sold(product)
		if want := (Stock{ProductID: product, Total: a.Units, Available: a.Units - sold, Sold: sold}); s != want {
			faults = append(
				faults,
				fmt.Errorf("imbalance: the stock of %s is %d = %d available + %d held + %d sold; of %d units %d are in paid orders",
					product, s.Total, s.Available, s.Held, s.Sold, a.Units, sold),
			)
		}
	}
	return faults
}

// wrongMoney are the orders that were charged twice, or not, or for nothing.
func (a *Audit) wrongMoney() (faults []error) {
	type moved struct{ approvals, approved, canceled int64 }
	money := map[string]moved{}
	for _, a := range a.Ledger.Approvals {
		m := money[a.OrderID]
		money[a.OrderID] = moved{m.approvals + 1, m.approved + a.Amount, m.canceled}
	}
	for _, c := range a.Ledger.Cancels {
		m := money[c.OrderID]
		money[c.OrderID] = moved{m.approvals, m.approved, m.canceled + c.Amount}
	}
	for id, o := range a.Orders {
		m, due := money[id], int64(0)
		if AfterPurchase[o.Status] {
			due = o.PaymentAmount
		}
		if m.approved-m.canceled != due {
			faults = append(faults,
				fmt.Errorf("money: order %s is %s; %d was charged and %d given back, want %d", id, o.Status, m.approved, m.canceled, due))
		}
		if due > 0 && m.approvals != 1 || m.approvals > 1 {
			faults = append(faults, fmt.Errorf("money: order %s was charged %d times", id, m.approvals))
		}
	}
	return faults
}
