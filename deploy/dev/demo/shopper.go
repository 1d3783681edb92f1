package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"runrun/domain"
)

// Shopper is one visitor of the demo, who knows nothing but HTTP.
type Shopper struct {
	API, Gateway string
	Token        string
	Behaviour    string // what to do with units that are held

	OrderID string
	Outcome string // the final status, or the code of the refusal
	Err     error

	amount int64
	held   bool
}

// answer is what the API said.
type answer struct {
	status int
	Code   string `json:"code"`
	ID     string `json:"id"`
	Status any    `json:"status"` // of an order a word, of a problem a number
	Amount int64  `json:"paymentAmount"`
	Token  string `json:"accessToken"`
	Key    string `json:"paymentKey"`
}

// call sends JSON and reads JSON; an error is remembered.
func (sh *Shopper) call(ctx context.Context, method, url string, body any, headers ...string) answer {
	var got answer
	text, err := json.Marshal(body)
	if err != nil {
		sh.Err = err
		return got
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		sh.Err = err
		return got
	}
	r.Header.Set("Content-Type", "application/json")
	if sh.Token != "" {
		r.Header.Set("Authorization", "Bearer "+sh.Token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		sh.Err = err
		return got
	}
	defer func() { _ = resp.Body.Close() }()
	got.status = resp.StatusCode
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil && !errors.Is(err, io.EOF) {
		sh.Err = fmt.Errorf("%s %s: %d: %w", method, url, resp.StatusCode, err)
	}
	return got
}

func (sh *Shopper) logIn(ctx context.Context, email, password string) {
	for ctx.Err() == nil && sh.Err == nil && sh.Token == "" {
		got := sh.call(ctx, http.MethodPost, sh.API+"/v1/users/login", map[string]string{"email": email, "password": password})
		sh.Token = got.Token
		switch {
		case got.status == http.StatusServiceUnavailable: // too many at once
			pause(ctx)
		case got.status != http.StatusOK && sh.Err == nil:
			sh.Err = fmt.Errorf("log in as %s: %d %s", email, got.status, got.Code)
		}
	}
}

// pause is what a client does before it asks a busy server again.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

// Order asks for one unit and waits for the decision, however long it takes.
func (sh *Shopper) Order(ctx context.Context, product domain.ProductID) {
	body := map[string]any{
		"items":    []any{map[string]any{"productId": product, "quantity": 1}},
		"receiver": map[string]string{"name": "Demo", "phone": "010-0000-0000", "zipCode": "04524", "address": "110 Sejong-daero, Seoul"},
	}
	key := uuid.NewString()
	for ctx.Err() == nil && sh.Err == nil {
		got := sh.call(ctx, http.MethodPost, sh.API+"/v1/orders", body, "Idempotency-Key", key, "Prefer", "wait=20")
		switch got.status {
		case http.StatusCreated:
			sh.OrderID, sh.amount, sh.held = got.ID, got.Amount, true
			return
		case http.StatusConflict:
			sh.Outcome = got.Code
			return
		case http.StatusAccepted: // not decided yet: the same key asks for the same order
		case http.StatusServiceUnavailable:
			pause(ctx)
		default:
			sh.Err = fmt.Errorf("order: %d %s", got.status, got.Code)
		}
	}
}

// Act does what this shopper is like, and remembers how it ended.
func (sh *Shopper) Act(ctx context.Context) {
	if !sh.held {
		return
	}
	switch sh.Behaviour {
	case "pay":
		sh.pay(ctx)
	case "card refused, then pay":
		sh.payRefused(ctx, 1)
		sh.pay(ctx)
	case "card refused three times":
		sh.payRefused(ctx, domain.MaxDeclines)
	case "answer of the gateway lost":
		sh.call(ctx, http.MethodPost, sh.Gateway+"/mock/script", map[string]any{"call": "confirm", "loseAnswer": true})
		sh.pay(ctx)
	case "cancel":
		sh.call(ctx, http.MethodPost, sh.API+"/v1/orders/"+sh.OrderID+"/cancel", nil)
	}
	sh.awaitEnd(ctx)
}

// authorize does what the payment window does.
func (sh *Shopper) authorize(ctx context.Context) string {
	got := sh.call(ctx, http.MethodPost, sh.Gateway+"/mock/authorizations",
		map[string]any{"orderId": sh.OrderID, "amount": sh.amount, "orderName": "demo"})
	return got.Key
}

func (sh *Shopper) pay(ctx context.Context) {
	sh.confirm(ctx, sh.authorize(ctx))
}

// payRefused pays with a card that the gateway does not know, which is a decline.
func (sh *Shopper) payRefused(ctx context.Context, times int) {
	for range times {
		sh.confirm(ctx, "no-such-card-"+uuid.NewString())
	}
}

func (sh *Shopper) confirm(ctx context.Context, paymentKey string) {
	sh.call(ctx, http.MethodPost, sh.API+"/v1/payments/confirm",
		map[string]any{"orderId": sh.OrderID, "paymentKey": paymentKey, "amount": sh.amount})
}

// awaitEnd follows the order until it is bought or over.
func (sh *Shopper) awaitEnd(ctx context.Context) {
	wait := "" // the first look may find it settled; then it is told when it changes
	for ctx.Err() == nil && sh.Err == nil {
		got := sh.call(ctx, http.MethodGet, sh.API+"/v1/orders/"+sh.OrderID+wait, nil)
		wait = "?wait=20s"
		word, _ := got.Status.(string)
		if status := domain.OrderStatus(word); status == domain.StatusPlaced || status.Final() {
			sh.Outcome = word
			return
		}
		switch {
		case got.status >= http.StatusInternalServerError: // not now; ask again
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		case got.status != http.StatusOK && sh.Err == nil:
			sh.Err = fmt.Errorf("follow order %s: %d %s", sh.OrderID, got.status, got.Code)
		}
	}
	if sh.Err == nil {
		sh.Err = fmt.Errorf("order %s did not end in time", sh.OrderID)
	}
}
