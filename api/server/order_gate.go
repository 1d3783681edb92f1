package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"runrun/domain"
)

// Bounds of the wait for a ticket.
const (
	gateBacklog  = 4096 // shoppers who wait at once; the next is told OVERLOADED
	gateBatch    = 256
	gateWriters  = 2
	gatePatience = 1500 * time.Millisecond
	// presenceCheck is how long a shopper without a ticket waits for word whether there is a Redis at all.
	presenceCheck = 300 * time.Millisecond
	// recentTicket is how long a ticket may take to become an order, before a shopper's limit is counted without it.
	recentTicket = 5 * time.Second
)

// errNoGate means that Redis is absent, so orders are taken without tickets.
var errNoGate = errors.New("there is no gate: Redis is absent")

// newEntries draws tickets, those of many shoppers in one round trip. A ticket whose shopper does not wait any more is returned.
func newEntries(enter func(context.Context, []domain.GateEntry) ([]domain.GateAnswer, error), giveBack func(domain.GateEntry, int64)) (*batcher[domain.GateEntry, domain.GateAnswer], error) {
	entries, err := newBatcher(enter, batching{
		name: "gate", actors: gateWriters, most: gateBatch, backlog: gateBacklog, limit: lookUpLimit, dropsGone: true,
	})
	if err != nil {
		return nil, err
	}
	entries.orphaned = func(e domain.GateEntry, a domain.GateAnswer) {
		if a.Ticket > 0 {
			giveBack(e, a.Ticket)
		}
	}
	return entries, nil
}

// admission is what the gate gave an order: a ticket for each product. Without Redis there is none, and the shop goes on.
type admission struct {
	tickets map[domain.ProductID]int64
	// gateless says that there was no gate: whether a product is open has to be asked elsewhere.
	gateless bool
}

// admit asks the gate for every product of an order. A refused second product gives the first back.
// Errors: SoldOut, LimitExceeded, NotOpenYet, Closed, UnknownProduct; Overloaded if the gate is there and has no ticket in time.
func (s *Server) admit(ctx context.Context, id domain.OrderID, user domain.UserID, items []domain.OrderItem) (admission, error) {
	a := admission{tickets: map[domain.ProductID]int64{}}
	for n, item := range items {
		ticket, err := s.admitOne(ctx, domain.GateEntry{Order: id, Product: item.ProductID, User: user, Quantity: item.Quantity}, n)
		if errors.Is(err, errNoGate) {
			a.gateless = true
			if err = nil; s.nothingLeft(ctx, item) {
				err = domain.Errorf(domain.SoldOut, "it is sold out")
			}
		}
		if err != nil {
			s.leave(ctx, id, user, a.took(items[:n]))
			return a, err
		}
		a.tickets[item.ProductID] = ticket
	}
	return a, nil
}

// nothingLeft says, where there is no gate, whether the shelf is empty: a count that is at most a second old, so that a
// rush costs one statement a second and not a row for everybody. If it cannot be counted, the reservation decides.
func (s *Server) nothingLeft(ctx context.Context, item domain.OrderItem) bool {
	stock, err := s.stocks.get(ctx, item.ProductID)
	return err == nil && stock.Available < int64(item.Quantity)
}

// took returns the items with their tickets.
func (a admission) took(items []domain.OrderItem) []domain.OrderItem {
	taken := make([]domain.OrderItem, len(items))
	for n, item := range items {
		item.Ticket = a.tickets[item.ProductID]
		taken[n] = item
	}
	return taken
}

// leave gives back what an order took that is not going to be.
func (s *Server) leave(ctx context.Context, id domain.OrderID, user domain.UserID, items []domain.OrderItem) {
	if err := s.gate.GiveBack(context.WithoutCancel(ctx), id, user, items); err != nil {
		slog.DebugContext(ctx, "gate give-back failed; the reconciler will", "order_id", id, "error", err)
	}
}

// leaveLate gives back a ticket that came when its shopper had gone.
func (s *Server) leaveLate(e domain.GateEntry, ticket int64) {
	s.leave(context.Background(), e.Order, e.User, []domain.OrderItem{{ProductID: e.Product, Quantity: e.Quantity, Ticket: ticket}})
}

// admitOne asks the gate for one product.
// Errors: those of admit; errNoGate.
func (s *Server) admitOne(ctx context.Context, e domain.GateEntry, line int) (int64, error) {
	if s.soldOut.is(e.Product) {
		return 0, domain.Errorf(domain.SoldOut, "it is sold out")
	}
	answer, err := s.enter(ctx, e, line)
	if err == nil && answer.Refusal != nil && answer.Refusal.Code == domain.LimitExceeded {
		answer, err = s.enterAgain(ctx, e, answer)
	}
	switch {
	case err != nil:
		return 0, err
	case answer.Refusal != nil:
		return 0, s.refusal(ctx, e, *answer.Refusal)
	}
	return answer.Ticket, nil
}

// enter draws a ticket, and opens the gate first if it is not there. A gate that is gone again at once is no gate.
// Errors: Overloaded, errNoGate, those of opening it.
func (s *Server) enter(ctx context.Context, e domain.GateEntry, line int) (domain.GateAnswer, error) {
	answer, err := s.draw(ctx, e)
	if err != nil || !answer.Unseeded() {
		return answer, err
	}
	if err := s.openGate(ctx, e.Product, line); err != nil {
		return answer, err
	}
	answer, err = s.draw(ctx, e)
	if err == nil && answer.Unseeded() {
		err = errNoGate
	}
	return answer, err
}

