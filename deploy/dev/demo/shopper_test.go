package demo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
)

// reply is an answer of the shop.
type reply struct {
	status int
	body   string
}

// request is what the shop was asked.
type request struct {
	call, token, key string
	body             map[string]any
}

// shop is an API and a gateway: each call has its answers, the last of which is repeated; others are answered with an empty object.
type shop struct {
	url string

	mu       sync.Mutex
	answers  map[string][]reply
	requests []request
}

func openShop(t *testing.T, answers map[string][]reply) *shop {
	t.Helper()
	s := &shop{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// ServeHTTP answers, and keeps what it was asked.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := request{call: r.Method + " " + r.URL.RequestURI(), token: r.Header.Get("Authorization"), key: r.Header.Get("Idempotency-Key")}
	_ = json.NewDecoder(r.Body).Decode(&got.body)
	s.requests = append(s.requests, got)
	answer := reply{http.StatusOK, "{}"}
	if answers := s.answers[got.call]; len(answers) > 0 {
		answer = answers[0]
		if len(answers) > 1 {
			s.answers[got.call] = answers[1:]
		}
	}
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.body)
}

// calls lists what the shop was asked, in order.
func (s *shop) calls() (calls []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		calls = append(calls, r.call)
	}
	return calls
}

// shopper is one who holds units of the order ord_1a.
func (s *shop) shopper(behaviour string) *Shopper {
	return &Shopper{API: s.url, Gateway: s.url, Token: "t", Behaviour: behaviour, OrderID: "ord_1a", amount: 180000, held: true}
}

const (
	login     = "POST /v1/users/login"
	order     = "POST /v1/orders"
	cancel    = "POST /v1/orders/ord_1a/cancel"
	script    = "POST /mock/script"
	authorize = "POST /mock/authorizations"
	confirm   = "POST /v1/payments/confirm"
	look      = "GET /v1/orders/ord_1a"
	follow    = "GET /v1/orders/ord_1a?wait=20s"
)

// A behaviour that nobody acts out would only walk away, and the demo would still balance.
func TestEveryBehaviourIsActedOut(t *testing.T) {
	want := map[string][]string{
		"pay":                        {authorize, confirm, look},
		"card refused, then pay":     {confirm, authorize, confirm, look},
		"card refused three times":   {confirm, confirm, confirm, look},
		"cancel":                     {cancel, look},
		"answer of the gateway lost": {script, authorize, confirm, look},
		"walk away":                  {look},
	}
	for _, behaviour := range behaviours {
		s := openShop(t, map[string][]reply{
			look: {{http.StatusOK, `{"id":"ord_1a","status":"PLACED"}`}}, authorize: {{http.StatusCreated, `{"paymentKey":"pay_1"}`}},
		})
		sh := s.shopper(behaviour)
		sh.Act(t.Context())
		if sh.Err != nil || sh.Outcome != "PLACED" {
			t.Errorf("%s: outcome %q, %v", behaviour, sh.Outcome, sh.Err)
		}
		if diff := cmp.Diff(want[behaviour], s.calls()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", behaviour, diff)
		}
	}
}

// The card that is refused is another than the one that pays; both are asked for the whole amount.
func TestARefusedCardIsNotTheOneThatPays(t *testing.T) {
	s := openShop(t, map[string][]reply{
		look: {{http.StatusOK, `{"status":"PLACED"}`}}, authorize: {{http.StatusCreated, `{"paymentKey":"pay_1"}`}},
	})
	s.shopper("card refused, then pay").Act(t.Context())
	var keys []any
	for _, r := range s.requests {
		if r.call != confirm {
			continue
		}
		keys = append(keys, r.body["paymentKey"])
		if r.body["orderId"] != "ord_1a" || r.body["amount"] != 180000.0 || r.token != "Bearer t" {
			t.Errorf("confirm: %v with %q", r.body, r.token)
		}
	}
	if len(keys) != 2 || keys[0] == "pay_1" || keys[1] != "pay_1" {
		t.Errorf("paid with %v, want another card and then pay_1", keys)
	}
}

func TestAShopperWithoutUnitsDoesNothing(t *testing.T) {
	s := openShop(t, nil)
	sh := s.shopper("pay")
	sh.held = false
	sh.Act(t.Context())
	if calls := s.calls(); len(calls) != 0 || sh.Err != nil {
		t.Errorf("asked %v, %v", calls, sh.Err)
	}
}

// An order that is not decided yet is asked for again under its key: another key would be another order.
func TestAnOrderIsAskedForUnderOneKey(t *testing.T) {
	s := openShop(t, map[string][]reply{order: {
		{http.StatusAccepted, `{"id":"ord_1a","status":"RECEIVED"}`}, {http.StatusServiceUnavailable, `{"code":"OVERLOADED"}`},
		{http.StatusCreated, `{"id":"ord_1a","status":"HELD","paymentAmount":180000}`},
	}})
	sh := &Shopper{API: s.url}
	sh.Order(t.Context(), "prd_jar")
	if sh.Err != nil || sh.OrderID != "ord_1a" || sh.amount != 180000 || !sh.held {
		t.Errorf("got %+v", sh)
	}
	if diff := cmp.Diff([]string{order, order, order}, s.calls()); diff != "" {
		t.Fatalf("calls (-want +got):\n%s", diff)
	}
	for _, r := range s.requests {
		if r.key == "" || r.key != s.requests[0].key {
			t.Errorf("keys %q and %q, want one", s.requests[0].key, r.key)
		}
	}
}

