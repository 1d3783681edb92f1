package main

import (
	"context"
	"errors"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"runrun/loadtest/audit"
)

// The first try may have got through: the second has the same key and body, and is the same order.
func TestAnOrderThatFailedIsTriedAgainWithTheSameKey(t *testing.T) {
	for name, c := range map[string]struct {
		first script
		wait  time.Duration
	}{
		"its answer was lost":  {lost, 500 * time.Millisecond},
		"the connection broke": {cut, 500 * time.Millisecond},
		"the shop is gone":     {badGateway, 500 * time.Millisecond},
		"too much to do":       {refuses(503, "OVERLOADED", "3"), 3 * time.Second},
		"too many requests":    {refuses(429, "TOO_MANY_REQUESTS", "1"), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.scripts[placeRoute] = []script{c.first}
				sh := dueNow(r)
				sh.come(t.Context(), walkAway)
				if sh.Told != audit.Held || sh.Order == "" || sh.Fault != nil || !sh.Retried {
					t.Errorf("%+v", sh.Shopper)
				}
				tries := s.requests(placeRoute)
				if len(tries) != 2 || tries[0].body != tries[1].body || len(s.orders) != 1 {
					t.Fatalf("%d tries made %d orders, want 2 and 1", len(tries), len(s.orders))
				}
				first, second := tries[0].header.Get("Idempotency-Key"), tries[1].header.Get("Idempotency-Key")
				if first != sh.key || second != sh.key {
					t.Errorf("tried with %q and %q, want %q", first, second, sh.key)
				}
				if came, asked := sh.Answered.Sub(sh.Came), sh.Asked.Sub(sh.Came); came != c.wait || asked != c.wait {
					t.Errorf("the second try came after %s, and was answered after %s; want %s", asked, came, c.wait)
				}
			})
		})
	}
}

func TestARefusalIsFinal(t *testing.T) {
	for name, c := range map[string]struct {
		answer script
		want   string
	}{
		"sold out":            {refuses(409, "SOLD_OUT", "1"), audit.SoldOut},
		"one too many":        {refuses(409, "LIMIT_EXCEEDED", ""), audit.LimitExceeded},
		"a fault of the shop": {refuses(500, "INTERNAL", ""), "INTERNAL"},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.rules[placeRoute] = c.answer
				sh := dueNow(r)
				sh.come(t.Context(), func(*shopper, context.Context) { t.Error("who is refused has nothing to do") })
				if sh.Told != c.want || sh.Order != "" || sh.Retried || sh.Fault != nil || sh.Answered.IsZero() {
					t.Errorf("%+v, want told %s", sh.Shopper, c.want)
				}
				if n := len(s.requests(placeRoute)); n != 1 || r.record.count("decision", c.want) != 1 {
					t.Errorf("%d tries, %d decisions; want one each", n, r.record.count("decision", c.want))
				}
			})
		})
	}
}

func TestAnAcceptedOrderIsFollowedUntilItIsDecided(t *testing.T) {
	status := func(status, reason string) script {
		return says(http.StatusOK, map[string]any{"id": "ord_1", "status": status, "reason": reason})
	}
	for name, c := range map[string]struct {
		scripts []script // before the shop's own answer, which is HELD
		polls   int
		want    string
		acts    int
	}{
		"held":                    {nil, 1, audit.Held, 1},
		"not decided for a while": {[]script{status("RECEIVED", ""), status("RECEIVED", "")}, 3, audit.Held, 1},
		"nothing new for a while": {[]script{unchanged}, 2, audit.Held, 1},
		"an answer was lost":      {[]script{lost}, 2, audit.Held, 1},
		"too much to do":          {[]script{refuses(503, "OVERLOADED", "1")}, 2, audit.Held, 1},
		"refused":                 {[]script{status("REFUSED", "SOLD_OUT")}, 1, audit.SoldOut, 0},
		"over before it was seen": {[]script{status("EXPIRED", "")}, 1, "EXPIRED", 0},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.undecided, s.scripts[followRoute] = true, c.scripts
				sh, acts := dueNow(r), 0
				sh.come(t.Context(), func(*shopper, context.Context) { acts++ })
				if sh.Told != c.want || sh.Order != "ord_1" || sh.Fault != nil || acts != c.acts {
					t.Errorf("%+v acted %d times, want told %s and %d", sh.Shopper, acts, c.want, c.acts)
				}
				polls := s.requests(followRoute)
				if len(polls) != c.polls || polls[0].query != "wait=20s" || polls[0].header.Get("If-None-Match") != `W/"received"` ||
					r.record.count("decision", c.want) != 1 {
					t.Errorf("polled %v, want %d long polls from what was shown on, and one decision", polls, c.polls)
				}
			})
		})
	}
}

