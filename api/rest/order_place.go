package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"runrun/api/checkout"
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
	Receiver ReceiverBody `json:"receiver"`
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
	placed, err := o.checkout.Place(ctx, &checkout.Request{
		User: callerOf(ctx).ID, Key: plainKey(in.IdempotencyKey), Items: in.Body.items(), Receiver: in.Body.Receiver.receiver(),
		Canonical: in.Body.canonical, OnRate: func(v domain.RateVerdict) { showRate(headersOf(ctx), v) },
	}, wait)
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
