package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// become is what became of a shopper's order, in the shop, at the gateway, and in the shopper's eyes.
type become struct {
	Status           string
	Charged          int // approvals
	Windows, Pays    int // requests
	Bought, Canceled bool
	Refunds          int
	Returned         bool
}

// becomes lets the run's shopper come.
func becomes(t *testing.T, s *fakeShop, r *run, act behaviour) become {
	t.Helper()
	sh := dueNow(r)
	sh.come(t.Context(), act)
	if sh.Fault != nil || len(s.orders) != 1 {
		t.Fatalf("%d orders, %v", len(s.orders), sh.Fault)
	}
	return become{
		s.orders[0].Status, len(s.approvals), len(s.requests(authorizeRoute)), len(s.requests(confirmRoute)), sh.Bought, sh.Canceled,
		len(s.cancels), sh.Returned,
	}
}

func TestWinnersDoWhatTheyAreLike(t *testing.T) {
	for name, c := range map[string]struct {
		act  behaviour
		want become
	}{
		"pay":              {pay, become{Status: "PLACED", Charged: 1, Windows: 1, Pays: 1, Bought: true}},
		"walk away":        {walkAway, become{Status: "HELD"}},
		"leave":            {leave, become{Status: "HELD"}},
		"cancel":           {cancel, become{Status: "CANCELED", Canceled: true}},
		"decline then pay": {declineThenPay, become{Status: "PLACED", Charged: 1, Windows: 1, Pays: 2, Bought: true}},
		"decline out":      {declineOut, become{Status: "PAYMENT_FAILED", Pays: 3}},
		"pay then cancel":  {payThenCancel, become{Status: "CANCELED", Charged: 1, Windows: 1, Pays: 1, Bought: true, Canceled: true, Refunds: 1}},
		"pay then return":  {payThenReturn, become{Status: "RETURNED", Charged: 1, Windows: 1, Pays: 1, Bought: true, Returned: true, Refunds: 1}},
		"a double click":   {payTwiceAtOnce, become{Status: "PLACED", Charged: 1, Windows: 1, Pays: 2, Bought: true}},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.delivers = true
				if diff := cmp.Diff(c.want, becomes(t, s, r, c.act)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// An order that nobody delivers, or not soon, is kept.
func TestAnOrderThatIsNotDeliveredIsKept(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		if got := becomes(t, s, r, payThenReturn); got.Status != "PLACED" || got.Returned {
			t.Errorf("%+v", got)
		}
	})
}

// What the shop or the window does not answer well: the shopper goes on as the shop's documentation says.
func TestAPaymentGoesOnAfterAFault(t *testing.T) {
	paid := func(windows, pays int) become {
		return become{Status: "PLACED", Charged: 1, Windows: windows, Pays: pays, Bought: true}
	}
	for name, c := range map[string]struct {
		route   string
		scripts []script
		want    become
	}{
		"its answer was lost: the same payment again":     {confirmRoute, []script{lost}, paid(1, 2)},
		"the shop had too much to do: the same again":     {confirmRoute, []script{refuses(503, "UNAVAILABLE", "1"), cut}, paid(1, 3)},
		"the gateway could not be asked: authorize again": {confirmRoute, []script{refuses(503, "PAYMENT_UNAVAILABLE", "")}, paid(2, 2)},
		"the window broke":                  {authorizeRoute, []script{cut}, paid(2, 1)},
		"the checkout was gone for a while": {checkoutRoute, []script{badGateway, cut}, paid(1, 1)},
		"not approved yet: seen when all is counted": {
			confirmRoute, []script{says(http.StatusAccepted, map[string]any{"id": "ord_1", "status": "PAYING"})},
			become{Status: "HELD", Windows: 1, Pays: 1},
		},
		"nothing to pay any more":     {checkoutRoute, []script{refuses(409, "ORDER_STATE", "")}, become{Status: "HELD"}},
		"the window refuses":          {authorizeRoute, []script{says(400, map[string]any{})}, become{Status: "HELD", Windows: 1}},
		"delivered before the answer": {confirmRoute, []script{deliver}, become{Status: "PLACED", Charged: 1, Windows: 1, Pays: 1, Bought: true}},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
				s.scripts[c.route] = c.scripts
				if diff := cmp.Diff(c.want, becomes(t, s, r, pay)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// deliver pays an order, and shows it as it is later.
func deliver(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	serve(httptest.NewRecorder(), r)
	reply(w, http.StatusOK, map[string]any{"id": "ord_1", "status": "DELIVERED"})
}

// A double click sends one payment twice, and cards that are refused are never the same.
func TestPaymentsAreTheSameOnlyInADoubleClick(t *testing.T) {
	sent := func(act behaviour) (bodies []string) {
		still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
			becomes(t, s, r, act)
			for _, payment := range s.requests(confirmRoute) {
				bodies = append(bodies, payment.body)
			}
		})
		slices.Sort(bodies)
		return slices.Compact(bodies)
	}
	if clicks, cards := sent(payTwiceAtOnce), sent(declineOut); len(clicks) != 1 || len(cards) != 3 {
		t.Errorf("a double click sent %v, three cards %v", clicks, cards)
	}
}

func TestALostAnswerToACancelIsAskedForAgain(t *testing.T) {
	still(t, "drop", func(t *testing.T, s *fakeShop, r *run) {
		s.scripts[cancelRoute] = []script{lost}
		if got := becomes(t, s, r, cancel); got.Status != "CANCELED" || !got.Canceled || len(s.requests(cancelRoute)) != 2 {
			t.Errorf("%+v after %d requests", got, len(s.requests(cancelRoute)))
		}
	})
}
