package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runrun/api/checkout"
	"runrun/domain"
	"runrun/domain/ids"
)

type placeInput struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"Required: 1–200 visible characters, new for each order. The same key with the same body is the same order."`
	Prefer         string `header:"Prefer" doc:"wait=<seconds>: how long to wait for the decision before a 202 (1; at most 25)."`
	Body           placeBody
}

type placeBody struct {
	Items       []OrderRequestItem `json:"items" maxItems:"100" doc:"1–20 products, each once."`
	Receiver    *ReceiverBody      `json:"receiver,omitempty" doc:"Whom it is sent to; or addressId."`
	AddressID   domain.AddressID   `json:"addressId,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id" doc:"One of the caller's addresses, in the place of receiver."`
	SaveAddress bool               `json:"saveAddress,omitempty" doc:"Keep the receiver among the caller's addresses, if the order is accepted."`
	FromCart    bool               `json:"removeFromCart,omitempty" doc:"Remove what is ordered from the caller's cart, when its units are held."`
}

// OrderRequestItem is a product that is asked for.
type OrderRequestItem struct {
	ProductID domain.ProductID `json:"productId"`
	Quantity  int              `json:"quantity" format:"int64" doc:"1–100." example:"1"`
}

// ReceiverBody is whom goods are sent to.
type ReceiverBody struct {
	Name    string `json:"name" maxLength:"200" doc:"2–30 characters."`
	Phone   string `json:"phone" maxLength:"20" doc:"A Korean number with dashes: 010-1234-5678, 02-123-4567, 0505-123-4567." example:"010-1234-5678"`
	ZipCode string `json:"zipCode" maxLength:"10" doc:"Five digits." example:"04524"`
	Address string `json:"address" maxLength:"500" doc:"8–100 characters."`
}

// receiver is the receiver in the one form in which it is compared and kept.
func (b ReceiverBody) receiver() domain.Receiver {
	return domain.Receiver{
		Name:    normalized(b.Name),
		Phone:   normalized(b.Phone),
		ZipCode: normalized(b.ZipCode),
		Address: normalized(b.Address),
	}
}

func receiverBodyOf(r domain.Receiver) ReceiverBody {
	return ReceiverBody{Name: r.Name, Phone: r.Phone, ZipCode: r.ZipCode, Address: r.Address}
}

// retryAfterSeconds is when to look at an order again that has no outcome yet.
const retryAfterSeconds = 2

// place accepts an order: 201 held, 409 refused, 202 not decided yet; 200 for a replay of an order that has moved on since.
func (o orders) place(ctx context.Context, in *placeInput) (*orderOutput, error) {
	wait := preferredWait(in.Prefer)
	placed, err := o.order(ctx, in, wait)
	if err != nil {
		return nil, err
	}
	order := placed.Order
	if order.Status == domain.StatusRefused {
		return nil, refusedProblem(ctx, placed)
	}
	status := http.StatusCreated
	switch order.Status {
	case domain.StatusReceived:
		status = http.StatusAccepted
	case domain.StatusHeld:
	default:
		if placed.Replayed {
			status = http.StatusOK
		}
	}
	out, err := o.answer(ctx, status, order)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		out.Location = "/v1/orders/" + string(order.ID)
		if preferWait.MatchString(in.Prefer) {
			out.Applied = fmt.Sprintf("wait=%d", int(wait.Seconds()))
		}
	}
	if status == http.StatusAccepted {
		out.RetryAfter = strconv.Itoa(retryAfterSeconds)
	}
	if placed.Replayed {
		out.Replayed = "true"
	}
	return out, nil
}

// order places the order, sent to whom its body says.
func (o orders) order(ctx context.Context, in *placeInput, wait time.Duration) (checkout.Placed, error) {
	request := &checkout.Request{
		User: callerOf(ctx).ID, Key: plainKey(in.IdempotencyKey), Items: itemsOf(in.Body.Items), FromCart: in.Body.FromCart,
		Canonical: in.Body.canonical, OnRate: func(v domain.RateVerdict) { showRate(headersOf(ctx), v) },
	}
	var err error
	if request.Receiver, err = o.receiverOf(ctx, in.Body); err != nil {
		if in.Body.AddressID != "" && in.Body.Receiver == nil && domain.CodeOf(err) == domain.CodeValidation {
			if placed, replayErr := o.checkout.Replayed(ctx, request); replayErr == nil {
				return placed, nil // the address was there when the order was accepted
			}
		}
		return checkout.Placed{}, err
	}
	placed, err := o.checkout.Place(ctx, request, wait)
	if err == nil && in.Body.SaveAddress && !placed.Replayed && placed.Order.Status != domain.StatusRefused {
		o.saveAddress(ctx, request.Receiver)
	}
	return placed, err
}

// receiverOf returns whom the order is sent to.
// Errors: Validation unless the body names one receiver, or one address of the caller.
func (o orders) receiverOf(ctx context.Context, b placeBody) (domain.Receiver, error) {
	invalid := func(pointer, detail string) error {
		return &domain.Error{
			Code: domain.CodeValidation, Message: "the order is not valid", Fields: []domain.FieldError{{Pointer: pointer, Detail: detail}},
		}
	}
	switch {
	case b.AddressID == "" && b.Receiver == nil:
		return domain.Receiver{}, invalid("/receiver", "a receiver, or addressId")
	case b.AddressID != "" && b.Receiver != nil:
		return domain.Receiver{}, invalid("/addressId", "one of receiver and addressId, not both")
	case b.Receiver != nil:
		return b.Receiver.receiver(), nil
	}
	address, err := o.addresses.AddressOf(ctx, callerOf(ctx).ID, b.AddressID)
	if domain.CodeOf(err) == domain.CodeNotFound {
		return domain.Receiver{}, invalid("/addressId", "one of the caller's addresses")
	}
	return address.Receiver, err
}

// saveAddress keeps a receiver among the caller's addresses, unless it is there. The order stands in any case.
func (o orders) saveAddress(ctx context.Context, r domain.Receiver) {
	user := callerOf(ctx).ID
	known, err := o.addresses.Addresses(ctx, user)
	if err == nil && !slices.ContainsFunc(known, func(a domain.Address) bool { return a.Receiver == r }) {
		err = o.addresses.AddAddress(ctx, domain.Address{ID: ids.New[domain.AddressID](domain.AddressPrefix), UserID: user, Receiver: r})
	}
	if err != nil {
		slog.InfoContext(ctx, "address of an order not saved", "user_id", user, "error", err)
	}
}

// refusedProblem is the answer to a refused order. The idempotency key remembers the refusal, so it is not to be sent again.
func refusedProblem(ctx context.Context, placed checkout.Placed) *problem {
	p := problemOf(ctx,
		domain.Errorf(domain.Code(placed.Order.Reason), "order %s was refused; to try again, order with a new Idempotency-Key", placed.Order.ID))
	p.Retryable, p.replayed = false, placed.Replayed
	return p
}

// canonical is what the idempotency key remembers of the request.
func (b placeBody) canonical() string {
	text, _ := json.Marshal(b) // a struct of strings and numbers
	return string(text)
}

// plainKey reads an Idempotency-Key that is written as a structured string, "…", as the same key without the quotes:
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
func plainKey(key string) string {
	if len(key) < 2 || key[0] != '"' || key[len(key)-1] != '"' {
		return key
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(key[1 : len(key)-1])
}

// itemsOf is what was asked for, without names and prices.
func itemsOf(asked []OrderRequestItem) []domain.OrderItem {
	items := make([]domain.OrderItem, len(asked))
	for i, item := range asked {
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