// Nobody waits for the decision where the scenario says so: the order is placed without a wait and left alone.
func TestNoDecisionIsWaitedForWithoutAWait(t *testing.T) {
	still(t, "orders", func(t *testing.T, s *fakeShop, r *run) {
		sh := dueNow(r)
		sh.come(t.Context(), func(*shopper, context.Context) { t.Error("it is not held yet") })
		tries := s.requests(placeRoute)
		if len(tries) != 1 || tries[0].header.Get("Prefer") != "wait=0" || len(s.requests(followRoute)) != 0 || sh.Told != audit.Received {
			t.Errorf("%+v after %v", sh.Shopper, tries)
		}
	})
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		dueNow(r).come(t.Context(), leave)
		if got := s.requests(placeRoute)[0].header.Get("Prefer"); got != "wait=1" {
			t.Errorf("a drop prefers %q, want wait=1", got)
		}
	})
}

// Whatever the shop does not answer, the shopper gives up when the patience is over, and says what it was.
func TestPatienceEnds(t *testing.T) {
	for name, c := range map[string]struct {
		route string
		act   behaviour
		want  string
	}{
		"the order":    {placeRoute, leave, "the order of usr_load-test-00000 was never answered: the last answer was 503 UNAVAILABLE"},
		"the decision": {followRoute, leave, "order ord_1 of usr_load-test-00000 was never decided: the last answer was 503 UNAVAILABLE"},
		"the checkout": {checkoutRoute, pay, "checkout of order ord_1 was never answered: the last answer was 503 UNAVAILABLE"},
		"the window":   {authorizeRoute, pay, "window (mock) of order ord_1 was never answered: the last answer was 503 UNAVAILABLE"},
		"the payment":  {confirmRoute, pay, "pay of order ord_1 was never answered: the last answer was 503 UNAVAILABLE"},
		"the cancel":   {cancelRoute, cancel, "cancel of order ord_1 was never answered: the last answer was 503 UNAVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.undecided, s.rules[c.route] = c.route == followRoute, refuses(503, "UNAVAILABLE", "7")
				sh := dueNow(r)
				sh.come(t.Context(), c.act)
				if sh.Fault == nil || sh.Fault.Error() != c.want {
					t.Errorf("%v, want %s", sh.Fault, c.want)
				}
				if waited := time.Since(sh.due); waited != r.cfg.Patience {
					t.Errorf("gave up after %s, want %s", waited, r.cfg.Patience)
				}
				if n := len(s.requests(c.route)); n != 18 {
					t.Errorf("tried %d times in two minutes, want every seven seconds", n)
				}
			})
		})
	}
}

func TestAFaultNamesTheConnectionThatBroke(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		r.cfg.Patience = 1100 * time.Millisecond
		s.rules[placeRoute] = cut
		sh := dueNow(r)
		sh.come(t.Context(), leave)
		if !errors.Is(sh.Fault, fasthttp.ErrConnectionClosed) || r.record.count("order", broken) != 3 {
			t.Errorf("%v after %d tries, want a closed connection after 3", sh.Fault, r.record.count("order", broken))
		}
	})
}

// A shopper who comes late, because the load test itself was late, has waited for that, too. A further try is timed by itself.
func TestTheFirstTryIsTimedFromWhenTheShopperWasDue(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		s.scripts[placeRoute] = []script{refuses(503, "OVERLOADED", "2")}
		sh := dueNow(r)
		sh.due = sh.due.Add(-3 * time.Second)
		sh.come(t.Context(), leave)
		got := map[string]float64{}
		for _, row := range r.record.rows(time.Second) {
			got[row.Step+" "+row.Outcome] = math.Round(row.Max / 10)
		}
		want := map[string]float64{"order 503 OVERLOADED": 300, "order 201 HELD": 0, "decision HELD": 500}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("hundredths of a second: %s", diff)
		}
	})
}

func TestABrokenConnectionIsCounted(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		s.scripts[placeRoute], s.scripts[checkoutRoute] = []script{cut, lost}, []script{cut}
		dueNow(r).come(t.Context(), pay)
		if n := r.record.count("order", broken); n != 2 || r.errors() != 3 {
			t.Errorf("%d orders of %d requests were not answered, want 2 of 3", n, r.errors())
		}
	})
}
