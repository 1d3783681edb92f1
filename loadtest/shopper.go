package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"runrun/loadtest/audit"
)

// shopper is one who comes, and what that one was told.
type shopper struct {
	audit.Shopper
	run    *run
	key    string
	body   []byte // of the order
	due    time.Time
	amount int64
	seen   string // the latest version of the order that the shopper was shown
}

// come orders, and if the units are held does what this shopper is like.
func (sh *shopper) come(ctx context.Context, act behaviour) {
	ctx, stop := context.WithTimeout(ctx, sh.run.cfg.Patience)
	defer stop()
	sh.place(ctx)
	if sh.Order != "" && sh.run.scenario.wait > 0 {
		sh.follow(ctx)
	}
	if sh.Told == audit.Held {
		act(sh, ctx)
	}
}

// place asks for one unit until the shop has said yes or no. A try that fails is repeated with the same key.
func (sh *shopper) place(ctx context.Context) {
	from := sh.due // the first try is timed from when the shopper was due
	sh.Came = time.Now()
	for {
		sh.Asked = time.Now()
		got, err := sh.step(ctx, "order", from, request{
			method: http.MethodPost,
			url:    sh.run.cfg.URL + "/v1/orders",
			body:   sh.body,
			key:    sh.key,
			prefer: fmt.Sprintf("wait=%d", int(sh.run.scenario.wait.Seconds())),
		})
		switch {
		case err == nil && got.status < http.StatusMultipleChoices:
			sh.accepted(got)
			return
		case err == nil && !got.notNow():
			sh.decided(got.Code)
			return
		}
		sh.Retried = true
		if !pause(ctx, max(got.retryAfter, 500*time.Millisecond)) {
			sh.Fault = fmt.Errorf("the order of %s was never answered: %w", sh.User, lastFailure(got, err))
			return
		}
		from = time.Now()
	}
}

func (sh *shopper) accepted(got answer) {
	var o audit.Order
	if sh.Fault = json.Unmarshal(got.body, &o); sh.Fault != nil {
		return
	}
	sh.Order, sh.amount, sh.Told, sh.seen = o.ID, o.PaymentAmount, o.Status, got.etag
	if got.status == http.StatusCreated {
		sh.decided(o.Status)
	}
}

// decided notes the shop's yes or no.
func (sh *shopper) decided(word string) {
	sh.Told, sh.Answered = word, time.Now()
	sh.run.record.add("decision", word, sh.Answered.Sub(sh.due))
}

// follow waits for the decision of an order that was accepted, by long polls. Each names the version that the shopper has: without it, a
// decision that came meanwhile would be taken for the one to wait past.
func (sh *shopper) follow(ctx context.Context) {
	for sh.Told == audit.Received {
		got, err := sh.step(ctx, "follow", time.Now(),
			request{method: http.MethodGet, url: sh.run.cfg.URL + "/v1/orders/" + sh.Order + "?wait=20s", seen: sh.seen})
		switch status := got.orderStatus(); {
		case err == nil && got.status == http.StatusOK && status == audit.Refused:
			var o audit.Order
			sh.Fault = json.Unmarshal(got.body, &o)
			sh.decided(o.Reason)
		case err == nil && got.status == http.StatusOK && status != audit.Received:
			sh.decided(status)
		case err == nil && got.status == http.StatusOK:
			sh.seen = got.etag
		case err == nil && got.status == http.StatusNotModified:
		default:
			if !pause(ctx, max(got.retryAfter, 500*time.Millisecond)) {
				sh.Fault = fmt.Errorf("order %s of %s was never decided: %w", sh.Order, sh.User, lastFailure(got, err))
				return
			}
		}
	}
}

// authorize looks at what is to be paid and does what the payment window does; it returns the payment key.
func (sh *shopper) authorize(ctx context.Context) string {
	got := sh.insist(ctx, "checkout", request{method: http.MethodGet, url: sh.run.cfg.URL + "/v1/checkout/" + sh.Order})
	if got.status != http.StatusOK {
		return ""
	}
	return sh.insist(ctx, "window (mock)", request{
		method: http.MethodPost, url: sh.run.cfg.Gateway + "/mock/authorizations",
		body: body(map[string]any{"orderId": sh.Order, "amount": got.Amount, "orderName": "load test"}),
	}).PaymentKey
}

