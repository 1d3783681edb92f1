package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"runrun/domain"
)

type placeInput struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"Required: 1–200 visible characters, new for each order. The same key with the same body is the same order."`
	Prefer         string `header:"Prefer" doc:"wait=<seconds>: how long to wait for the decision before a 202 (1; at most 25)."`
	Body           placeBody
}

type placeBody struct {
	Items []struct {
		ProductID domain.ProductID `json:"productId"`
		Quantity  int              `json:"quantity" format:"int64" doc:"1–100." example:"1"`
	} `json:"items" maxItems:"100" doc:"1–20 products, each once."`
	Receiver receiverBody `json:"receiver"`
}

type receiverBody struct {
	Name    string `json:"name" maxLength:"200" doc:"2–30 characters."`
	Phone   string `json:"phone" maxLength:"20" doc:"A Korean number with dashes: 010-1234-5678, 02-123-4567, 0505-123-4567." example:"010-1234-5678"`
	ZipCode string `json:"zipCode" maxLength:"10" doc:"Five digits." example:"04524"`
	Address string `json:"address" maxLength:"500" doc:"8–100 characters."`
}

// receiver is the receiver in the one form in which it is compared and kept.
func (b receiverBody) receiver() domain.Receiver {
	return domain.Receiver{Name: normalized(b.Name), Phone: normalized(b.Phone), ZipCode: normalized(b.ZipCode), Address: normalized(b.Address)}
}

// placeOrder accepts an order: replay? gate, durable row, and a short wait for the decision. The workflow is started on
// the way, whether or not the shopper waits.
func (s *Server) placeOrder(ctx context.Context, in *placeInput) (*orderOutput, error) {
	wait, err := s.checkPlace(in)
	if err != nil {
		return nil, err
	}
	order, replayed, err := s.take(ctx, in)
	leaveCounter(ctx)
	if err != nil {
		return nil, err
	}
	if replayed && order.Status != domain.Received && order.Status != domain.Held && order.Status != domain.Refused {
		out, err := s.answer(ctx, http.StatusOK, order) // what has become of it since
		if out != nil {
			out.Replayed = "true"
		}
		return out, err
	}
	out, err := s.decision(ctx, order, wait)
	if out != nil && preferWait.MatchString(in.Prefer) {
		out.Applied = fmt.Sprintf("wait=%d", int(wait.Seconds()))
	}
	if replayed {
		var refused *problem
		if errors.As(err, &refused) {
			refused.replayed = true
		}
		if out != nil {
			out.Replayed = "true"
		}
	}
	return out, err
}

// take finds the order that was made under the key, or makes it. The orders of one shopper take turns, so that clicks at the same
// time do not ask the gate for a ticket each, and what the shopper holds is counted right.
func (s *Server) take(ctx context.Context, in *placeInput) (order domain.Order, replayed bool, err error) {
	end, err := s.turn(ctx)
	if err != nil {
		return domain.Order{}, false, err
	}
	defer end()
	asked := sync.OnceValue(func() string { return s.fingerprint(in.Body) }) // who is refused needs none
	if order, err := s.replay(ctx, in, asked); domain.CodeOf(err) != domain.NotFound {
		return order, err == nil, err
	}
	if err := s.mayOrder(ctx); err != nil {
		return domain.Order{}, false, err
	}
	done, err := s.breakers.ask(in.Body.items())
	if err != nil {
		return domain.Order{}, false, err
	}
	defer func() { done(err) }()
	return s.make(ctx, in, asked)
}

// turn waits until the caller's earlier orders are taken, away from the counter: a crowd of clicks of one shopper takes no places.
func (s *Server) turn(ctx context.Context) (end func(), err error) {
	name := string(callerOf(ctx).ID)
	if end, free := s.clicks.takeFree(name); free {
		return end, nil
	}
	leaveCounter(ctx)
	if end, err = s.clicks.take(ctx, name); err != nil {
		return nil, err
	}
	if err = s.counter.comeBack(ctx); err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// replayWhileOpen is how long an idempotency key is looked for while a breaker is open: a replay is answered if the database
// answers, and a shopper is told BREAKER_OPEN at once if it does not.
const replayWhileOpen = 100 * time.Millisecond

// replay looks for the order that was made under the key. A database that does not answer opens the breakers of the products.
// Errors: those of madeBefore; BreakerOpen.
func (s *Server) replay(ctx context.Context, in *placeInput, asked func() string) (domain.Order, error) {
	items, limit := in.Body.items(), lookUpLimit
	open := s.breakers.open(items)
	if open != nil {
		limit = replayWhileOpen
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	order, err := s.madeBefore(limited, in.IdempotencyKey, asked)
	if !systemFailure(err) || ctx.Err() != nil {
		return order, err
	}
	if open != nil {
		return order, open
	}
	s.breakers.fail(items, err)
	return order, err
}

// make makes an order: through the gate, into the database.
func (s *Server) make(ctx context.Context, in *placeInput, asked func() string) (order domain.Order, replayed bool, err error) {
	if s.dispatcher.room() <= 0 {
		return domain.Order{}, false, domain.Errorf(domain.Overloaded, "too many orders are waiting; nothing was ordered, try again in a moment")
	}
	if err := s.mayHold(ctx, in.Body.items()); err != nil {
		return domain.Order{}, false, err
	}
	candidate, err := s.newOrder(ctx, in, asked)
	if err != nil {
		return domain.Order{}, false, err
	}
	isNew, err := s.intake.ask(ctx, candidate)
	if err != nil {
		// An order that may be written keeps its tickets, until the reconciler finds its row or does not.
		if ctx.Err() == nil && !domain.MayBeWritten(err) {
			s.leave(ctx, candidate.ID, candidate.UserID, candidate.Items)
		}
		return domain.Order{}, false, err
	}
	if !isNew { // another process was faster with the same click
		s.leave(ctx, candidate.ID, candidate.UserID, candidate.Items)
		order, err := s.madeBefore(ctx, in.IdempotencyKey, asked)
		return order, true, err
	}
	return candidate.Row(), false, nil
}

// checkPlace checks what can be checked without the database.
func (s *Server) checkPlace(in *placeInput) (wait time.Duration, err error) {
	in.IdempotencyKey = plainKey(in.IdempotencyKey)
	if in.IdempotencyKey == "" {
		return 0, domain.Errorf(domain.IdempotencyMissing, "send a new Idempotency-Key with every order")
	}
	if !domain.ValidKey(in.IdempotencyKey) {
		return 0, &domain.Error{Code: domain.Validation, Message: "the Idempotency-Key is not valid",
			Fields: []domain.FieldError{{In: "header", Name: "Idempotency-Key", Detail: "1–200 visible ASCII characters"}}}
	}
	return preferredWait(in.Prefer), domain.ValidateOrder(in.Body.items(), in.Body.Receiver.receiver())
}

// plainKey reads an Idempotency-Key that is written as a structured string, "…", as the same key without the quotes:
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
func plainKey(key string) string {
	if len(key) < 2 || key[0] != '"' || key[len(key)-1] != '"' {
		return key
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(key[1 : len(key)-1])
}

// items is what was asked for, without names and prices.
func (b placeBody) items() []domain.OrderItem {
	items := make([]domain.OrderItem, len(b.Items))
	for i, item := range b.Items {
		items[i] = domain.OrderItem{ProductID: item.ProductID, Quantity: item.Quantity}
	}
	return items
}

var preferWait = regexp.MustCompile(`(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])`)

// preferredWait reads "wait=<seconds>" (RFC 7240). What cannot be read is ignored, as the RFC asks.
func preferredWait(prefer string) time.Duration {
	match := preferWait.FindStringSubmatch(prefer)
	if match == nil {
		return time.Second
	}
	seconds, _ := strconv.Atoi(match[1])
	return min(time.Duration(seconds)*time.Second, maxWait)
}

// fingerprint is a keyed digest of what was asked for, which contains personal data.
func (s *Server) fingerprint(body placeBody) string {
	text, _ := json.Marshal(body) // a struct of strings and numbers
	return s.store.Digest("order", string(text))
}

// newOrder takes an order through the gate and prices it.
func (s *Server) newOrder(ctx context.Context, in *placeInput, asked func() string) (domain.NewOrder, error) {
	order := domain.NewOrder{
		ID: newOrderID(), UserID: callerOf(ctx).ID, IdempotencyKey: in.IdempotencyKey, Items: in.Body.items(),
		Receiver: in.Body.Receiver.receiver(),
	}
	admission, err := s.admit(ctx, order.ID, order.UserID, order.Items)
	if err != nil {
		return domain.NewOrder{}, err
	}
	order.Items = admission.took(order.Items)
	if err := s.price(ctx, &order, admission.gateless); err != nil {
		s.leave(ctx, order.ID, order.UserID, order.Items)
		return domain.NewOrder{}, err
	}
	order.Fingerprint = asked()
	order.Name, order.Ticket = domain.OrderName(order.Items), order.Items[0].Ticket
	return order, nil
}

// price gives an order's items their names and prices, and the order its sum.
func (s *Server) price(ctx context.Context, order *domain.NewOrder, gateless bool) error {
	lines, err := s.lines(ctx, order.Items, gateless)
	if err != nil {
		return err
	}
	if order.Quote, err = domain.QuoteFor(lines); err != nil {
		return err
	}
	for n, line := range lines {
		item := &order.Items[n]
		item.Name = line.Product.Name
		if item.UnitPrice, err = line.Product.DiscountedPrice(); err != nil {
			return err
		}
	}
	return nil
}

func newOrderID() domain.OrderID {
	return domain.OrderID(domain.OrderPrefix + strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", ""))
}

// lines finds the products and brands of an order. Whether they are on sale the gate has said; without it the database's
// clock does.
// Errors: UnknownProduct, NotOpenYet, Closed.
func (s *Server) lines(ctx context.Context, items []domain.OrderItem, gateless bool) ([]domain.QuoteLine, error) {
	lines := make([]domain.QuoteLine, len(items))
	for n, item := range items {
		offer, err := s.offers.get(ctx, item.ProductID)
		if domain.CodeOf(err) == domain.NotFound {
			return nil, unknownProduct(n)
		}
		if err != nil {
			return nil, err
		}
		if gateless {
			if err := s.onSale(ctx, offer.Product); err != nil {
				return nil, err
			}
		}
		lines[n] = domain.QuoteLine{Product: offer.Product, Brand: offer.Brand, Quantity: item.Quantity}
	}
	return lines, nil
}

// onSale says whether a product is open, by the database's clock.
func (s *Server) onSale(ctx context.Context, product domain.Product) error {
	now, err := s.now(ctx)
	if err != nil {
		return err
	}
	if err := product.OpenAt(now); err != nil {
		return withOpening(ctx, err, product)
	}
	return nil
}

// withOpening tells the early shopper when to come.
func withOpening(ctx context.Context, err error, p domain.Product) error {
	if domain.CodeOf(err) != domain.NotOpenYet {
		return err
	}
	problem := problemOf(ctx, err)
	problem.OpensAt = optional(p.OpensAt)
	return problem
}

// decision waits for what becomes of a new order: 201 held, 409 refused, 202 not known yet.
func (s *Server) decision(ctx context.Context, order domain.Order, wait time.Duration) (*orderOutput, error) {
	order, err := s.await(ctx, order, wait, func(o domain.Order) bool { return o.Status != domain.Received })
	if err != nil {
		return nil, err
	}
	if order.CreatedAt.IsZero() { // it was not read since it was written
		if order, err = s.order(ctx, order.ID); err != nil {
			return nil, err
		}
	}
	if order.Status == domain.Refused {
		refused := problemOf(ctx, domain.Errorf(domain.Code(order.Reason), "order %s was refused; to try again, order with a new Idempotency-Key", order.ID))
		refused.Retryable = false // the key remembers the refusal
		return nil, refused
	}
	status := http.StatusCreated
	if order.Status == domain.Received {
		status = http.StatusAccepted
	}
	out, err := s.answer(ctx, status, order)
	if err != nil {
		return nil, err
	}
	out.Location = "/v1/orders/" + string(order.ID)
	if status == http.StatusAccepted {
		out.RetryAfter = strconv.Itoa(retryAfterSeconds)
	}
	return out, nil
}
