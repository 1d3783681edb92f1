package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"
)

// requestLimit bounds one request; it is longer than the longest wait that is asked for.
const requestLimit = 40 * time.Second

// client speaks HTTP. A connection that breaks is an error here, and is never hidden by a silent second try.
type client struct {
	http   *fasthttp.Client
	minter *minter
}

func newClient(connections int, m *minter) *client {
	return &client{minter: m, http: &fasthttp.Client{
		Name: "runrun-loadtest", MaxConnsPerHost: connections, MaxConnWaitTimeout: requestLimit, MaxIdleConnDuration: 20 * time.Second,
		ReadTimeout: requestLimit, WriteTimeout: requestLimit, MaxIdemponentCallAttempts: 1, MaxResponseBodySize: 1 << 30,
		RetryIfErr:               func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
		NoDefaultUserAgentHeader: true,
	}}
}

// request is one call. User is who asks; nobody if empty.
type request struct {
	method, url string
	user, role  string
	body        []byte // JSON
	key         string // Idempotency-Key
	prefer      string
	seen        string // If-None-Match: the version that the shopper has
}

// answer is what was said: an order, or a problem.
type answer struct {
	status     int
	retryAfter time.Duration
	etag       string
	body       []byte

	Code       string `json:"code"`
	Retryable  bool   `json:"retryable"`
	ID         string `json:"id"`
	Status     any    `json:"status"` // of an order a word, of a problem a number
	PaymentKey string `json:"paymentKey"`
	Amount     int64  `json:"amount"`
	NextCursor string `json:"nextCursor"`
}

// notNow says that the same request may be answered better a moment later.
func (a answer) notNow() bool {
	return a.status == fasthttp.StatusTooManyRequests || a.status >= fasthttp.StatusInternalServerError && (a.Retryable || a.Code == "")
}

// orderStatus is the order's status, or "".
func (a answer) orderStatus() string {
	word, _ := a.Status.(string)
	return word
}

// outcome names an answer in tables: "201 HELD", "409 SOLD_OUT".
func (a answer) outcome() string {
	if word := a.orderStatus(); word != "" {
		return fmt.Sprintf("%d %s", a.status, word)
	}
	if a.Code != "" {
		return fmt.Sprintf("%d %s", a.status, a.Code)
	}
	return strconv.Itoa(a.status)
}

// broken is the outcome of a request that was not answered.
const broken = "connection error"

// call sends a request and reads the answer. An error says that there was none.
func (c *client) call(ctx context.Context, r request) (answer, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	if err := c.fill(req, r); err != nil {
		return answer{}, err
	}
	deadline := time.Now().Add(requestLimit)
	if end, bounded := ctx.Deadline(); bounded && end.Before(deadline) {
		deadline = end
	}
	if err := c.http.DoDeadline(req, resp, deadline); err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", r.method, r.url, err)
	}
	got := answer{status: resp.StatusCode(), etag: string(resp.Header.Peek("ETag")), body: append([]byte(nil), resp.Body()...)}
	if seconds, err := strconv.Atoi(string(resp.Header.Peek("Retry-After"))); err == nil {
		got.retryAfter = time.Duration(seconds) * time.Second
	}
	if len(got.body) > 0 && got.body[0] == '{' {
		if err := json.Unmarshal(got.body, &got); err != nil {
			return answer{}, fmt.Errorf("%s %s: %d: %w", r.method, r.url, got.status, err)
		}
	}
	return got, nil
}

func (c *client) fill(req *fasthttp.Request, r request) error {
	req.Header.SetMethod(r.method)
	req.SetRequestURI(r.url)
	if r.user != "" {
		token, err := c.minter.token(r.user, r.role)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	if r.prefer != "" {
		req.Header.Set("Prefer", r.prefer)
	}
	if r.seen != "" {
		req.Header.Set("If-None-Match", r.seen)
	}
	if r.body == nil {
		return nil
	}
	req.Header.SetContentType("application/json")
	req.SetBodyRaw(r.body)
	return nil
}

// body is JSON of what is known to have one.
func body(content any) []byte {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return text
}

// get reads JSON that must be there; it is asked again for a while, since the shop may just be coming back.
func (c *client) get(ctx context.Context, r request, into any) error {
	r.method = fasthttp.MethodGet
	var err error
	for try := range 10 {
		if try > 0 && !pause(ctx, time.Second) {
			return ctx.Err()
		}
		var got answer
		if got, err = c.call(ctx, r); err != nil {
			continue
		}
		if got.status == fasthttp.StatusOK {
			return json.Unmarshal(got.body, into)
		}
		err = fmt.Errorf("GET %s: %d %s", r.url, got.status, got.body)
		if got.status < fasthttp.StatusInternalServerError {
			return err
		}
	}
	return err
}

// pause waits, and says whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