func TestHowAnOrderIsDecided(t *testing.T) {
	for name, c := range map[string]struct {
		answer  reply
		outcome string
		fails   string // what the error says, if that is the end
	}{
		"held":            {reply{http.StatusCreated, `{"id":"ord_1a"}`}, "", ""},
		"sold out":        {reply{http.StatusConflict, `{"code":"SOLD_OUT"}`}, "SOLD_OUT", ""},
		"not valid":       {reply{http.StatusUnprocessableEntity, `{"code":"VALIDATION"}`}, "", "422 VALIDATION"},
		"no JSON at all":  {reply{http.StatusBadGateway, `<html>`}, "", "502"},
		"an empty answer": {reply{http.StatusInternalServerError, ""}, "", "500"},
	} {
		t.Run(name, func(t *testing.T) {
			sh := &Shopper{API: openShop(t, map[string][]reply{order: {c.answer}}).url}
			sh.Order(t.Context(), "prd_jar")
			if sh.Outcome != c.outcome || sh.held != (name == "held") {
				t.Errorf("outcome %q, held %t; want %q", sh.Outcome, sh.held, c.outcome)
			}
			if (sh.Err != nil) != (c.fails != "") || sh.Err != nil && !strings.Contains(sh.Err.Error(), c.fails) {
				t.Errorf("error %v, want %q", sh.Err, c.fails)
			}
		})
	}
}

// Sixty logins at once are more than the API takes: 503 is no failure, and 401 is.
func TestALoginIsRepeatedWhileTheAPIIsBusy(t *testing.T) {
	s := openShop(t, map[string][]reply{login: {{http.StatusServiceUnavailable, `{}`}, {http.StatusOK, `{"accessToken":"t1"}`}}})
	sh := &Shopper{API: s.url}
	sh.logIn(t.Context(), "shopper001@runrun.test", "secret")
	if sh.Err != nil || sh.Token != "t1" || len(s.calls()) != 2 {
		t.Errorf("token %q after %d calls, %v", sh.Token, len(s.calls()), sh.Err)
	}
	refused := &Shopper{API: openShop(t, map[string][]reply{login: {{http.StatusUnauthorized, `{"code":"LOGIN_FAILED"}`}}}).url}
	refused.logIn(t.Context(), "shopper001@runrun.test", "wrong")
	if refused.Err == nil || !strings.Contains(refused.Err.Error(), "LOGIN_FAILED") || strings.Contains(refused.Err.Error(), "wrong") {
		t.Errorf("got %v, want LOGIN_FAILED, without the password", refused.Err)
	}
}

// The first look may find it settled; from then on the shopper is told of changes.
func TestAnOrderIsFollowedToItsEnd(t *testing.T) {
	for _, status := range []domain.OrderStatus{
		domain.StatusPlaced, domain.StatusExpired, domain.StatusCanceled, domain.StatusPaymentFailed,
	} {
		s := openShop(t, map[string][]reply{
			look:   {{http.StatusOK, `{"status":"HELD"}`}},
			follow: {{http.StatusOK, `{"status":"PAYING"}`}, {http.StatusOK, `{"status":"` + string(status) + `"}`}},
		})
		sh := s.shopper("walk away")
		sh.Act(t.Context())
		if sh.Outcome != string(status) || sh.Err != nil {
			t.Errorf("%s: outcome %q, %v", status, sh.Outcome, sh.Err)
		}
		if diff := cmp.Diff([]string{look, follow, follow}, s.calls()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", status, diff)
		}
	}
}

func TestAnOrderThatCannotBeFollowedIsAnError(t *testing.T) {
	sh := openShop(t, map[string][]reply{look: {{http.StatusNotFound, `{"code":"NOT_FOUND","status":404}`}}}).shopper("walk away")
	if sh.Act(t.Context()); sh.Err == nil || !strings.Contains(sh.Err.Error(), "404 NOT_FOUND") {
		t.Errorf("an order that is not there: %v", sh.Err)
	}
	over, end := context.WithCancel(t.Context())
	end()
	late := openShop(t, nil).shopper("walk away")
	if late.Act(over); late.Err == nil || late.Outcome != "" {
		t.Errorf("no time left: outcome %q, %v", late.Outcome, late.Err)
	}
}

// transport answers requests without a network, so that the test's clock can stand still.
type transport func(*http.Request) (*http.Response, error)

// RoundTrip answers a request.
func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// An API that is away for a moment is asked again, and not in a loop without a pause.
func TestAnAPIThatIsAwayIsAskedAgain(t *testing.T) {
	before := http.DefaultClient.Transport
	t.Cleanup(func() { http.DefaultClient.Transport = before })
	synctest.Test(t, func(t *testing.T) {
		answers := []reply{{http.StatusServiceUnavailable, `{}`}, {http.StatusBadGateway, ``}, {http.StatusOK, `{"status":"PLACED"}`}}
		http.DefaultClient.Transport = transport(func(*http.Request) (*http.Response, error) {
			if len(answers) == 0 {
				return nil, errors.New("asked too often")
			}
			answer := answers[0]
			answers = answers[1:]
			return &http.Response{StatusCode: answer.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer.body))}, nil
		})
		sh := (&shop{url: "http://shop.test"}).shopper("walk away")
		if sh.Act(t.Context()); sh.Err != nil || sh.Outcome != "PLACED" || len(answers) != 0 {
			t.Errorf("outcome %q, %v; %d answers were not fetched", sh.Outcome, sh.Err, len(answers))
		}
	})
}
