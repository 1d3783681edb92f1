package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
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
		Quantity  int              `json:"quantity" format:"int64" doc:"1–100."`
	} `json:"items" maxItems:"100" doc:"1–20 products, each once."`
	Receiver receiverBody `json:"receiver"`
}

type receiverBody struct {
	Name    string `json:"name" minLength:"2" maxLength:"30"`
	Phone   string `json:"phone" pattern:"^0\\d{2}-\\d{3,4}-\\d{4}$" doc:"0dd-ddd(d)-dddd."`
	ZipCode string `json:"zipCode" pattern:"^\\d{5}$" doc:"Five digits."`
	Address string `json:"address" minLength:"8" maxLength:"100"`
}

// placeOrder accepts an order: replay? open? ticket, durable row, and a short wait for the decision. The workflow is started on
// the way, whether or not the shopper waits.
func (s *Server) placeOrder(ctx context.Context, in *placeInput) (*orderOutput, error) {
	wait, err := s.checkPlace(in)
	if err != nil {
		return nil, err
	}
	asked := fingerprint(in.Body)
	if replayed, err := s.replay(ctx, in.IdempotencyKey, asked, wait); replayed != nil || err != nil {
		return replayed, err
	}
	if s.dispatcher.room() <= 0 {
		return nil, domain.Errorf(domain.Overloaded, "too many orders are waiting; nothing was ordered, try again in a moment")
	}
	order, err := s.newOrder(ctx, in, asked)
	if err != nil {
		return nil, err
	}
	isNew, err := s.intake.add(ctx, order)
	if err != nil {
		return nil, err
	}
	if !isNew { // the same shopper clicked twice at once
		return s.replay(ctx, in.IdempotencyKey, asked, wait)
	}
	row, err := s.store.Order(ctx, order.ID)
	if err != nil {
		return nil, err
	}
	return s.decision(ctx, row, wait)
}

// checkPlace checks what can be checked without the database.
func (s *Server) checkPlace(in *placeInput) (wait time.Duration, err error) {
	if in.IdempotencyKey == "" {
		return 0, domain.Errorf(domain.IdempotencyMissing, "send a new Idempotency-Key with every order")
	}
	if !domain.ValidKey(in.IdempotencyKey) {
		return 0, &domain.Error{Code: domain.Validation, Message: "the Idempotency-Key is not valid",
			Fields: []domain.FieldError{{Pointer: "header.Idempotency-Key", Detail: "1–200 visible ASCII characters"}}}
	}
	items := make([]domain.OrderItem, len(in.Body.Items))
	for i, item := range in.Body.Items {
		items[i] = domain.OrderItem{ProductID: item.ProductID, Quantity: item.Quantity}
	}
	return preferredWait(in.Prefer), domain.ValidateItems(items)
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

// fingerprint is a digest of what was asked for.
func fingerprint(body placeBody) string {
	text, _ := json.Marshal(body) // a struct of strings and numbers
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// replay answers with the order that was made under the key, or with nothing if there is none.
// Errors: IdempotencyReused if the body is another.
func (s *Server) replay(ctx context.Context, key, asked string, wait time.Duration) (*orderOutput, error) {
	order, of, err := s.store.OrderByKey(ctx, callerOf(ctx).ID, key)
	switch {
	case domain.CodeOf(err) == domain.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case of != asked:
		return nil, domain.Errorf(domain.IdempotencyReused, "this Idempotency-Key belongs to another request; use a new one for a new order")
	}
	out, err := s.decision(ctx, order, wait)
	var refused *problem
	if errors.As(err, &refused) {
		refused.replayed = true
	}
	if out != nil {
		out.Replayed = "true"
	}
	return out, err
}

// newOrder prices an order and draws its ticket.
func (s *Server) newOrder(ctx context.Context, in *placeInput, asked string) (domain.NewOrder, error) {
	lines, err := s.lines(ctx, in.Body)
	if err != nil {
		return domain.NewOrder{}, err
	}
	quote, err := domain.QuoteFor(lines)
	if err != nil {
		return domain.NewOrder{}, err
	}
	order := domain.NewOrder{
		ID: newOrderID(), UserID: callerOf(ctx).ID, IdempotencyKey: in.IdempotencyKey, Fingerprint: asked, Quote: quote,
		Receiver: domain.Receiver(in.Body.Receiver),
	}
	for _, line := range lines {
		price, err := line.Product.DiscountedPrice()
		if err != nil {
			return domain.NewOrder{}, err
		}
		order.Items = append(order.Items, domain.OrderItem{ProductID: line.Product.ID, Name: line.Product.Name, Quantity: line.Quantity, UnitPrice: price})
	}
	order.Name = domain.OrderName(order.Items)
	order.Ticket = s.drawTicket(ctx, order.Items[0].ProductID)
	return order, nil
}

func newOrderID() domain.OrderID {
	return domain.OrderID(domain.OrderPrefix + strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", ""))
}

// drawTicket gives the order its place in the queue. Without Redis the order of arrival at the database has to do.
func (s *Server) drawTicket(ctx context.Context, product domain.ProductID) int64 {
	ticket, err := s.tickets.Draw(ctx, product, func() (int64, error) { return s.store.LastTicket(ctx, product) })
	if err != nil {
		slog.DebugContext(ctx, "no ticket", "product", product, "error", err)
		return 0
	}
	return ticket
}

// lines finds the products and brands of an order and checks that they are on sale.
// Errors: UnknownProduct, NotOpenYet, Closed.
func (s *Server) lines(ctx context.Context, body placeBody) ([]domain.QuoteLine, error) {
	ids := make([]domain.ProductID, len(body.Items))
	for i, item := range body.Items {
		ids[i] = item.ProductID
	}
	products, err := s.store.ProductsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	now, err := s.store.Now(ctx)
	if err != nil {
		return nil, err
	}
	var onSale []domain.Product
	for i, id := range ids {
		product, found := products[id]
		if !found {
			return nil, &domain.Error{Code: domain.UnknownProduct, Message: "there is no such product",
				Fields: []domain.FieldError{{Pointer: fmt.Sprintf("/items/%d/productId", i), Detail: "unknown"}}}
		}
		if err := product.OpenAt(now); err != nil {
			return nil, withOpening(ctx, err, product)
		}
		onSale = append(onSale, product)
	}
	brands, err := s.brandsOf(ctx, onSale)
	if err != nil {
		return nil, err
	}
	lines := make([]domain.QuoteLine, len(onSale))
	for i, product := range onSale {
		lines[i] = domain.QuoteLine{Product: product, Brand: brands[product.BrandID], Quantity: body.Items[i].Quantity}
	}
	return lines, nil
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
