package checkout

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"runrun/api/batch"
	"runrun/api/cache"
	"runrun/domain"
)

// Bounds of the wait for a ticket.
const (
	gateQueue   = 4096 // shoppers who wait at once; the next gets OVERLOADED
	gateBatch   = 256
	gateWriters = 2
	gateTimeout = 1500 * time.Millisecond
	// presenceTimeout is how long a shopper without a ticket waits for a report whether there is a gate at all.
	presenceTimeout = 300 * time.Millisecond
	// recentTicket is how long a ticket may take to become an order, before a shopper's limit is counted without it.
	recentTicket = 5 * time.Second
)

// errNoGate means that Redis is absent, so orders are accepted without tickets.
var errNoGate = errors.New("there is no gate: Redis is absent")

// Admission decides who may order: it acquires a ticket for each product of an order, first come, first served. Without a gate there
// are no tickets, and the shop goes on.
type Admission struct {
	gate     Gate
	tickets  *batch.Batcher[domain.GateEntry, domain.GateAnswer]
	presence Presence
	soldOut  *cache.SoldOut
	offers   *cache.Offers
	stocks   *cache.Stocks
	counts   Counts
	seeding  singleflight.Group
}

// NewAdmission returns an Admission. Tickets of many shoppers are drawn in one round trip.
func NewAdmission(
	gate Gate,
	presence Presence,
	counts Counts,
	offers *cache.Offers,
	stocks *cache.Stocks,
	soldOut *cache.SoldOut,
) (*Admission, error) {
	a := &Admission{gate: gate, presence: presence, soldOut: soldOut, offers: offers, stocks: stocks, counts: counts}
	var err error
	a.tickets, err = batch.New(gate.Enter, batch.Config{
		Name: "gate", Writers: gateWriters, Size: gateBatch, Queue: gateQueue, Timeout: readTimeout, SkipCanceled: true,
	})
	if err != nil {
		return nil, err
	}
	a.tickets.OnAbandoned(a.returnAbandoned)
	return a, nil
}

// Stop ends drawing tickets.
func (a *Admission) Stop() { a.tickets.Stop() }

// admitted are the tickets of an order, by product.
type admitted struct {
	tickets map[domain.ProductID]int64
	// gateless reports that there was no gate: whether a product is open has to be checked elsewhere.
	gateless bool
}

// withTickets returns the items with their tickets.
func (a admitted) withTickets(items []domain.OrderItem) []domain.OrderItem {
	with := make([]domain.OrderItem, len(items))
	for n, item := range items {
		item.Ticket = a.tickets[item.ProductID]
		with[n] = item
	}
	return with
}

// acquireTickets acquires a ticket for every product of an order. If one is refused, those before it are returned.
// Errors: SoldOut, LimitExceeded, NotOpenYet, Closed, UnknownProduct; Overloaded if the gate is there and has no ticket in time.
func (a *Admission) acquireTickets(ctx context.Context, id domain.OrderID, user domain.UserID, items []domain.OrderItem) (admitted, error) {
	acquired := admitted{tickets: map[domain.ProductID]int64{}}
	for n, item := range items {
		ticket, err := a.acquire(ctx, domain.GateEntry{Order: id, Product: item.ProductID, User: user, Quantity: item.Quantity}, n)
		if errors.Is(err, errNoGate) {
			acquired.gateless = true
			if err = nil; a.outOfStock(ctx, item) {
				err = errSoldOut(item.ProductID)
			}
		}
		if err != nil {
			a.returnTickets(ctx, id, user, acquired.withTickets(items[:n]))
			return acquired, err
		}
		acquired.tickets[item.ProductID] = ticket
	}
	return acquired, nil
}

// outOfStock reports, where there is no gate, whether too few units are left: by a count that is at most a second old, so that a
// rush costs one statement a second and not a row for everybody. If units cannot be counted, the reservation decides.
func (a *Admission) outOfStock(ctx context.Context, item domain.OrderItem) bool {
	stock, err := a.stocks.Get(ctx, item.ProductID)
	return err == nil && stock.Available < int64(item.Quantity)
}

// returnTickets gives back the tickets of an order that is not going to be.
func (a *Admission) returnTickets(ctx context.Context, id domain.OrderID, user domain.UserID, items []domain.OrderItem) {
	if err := a.gate.GiveBack(context.WithoutCancel(ctx), id, user, items); err != nil {
		slog.DebugContext(ctx, "gate give-back failed; left to the reconciler", "order_id", id, "error", err)
	}
}

// returnAbandoned gives back a ticket that came when its shopper had given up.
func (a *Admission) returnAbandoned(e domain.GateEntry, answer domain.GateAnswer) {
	if answer.Ticket > 0 {
		a.returnTickets(context.Background(), e.Order, e.User,
			[]domain.OrderItem{{ProductID: e.Product, Quantity: e.Quantity, Ticket: answer.Ticket}})
	}
}

