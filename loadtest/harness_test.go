package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/valyala/fasthttp"
)

const secret = "0123456789abcdef0123456789abcdef"

// testConfig is a run without Temporal and without a report.
func testConfig(url, scenario string) Config {
	return Config{
		Scenario: scenario, Shoppers: 1, URL: url, Gateway: url, JWTKey: base64.StdEncoding.EncodeToString([]byte(secret)),
		Seller: "usr_seller", Brand: "brd_a", Connections: 10, Patience: 2 * time.Minute,
	}
}

// newTestRun is a run that has put nothing on sale yet, and what it says.
func newTestRun(t *testing.T, cfg Config) (*run, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	return &run{
		cfg: cfg, scenario: cfg.scenario(), client: newClient(cfg.Connections, newTestMinter(t)), record: newRecorder(), out: out, id: "test",
	}, out
}

// still runs a test with a shop and a run of one shopper that is prepared, without a network: the clock stands still but for waits.
func still(t *testing.T, scenario string, test func(t *testing.T, s *fakeShop, r *run)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeShop()
		r, _ := newTestRun(t, testConfig("http://shop.test", scenario))
		r.client.http.Transport = direct{s}
		t.Cleanup(func() { pause(context.Background(), time.Minute) }) // fasthttp looks after a host for ten seconds more
		if err := r.prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, s, r)
	})
}

// dueNow is the run's only shopper.
func dueNow(r *run) *shopper {
	sh := r.shoppers[0]
	sh.due = time.Now()
	return sh
}

// direct carries requests to a handler without a network.
type direct struct{ handler http.Handler }

// RoundTrip serves a request. A handler that aborts breaks the connection.
func (d direct) RoundTrip(_ *fasthttp.HostClient, req *fasthttp.Request, resp *fasthttp.Response) (retry bool, err error) {
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			retry, err = true, fasthttp.ErrConnectionClosed
		default:
			panic(cause)
		}
	}()
	r := httptest.NewRequest(string(req.Header.Method()), string(req.URI().FullURI()), bytes.NewReader(req.Body()))
	for name, value := range req.Header.All() {
		r.Header.Set(string(name), string(value))
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	resp.SetStatusCode(w.Code)
	for name := range w.Header() {
		resp.Header.Set(name, w.Header().Get(name))
	}
	resp.SetBody(w.Body.Bytes())
	return false, nil
}

// heard is one request that the shop was sent.
type heard struct {
	user, query, body string
	header            http.Header
}

// script answers a request in the shop's place; serve is what the shop would do.
type script func(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc)

// unchanged answers 304 Not Modified.
func unchanged(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
	w.WriteHeader(http.StatusNotModified)
}

// lost lets the shop act, and breaks the connection before its answer.
func lost(_ http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	serve(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// cut breaks the connection before the shop has acted.
func cut(http.ResponseWriter, *http.Request, http.HandlerFunc) { panic(http.ErrAbortHandler) }

// refuses answers with a problem, and Retry-After in seconds unless that is "".
func refuses(status int, code, retryAfter string) script {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		problem(w, status, code)
	}
}

// says answers with JSON.
func says(status int, content any) script {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) { reply(w, status, content) }
}

// badGateway is what a proxy says whose shop is gone.
func badGateway(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
	http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
}

func reply(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content)
}

// retryable are the codes at which the same request may succeed later.
var retryable = []string{"SOLD_OUT", "TOO_MANY_REQUESTS", "OVERLOADED", "UNAVAILABLE"}

// problem answers as RFC 9457 says, with the shop's code.
func problem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "/problems/x", "title": http.StatusText(status), "status": status, "code": code, "retryable": slices.Contains(retryable, code),
	})
}

// caller is who an access token names; a token that is not right is nobody's.
func caller(r *http.Request) (user, role string) {
	claims := jwt.MapClaims{}
	text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	_, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithIssuer("runrun"), jwt.WithAudience("runrun-api"), jwt.WithExpirationRequired())
	if err != nil {
		return "", ""
	}
	user, _ = claims["sub"].(string)
	role, _ = claims["role"].(string)
	return user, role
}

// recorded keeps what the shop was sent, and plays its scripts.
type recorded struct {
	mu      sync.Mutex
	all     map[string][]heard  // by route
	scripts map[string][]script // for the next requests of a route
	rules   map[string]script   // for all requests of a route
}

// requests are those of a route, in their order.
func (s *recorded) requests(route string) []heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all[route])
}

// scripted serves a route, one request after another.
func (s *recorded) scripted(route string, serve http.HandlerFunc) http.HandlerFunc {
	locked := func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		serve(w, r)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if play := s.note(route, r); play != nil {
			play(w, r, locked)
			return
		}
		locked(w, r)
	}
}

// note keeps a request, and returns what answers it in the shop's place; nil if nothing does.
func (s *recorded) note(route string, r *http.Request) script {
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	user, _ := caller(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[route] = append(s.all[route], heard{user: user, query: r.URL.RawQuery, body: string(text), header: r.Header.Clone()})
	if queue := s.scripts[route]; len(queue) > 0 {
		s.scripts[route] = queue[1:]
		return queue[0]
	}
	return s.rules[route]
}
