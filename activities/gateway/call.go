package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/sony/gobreaker/v2"

	"runrun/domain"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// answer is what came back: a payment, or a refusal.
type answer struct {
	payment      payment
	transactions []transaction
	refusal      *refusal
}

// errUnknown tells the breaker that the gateway does not know either.
var errUnknown = errors.New("unknown outcome")

// request is a call to make.
type request struct {
	method, path, idempotencyKey string
	body                         any
	// unknown reports whether an answer leaves the outcome open, which says that the gateway is sick.
	unknown func(answer) bool
	// wait says whether the request may wait for a slot.
	wait bool
	// list says that the answer is a list of transactions.
	list bool
}

// call sends one request through the breaker. An answer that did not come is a refusal with a code of our own.
// Errors: BreakerOpen and Overloaded, and nothing was sent.
func (c *Client) call(ctx context.Context, r request) (answer, error) {
	if err := c.acquire(ctx, r.wait); err != nil {
		return answer{}, err
	}
	defer c.slots.Release(1)
	var got answer
	_, err := c.breaker.Execute(func() (answer, error) {
		var err error
		if got, err = c.send(ctx, r); err != nil {
			got = answer{refusal: &refusal{Code: codeNoAnswer, Message: "the gateway did not answer"}}
			if ctx.Err() != nil {
				return got, context.Canceled // the caller went away: no sign of a sick gateway
			}
			return got, err
		}
		if r.unknown(got) {
			return got, errUnknown
		}
		return got, nil
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return answer{}, domain.Wrap(domain.CodeBreakerOpen, err, "the payment gateway's circuit breaker is open; nothing was sent")
	}
	return got, nil
}

// acquire takes one of the slots that bound the calls of this process.
func (c *Client) acquire(ctx context.Context, wait bool) error {
	err := errNothingSent
	if wait {
		err = c.slots.Acquire(ctx, 1)
	} else if c.slots.TryAcquire(1) {
		return nil
	}
	if err == nil {
		return nil
	}
	return domain.Wrap(domain.CodeOverloaded, err, "as many calls to the gateway as allowed are under way; nothing was sent")
}

func (c *Client) send(ctx context.Context, call request) (answer, error) {
	var payload io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return answer{}, err
		}
		payload = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, call.method, c.cfg.URL+call.path, payload)
	if err != nil {
		return answer{}, err
	}
	r.GetBody = nil // else net/http repeats a request with an Idempotency-Key by itself when a connection breaks
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.cfg.SecretKey+":")))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "en-US")
	if call.idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", call.idempotencyKey)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return read(resp, call.list)
}

// read decides between a payment and a refusal. The status is used for nothing else.
func read(resp *http.Response, list bool) (answer, error) {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	var got answer
	if resp.StatusCode == http.StatusOK {
		if list {
			if json.Unmarshal(text, &got.transactions) != nil {
				got.refusal = &refusal{Code: codeUnreadable, Message: "the gateway's answer is not a list of transactions"}
			}
			return got, nil
		}
		if json.Unmarshal(text, &got.payment) != nil || got.payment.PaymentKey == "" {
			got.refusal = &refusal{Code: codeUnreadable, Message: "the gateway's answer is not a payment"}
		}
		return got, nil
	}
	got.refusal = &refusal{}
	if json.Unmarshal(text, got.refusal) != nil || got.refusal.Code == "" {
		got.refusal = &refusal{Code: codeUnreadable, Message: "the gateway's answer is not an error of its kind"}
	}
	return got, nil
}