// acquire acquires a ticket for one product; line is its place in the order.
// Errors: those of acquireTickets; errNoGate.
func (a *Admission) acquire(ctx context.Context, e domain.GateEntry, line int) (int64, error) {
	if a.soldOut.Refuses(e.Product) {
		return 0, errSoldOut(e.Product)
	}
	answer, err := a.enter(ctx, e, line)
	if err == nil && answer.Refusal != nil && answer.Refusal.Code == domain.CodeLimitExceeded {
		answer, err = a.confirmLimit(ctx, e, answer)
	}
	switch {
	case err != nil:
		return 0, err
	case answer.Refusal != nil:
		return 0, a.refusal(e, *answer.Refusal)
	}
	return answer.Ticket, nil
}

// enter draws a ticket, and opens the gate first if it is not there. A gate that is gone again at once is no gate.
// Errors: Overloaded, errNoGate, those of open.
func (a *Admission) enter(ctx context.Context, e domain.GateEntry, line int) (domain.GateAnswer, error) {
	answer, err := a.draw(ctx, e)
	if err != nil || !answer.Unseeded() {
		return answer, err
	}
	if err := a.ensureSeeded(ctx, e.Product, line); err != nil {
		return answer, err
	}
	answer, err = a.draw(ctx, e)
	if err == nil && answer.Unseeded() {
		err = errNoGate
	}
	return answer, err
}

// draw draws a ticket within gateTimeout. While Redis is reachable, every order needs a ticket: an order without one
// could be served before earlier shoppers who hold tickets, or be refused although it came first.
// Errors: Overloaded, errNoGate.
func (a *Admission) draw(ctx context.Context, e domain.GateEntry) (domain.GateAnswer, error) {
	if a.presence.Absent() {
		return domain.GateAnswer{}, errNoGate
	}
	waiting, cancel := context.WithTimeout(ctx, gateTimeout)
	defer cancel()
	answer, err := a.tickets.Do(waiting, e)
	if err == nil {
		err = answer.Err
	}
	if err == nil || domain.CodeOf(err) == domain.CodeOverloaded {
		return answer, err
	}
	checking, cancelCheck := context.WithTimeout(ctx, presenceTimeout)
	defer cancelCheck()
	if a.presence.Check(checking) {
		return answer, errNoGate
	}
	return answer, domain.Wrap(domain.CodeOverloaded, err, "too many are ordering at this moment; nothing was ordered, try again")
}

// confirmLimit asks the database whether a shopper really is at the limit, before that is refused: the gate may count a give-back
// that it never received. It corrects the count, and draws once more.
// Errors: Overloaded while an earlier request may still become an order; errNoGate, Unavailable.
func (a *Admission) confirmLimit(ctx context.Context, e domain.GateEntry, refused domain.GateAnswer) (domain.GateAnswer, error) {
	offer, err := a.offers.Get(ctx, e.Product)
	if err != nil {
		return refused, err
	}
	owned, err := a.counts.OwnedBy(ctx, e.Product, e.User)
	limit := int64(offer.Product.LimitPerShopper)
	if err != nil || limit > 0 && owned+int64(e.Quantity) > limit {
		return refused, err
	}
	recent, err := a.gate.CorrectOwned(ctx, e.Product, e.User, owned, recentTicket)
	if err != nil {
		return refused, domain.Wrap(domain.CodeOverloaded, err, "too many are ordering at this moment; nothing was ordered, try again")
	}
	if limit > 0 && owned+recent+int64(e.Quantity) > limit {
		return refused, domain.Errorf(domain.CodeOverloaded, "an earlier try of yours may still become an order; try again in a moment")
	}
	return a.enter(ctx, e, 0)
}

// refusal returns the error for a refusal of the gate, and caches that a product is sold out.
// Errors: SoldOut, NotOpenYet with the opening time, LimitExceeded, Closed.
func (a *Admission) refusal(e domain.GateEntry, r domain.GateRefusal) error {
	switch r.Code {
	case domain.CodeSoldOut:
		if e.Quantity == 1 { // a refusal of several units does not prove that none is left
			a.soldOut.Set(e.Product)
		}
		return errSoldOut(e.Product)
	case domain.CodeNotOpenYet:
		return domain.Errorf(domain.CodeNotOpenYet, "product %s is on sale from %s; nothing was ordered",
			e.Product, r.OpensAt.Format(time.RFC3339)).WithRetryAt(r.OpensAt)
	case domain.CodeLimitExceeded:
		return domain.Errorf(domain.CodeLimitExceeded, "the limit per shopper of product %s is reached; nothing was ordered", e.Product)
	}
	return domain.Errorf(r.Code, "the sale of product %s has ended; nothing was ordered", e.Product)
}

// errSoldOut returns the error for a product of which too few units are left.
func errSoldOut(product domain.ProductID) error {
	return domain.Errorf(domain.CodeSoldOut, "product %s is sold out; nothing was ordered", product)
}