// draw asks for a ticket, within the patience of a shopper. While Redis is there nobody orders without one: whoever slipped in
// would be served before those who have one, or be refused when they are.
// Errors: Overloaded, errNoGate.
func (s *Server) draw(ctx context.Context, e domain.GateEntry) (domain.GateAnswer, error) {
	if s.presence.Absent() {
		return domain.GateAnswer{}, errNoGate
	}
	patient, cancel := context.WithTimeout(ctx, gatePatience)
	defer cancel()
	answer, err := s.entries.ask(patient, e)
	if err == nil {
		err = answer.Err
	}
	if err == nil || domain.CodeOf(err) == domain.Overloaded {
		return answer, err
	}
	checking, cancelCheck := context.WithTimeout(ctx, presenceCheck)
	defer cancelCheck()
	if s.presence.Check(checking) {
		return answer, errNoGate
	}
	return answer, domain.Because(domain.Overloaded, err, "too many are ordering at this moment; nothing was ordered, try again")
}

// enterAgain asks the database whether a shopper really is at the limit, before that is refused: the gate may count a give-back
// that it never heard of. It corrects the count, and asks the gate once more.
// Errors: Overloaded while a try of a moment ago may still become an order; errNoGate, Unavailable.
func (s *Server) enterAgain(ctx context.Context, e domain.GateEntry, refused domain.GateAnswer) (domain.GateAnswer, error) {
	offer, err := s.offers.get(ctx, e.Product)
	if err != nil {
		return refused, err
	}
	owned, err := s.store.OwnedBy(ctx, e.Product, e.User)
	limit := int64(offer.Product.LimitPerShopper)
	if err != nil || limit > 0 && owned+int64(e.Quantity) > limit {
		return refused, err
	}
	recent, err := s.gate.CorrectOwned(ctx, e.Product, e.User, owned, recentTicket)
	if err != nil {
		return refused, domain.Because(domain.Overloaded, err, "too many are ordering at this moment; nothing was ordered, try again")
	}
	if limit > 0 && owned+recent+int64(e.Quantity) > limit {
		return refused, domain.Errorf(domain.Overloaded, "an earlier try of yours may still become an order; try again in a moment")
	}
	return s.enter(ctx, e, 0)
}

// refusal is the error for a shopper whom the gate does not let in.
func (s *Server) refusal(ctx context.Context, e domain.GateEntry, r domain.GateRefusal) error {
	switch r.Code {
	case domain.SoldOut:
		if e.Quantity == 1 { // more than one may be too many where one is not
			s.soldOut.set(e.Product)
		}
		return domain.Errorf(domain.SoldOut, "it is sold out")
	case domain.NotOpenYet:
		early := problemOf(ctx, domain.Errorf(domain.NotOpenYet, "it opens at %s", r.OpensAt.Format(time.RFC3339)))
		early.OpensAt = &r.OpensAt
		return early
	case domain.LimitExceeded:
		return domain.Errorf(domain.LimitExceeded, "that would be more than one shopper may have")
	}
	return domain.Errorf(r.Code, "it is closed")
}

// openGate seeds a product's gate from the database; of many that ask at once one does.
func (s *Server) openGate(ctx context.Context, product domain.ProductID, line int) error {
	_, err, _ := s.seeding.Do(string(product), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpLimit)
		defer cancel()
		seed, err := s.gateSeed(ctx, product, line)
		if err != nil {
			return nil, err
		}
		if err := s.gate.Seed(ctx, seed); err != nil {
			return nil, domain.Because(domain.Overloaded, err, "the sale is just being opened; nothing was ordered, try again in a moment")
		}
		return nil, nil //nolint:nilnil // the gate is the result
	})
	return err
}

// gateSeed reads what a gate has to know.
// Errors: UnknownProduct, Unavailable.
func (s *Server) gateSeed(ctx context.Context, product domain.ProductID, line int) (domain.GateSeed, error) {
	products, err := s.store.ProductsByID(ctx, []domain.ProductID{product})
	if err != nil {
		return domain.GateSeed{}, err
	}
	p, found := products[product]
	if !found {
		return domain.GateSeed{}, unknownProduct(line)
	}
	seed := domain.GateSeed{Product: p}
	claims, err := s.store.Claims(ctx, product, nil)
	if err != nil {
		return seed, err
	}
	seed.Left = claims.Unclaimed
	if seed.LastTicket, err = s.store.LastTicket(ctx, product); err != nil {
		return seed, err
	}
	if p.LimitPerShopper > 0 {
		seed.Owned, err = s.store.Owned(ctx, product)
	}
	return seed, err
}

func unknownProduct(line int) error {
	return &domain.Error{Code: domain.UnknownProduct, Message: "there is no such product",
		Fields: []domain.FieldError{{Pointer: fmt.Sprintf("/items/%d/productId", line), Detail: "unknown"}}}
}

// accepted sends orders that are written on their way: to their workflows, and out of the gate's pending tickets.
func (s *Server) accepted(orders []domain.NewOrder) {
	if len(orders) == 0 {
		return
	}
	rows := make([]domain.Order, len(orders))
	for n, o := range orders {
		rows[n] = o.Row()
	}
	s.dispatcher.add(rows...)
	if err := s.gate.Written(context.Background(), orders); err != nil {
		slog.Debug("gate tickets stay pending; the reconciler will look", "error", err)
	}
}
