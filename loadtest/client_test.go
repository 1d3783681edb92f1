package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"
)

func newTestClient(t *testing.T, connections int) *client {
	t.Helper()
	return newClient(connections, newTestMinter(t))
}

// serveAll answers every request alike on 127.0.0.1, and counts them.
func serveAll(t *testing.T, serve http.HandlerFunc) (url string, count *atomic.Int64) {
	t.Helper()
	count = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count.Add(1)
		serve(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, count
}

func TestARequestIsSentWithWhoAsksAndItsKey(t *testing.T) {
	type sent struct{ Method, Path, User, Role, Key, Prefer, Type, Agent, Body string }
	var got []sent
	url, _ := serveAll(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		user, role := caller(r)
		if user == "" {
			user = r.Header.Get("Authorization")
		}
		got = append(got, sent{
			r.Method, r.URL.String(), user, role, r.Header.Get("Idempotency-Key"), r.Header.Get("Prefer"), r.Header.Get("Content-Type"),
			r.UserAgent(), string(text),
		})
	})
	c := newTestClient(t, 1)
	for _, r := range []request{
		{method: "POST", url: url + "/v1/orders", user: "usr_a", role: "CUSTOMER", body: body([]int{1}), key: "k", prefer: "wait=1"},
		{method: "GET", url: url + "/mock/ledger?a=b"},
	} {
		if _, err := c.call(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	want := []sent{
		{"POST", "/v1/orders", "usr_a", "CUSTOMER", "k", "wait=1", "application/json", "runrun-loadtest", "[1]"},
		{Method: "GET", Path: "/mock/ledger?a=b", Agent: "runrun-loadtest"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	for name, c := range map[string]struct {
		answer     script
		outcome    string
		notNow     bool
		retryAfter time.Duration
	}{
		"held":                           {says(201, map[string]any{"id": "ord_a", "status": "HELD"}), "201 HELD", false, 0},
		"not decided yet":                {says(202, map[string]any{"id": "ord_a", "status": "RECEIVED"}), "202 RECEIVED", false, 0},
		"a list":                         {says(200, []int{1}), "200", false, 0},
		"sold out, though later perhaps": {refuses(409, "SOLD_OUT", ""), "409 SOLD_OUT", false, 0},
		"too many requests":              {refuses(429, "TOO_MANY_REQUESTS", "3"), "429 TOO_MANY_REQUESTS", true, 3 * time.Second},
		"overloaded":                     {refuses(503, "OVERLOADED", "2"), "503 OVERLOADED", true, 2 * time.Second},
		"to be authorized again":         {refuses(503, "PAYMENT_UNAVAILABLE", ""), "503 PAYMENT_UNAVAILABLE", false, 0},
		"a fault of the shop":            {refuses(500, "INTERNAL", ""), "500 INTERNAL", false, 0},
		"a proxy without a shop":         {badGateway, "502", true, 0},
		"a date to come again":           {refuses(503, "UNAVAILABLE", "Sun, 22 Nov 2026 12:00:00 GMT"), "503 UNAVAILABLE", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := serveAll(t, func(w http.ResponseWriter, r *http.Request) { c.answer(w, r, nil) })
			got, err := newTestClient(t, 1).call(t.Context(), request{method: "GET", url: url})
			if err != nil || got.outcome() != c.outcome || got.notNow() != c.notNow || got.retryAfter != c.retryAfter {
				t.Errorf("%q, not now %t, after %s, %v; want %q, %t, %s", got.outcome(), got.notNow(), got.retryAfter, err,
					c.outcome, c.notNow, c.retryAfter)
			}
		})
	}
}

func TestARequestThatIsNotAnsweredIsAnErrorAndNotSentTwice(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"the connection breaks": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id":`)
		},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":`) },
	} {
		t.Run(name, func(t *testing.T) {
			url, count := serveAll(t, serve)
			got, err := newTestClient(t, 1).call(t.Context(), request{method: "GET", url: url})
			if err == nil || !strings.HasPrefix(err.Error(), "GET "+url+": ") || got.status != 0 {
				t.Errorf("%+v, %v; want an error that names the request", got, err)
			}
			if n := count.Load(); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		if got, err := newTestClient(t, 1).call(t.Context(), request{method: "GET", url: server.URL}); err == nil {
			t.Errorf("%+v, want an error", got)
		}
	})
}

func TestARequestWhoseTimeIsOverIsNotSent(t *testing.T) {
	url, count := serveAll(t, func(http.ResponseWriter, *http.Request) {})
	ctx, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	_, err := newTestClient(t, 1).call(ctx, request{method: "GET", url: url})
	if !errors.Is(err, fasthttp.ErrTimeout) || count.Load() != 0 {
		t.Errorf("%v after %d requests, want a timeout and none", err, count.Load())
	}
}

// Twenty who come together share two connections: the rest wait for one, and are answered.
func TestNoMoreConnectionsAreOpenedThanAllowed(t *testing.T) {
	var coming, all sync.WaitGroup
	var opened atomic.Int64
	coming.Add(20)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { coming.Wait() }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newTestClient(t, 2)
	for range 20 {
		all.Go(func() {
			coming.Done()
			if got, err := c.call(t.Context(), request{method: "GET", url: server.URL}); err != nil || got.status != http.StatusOK {
				t.Errorf("%d, %v", got.status, err)
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n < 1 || n > 2 {
		t.Errorf("%d connections were opened, want at most 2", n)
	}
}

// What must be there is read again while the shop is coming back: ten times, a second apart.
func TestWhatMustBeThereIsReadAgain(t *testing.T) {
	gone := refuses(503, "UNAVAILABLE", "")
	for name, c := range map[string]struct {
		scripts []script
		rule    script
		want    int    // requests
		fault   string // "" is none
	}{
		"at once":            {nil, nil, 1, ""},
		"the shop came back": {[]script{gone, cut, badGateway}, nil, 4, ""},
		"it never came back": {nil, gone, 10, "503"},
		"nobody answered":    {nil, cut, 10, "closed connection"},
		"it is refused":      {nil, refuses(403, "FORBIDDEN", ""), 1, "FORBIDDEN"},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.scripts[stockRoute], s.rules[stockRoute] = c.scripts, c.rule
				began := time.Now()
				stock, err := r.stockOf(t.Context(), r.products[0])
				if c.fault == "" && (err != nil || stock.Total != r.scenario.units) {
					t.Errorf("%+v, %v", stock, err)
				}
				if c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
					t.Errorf("%v does not say %q", err, c.fault)
				}
				n, took := len(s.requests(stockRoute)), time.Since(began)
				if n != c.want || took != time.Duration(c.want-1)*time.Second {
					t.Errorf("%d requests in %s, want %d, a second apart", n, took, c.want)
				}
			})
		})
	}
}

func TestReadingAgainEndsWithItsContext(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		ctx, stop := context.WithCancel(t.Context())
		s.rules[stockRoute] = func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
			stop()
			problem(w, http.StatusServiceUnavailable, "UNAVAILABLE")
		}
		if _, err := r.stockOf(ctx, r.products[0]); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := len(s.requests(stockRoute)); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}