// confirm pays. What becomes of a payment that takes its time is seen when everything is counted.
func (sh *shopper) confirm(ctx context.Context, paymentKey string) answer {
	if paymentKey == "" {
		return answer{}
	}
	got := sh.insist(ctx, "pay", request{
		method: http.MethodPost, url: sh.run.cfg.URL + "/v1/payments/confirm",
		body: body(map[string]any{"orderId": sh.Order, "paymentKey": paymentKey, "amount": sh.amount}),
	})
	if got.status == http.StatusOK && audit.AfterPurchase[got.orderStatus()] {
		sh.run.mu.Lock()
		defer sh.run.mu.Unlock()
		sh.Bought = true
	}
	return got
}

func (sh *shopper) cancel(ctx context.Context) {
	got := sh.insist(ctx, "cancel", request{method: http.MethodPost, url: sh.run.cfg.URL + "/v1/orders/" + sh.Order + "/cancel"})
	sh.Canceled = got.status == http.StatusOK || got.status == http.StatusAccepted
}

// longestDelivery is how long a shopper waits for a step of the delivery; an order that takes longer is kept.
const longestDelivery = time.Minute

// delivered waits for the delivery of a paid order, and reports whether it came.
func (sh *shopper) delivered(ctx context.Context) bool {
	for {
		got, err := sh.step(ctx, "await delivery", time.Now(),
			request{method: http.MethodGet, url: sh.run.cfg.URL + "/v1/orders/" + sh.Order + "?wait=20s"})
		var o audit.Order
		if err == nil && got.status == http.StatusOK {
			if err = json.Unmarshal(got.body, &o); err == nil {
				if o.Status == audit.Delivered {
					return true
				}
				if !audit.AfterPurchase[o.Status] || o.NextAt.IsZero() || time.Until(o.NextAt) > longestDelivery {
					return false
				}
				continue
			}
		}
		if !pause(ctx, max(got.retryAfter, 500*time.Millisecond)) {
			return false
		}
	}
}

// giveBack returns a delivered order.
func (sh *shopper) giveBack(ctx context.Context) {
	got := sh.insist(ctx, "return", request{method: http.MethodPost, url: sh.run.cfg.URL + "/v1/orders/" + sh.Order + "/return"})
	sh.Returned = got.status == http.StatusOK || got.status == http.StatusAccepted
}

// insist repeats a request until it is answered by more than "not now". What is asked here may be asked twice.
func (sh *shopper) insist(ctx context.Context, step string, r request) answer {
	for {
		got, err := sh.step(ctx, step, time.Now(), r)
		if err == nil && !got.notNow() {
			return got
		}
		if !pause(ctx, max(got.retryAfter, 500*time.Millisecond)) {
			sh.unanswered(step, got, err)
			return got
		}
	}
}

// unanswered records the shopper's first request that got no final answer within the patience; later ones are dropped.
func (sh *shopper) unanswered(step string, got answer, err error) {
	sh.run.mu.Lock()
	defer sh.run.mu.Unlock()
	if sh.Fault == nil {
		sh.Fault = fmt.Errorf("%s of order %s was never answered: %w", step, sh.Order, lastFailure(got, err))
	}
}

// lastFailure returns why the latest try failed: err if there was no answer, else the answer's status and code.
func lastFailure(got answer, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("the last answer was %s", got.outcome())
}

// step is one request of the shopper, timed from the given moment.
func (sh *shopper) step(ctx context.Context, step string, from time.Time, r request) (answer, error) {
	r.user, r.role = sh.User, "CUSTOMER"
	got, err := sh.run.client.call(ctx, r)
	outcome := broken
	if err == nil {
		outcome = got.outcome()
	}
	sh.run.record.add(step, outcome, time.Since(from))
	return got, err
}
