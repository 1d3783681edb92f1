package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"runrun/domain"
)

// admission is what the gate gave an order: a ticket for each product. Without Redis there is none, and the shop goes on.
type admission struct {
	tickets map[domain.ProductID]int64
	// gateless says that Redis did not answer: whether a product is open has to be asked elsewhere.
	gateless bool
}

// admit asks the gate for every product of an order. A refused second product gives the first back.
// Errors: SoldOut, LimitExceeded, NotOpenYet, Closed, UnknownProduct.
func (s *Server) admit(ctx context.Context, id domain.OrderID, user domain.UserID, items []domain.OrderItem) (admission, error) {
	a := admission{tickets: map[domain.ProductID]int64{}}
	for n, item := range items {
		if s.soldOut.is(item.ProductID) {
			s.leave(ctx, id, user, a.took(items[:n]))
			return a, domain.Errorf(domain.SoldOut, "it is sold out")
		}
		ticket, err := s.enter(ctx, item.ProductID, user, item.Quantity, n)
		switch domain.CodeOf(err) {
		case "":
			a.tickets[item.ProductID] = ticket
		case domain.Unavailable:
			slog.DebugContext(ctx, "no gate", "product", item.ProductID, "error", err)
			a.gateless = true
			if s.nothingLeft(ctx, item) {
				s.leave(ctx, id, user, a.took(items[:n]))
				return a, domain.Errorf(domain.SoldOut, "it is sold out")
			}
		default:
			s.leave(ctx, id, user, a.took(items[:n]))
			return a, err
		}
	}
	return a, nil
}

// nothingLeft says, where the gate does not answer, whether the shelf is empty: a count that is at most a second old, so that a
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
		slog.DebugContext(ctx, "not given back; the reconciler will", "order", id, "error", err)
	}
}

// enter asks the gate for one product, and opens the gate first if it is not there.
func (s *Server) enter(ctx context.Context, product domain.ProductID, user domain.UserID, quantity, line int) (int64, error) {
	ticket, refusal, err := s.gate.Enter(ctx, product, user, quantity)
	if err == nil && refusal == nil && ticket == 0 {
		if err = s.openGate(ctx, product, line); err == nil {
			ticket, refusal, err = s.gate.Enter(ctx, product, user, quantity)
		}
	}
	if err != nil || refusal == nil {
		return ticket, err
	}
	switch refusal.Code {
	case domain.SoldOut:
		if quantity == 1 { // more than one may be too many where one is not
			s.soldOut.set(product)
		}
		return 0, domain.Errorf(domain.SoldOut, "it is sold out")
	case domain.NotOpenYet:
		early := problemOf(ctx, domain.Errorf(domain.NotOpenYet, "it opens at %s", refusal.OpensAt.Format(time.RFC3339)))
		early.OpensAt = &refusal.OpensAt
		return 0, early
	case domain.LimitExceeded:
		return 0, domain.Errorf(domain.LimitExceeded, "that would be more than one shopper may have")
	}
	return 0, domain.Errorf(refusal.Code, "it is closed")
}

// openGate seeds a product's gate from the database; of many that ask at once one does.
func (s *Server) openGate(ctx context.Context, product domain.ProductID, line int) error {
	_, err, _ := s.seeding.Do(string(product), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestLimit)
		defer cancel()
		products, err := s.store.ProductsByID(ctx, []domain.ProductID{product})
		if err != nil {
			return nil, err
		}
		p, found := products[product]
		if !found {
			return nil, unknownProduct(line)
		}
		seed := domain.GateSeed{Product: p}
		if seed.Left, _, err = s.store.Unclaimed(ctx, product, nil); err != nil {
			return nil, err
		}
		if seed.LastTicket, err = s.store.LastTicket(ctx, product); err != nil {
			return nil, err
		}
		if p.LimitPerShopper > 0 {
			if seed.Owned, err = s.store.Owned(ctx, product); err != nil {
				return nil, err
			}
		}
		return nil, s.gate.Seed(ctx, seed)
	})
	return err
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
		slog.Debug("pending tickets stay; the reconciler will look", "error", err)
	}
}
