package checkout

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"runrun/domain"
)

// gatewayAsked records what is asked of workflows.
type gatewayAsked struct {
	mu  sync.Mutex
	did []string
	err error
}

func (g *gatewayAsked) Notify(context.Context, domain.OrderID) error { return g.note("notify") }

func (g *gatewayAsked) CheckPayment(_ context.Context, _ domain.Order, key string) error {
	return g.note("check " + key)
}

func (g *gatewayAsked) note(what string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.did = append(g.did, what)
	return g.err
}

// What a webhook says is not believed: the rows decide who is asked.
func TestNoticesAreDecidedByTheRows(t *testing.T) {
	for name, c := range map[string]struct {
		status   domain.OrderStatus
		payment  domain.PaymentStatus // of pay_a
		attended domain.Attention
		in       Notice
		want     []string
	}{
		"the outcome is asked for":       {domain.StatusPaying, domain.PaymentIntent, "", Notice{"ord_a", "pay_a", true}, nil},
		"it is asked for, and fails":     {domain.StatusPaying, domain.PaymentIntent, domain.AttentionStepFailing, Notice{"ord_a", "pay_a", true}, []string{"notify"}},
		"the outcome is awaited":         {domain.StatusPaying, domain.PaymentUnknown, "", Notice{"ord_a", "pay_a", true}, []string{"notify"}},
		"a refund is awaited":            {domain.StatusCanceling, domain.PaymentDone, "", Notice{"ord_a", "pay_a", false}, []string{"notify"}},
		"staff look after it":            {domain.StatusExpired, domain.PaymentDone, domain.AttentionRefundFailed, Notice{"ord_a", "pay_a", true}, []string{"notify"}},
		"it is paid, as we know":         {domain.StatusPlaced, domain.PaymentDone, "", Notice{"ord_a", "pay_a", true}, nil},
		"a second payment of a paid one": {domain.StatusPlaced, domain.PaymentDone, "", Notice{"ord_a", "pay_b", true}, []string{"check pay_b"}},
		"a late approval":                {domain.StatusExpired, domain.PaymentDeclined, "", Notice{"ord_a", "pay_a", true}, []string{"check pay_a"}},
		"a late decline":                 {domain.StatusExpired, domain.PaymentDeclined, "", Notice{"ord_a", "pay_a", false}, nil},
		"declined, and yet approved":     {domain.StatusHeld, domain.PaymentDeclined, "", Notice{"ord_a", "pay_a", true}, []string{"check pay_a"}},
		"an order of nobody":             {domain.StatusExpired, domain.PaymentDeclined, "", Notice{"ord_b", "pay_a", true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := heldOrder
			o.Status, o.Attention = c.status, c.attended
			inShop(t, o, func(t *testing.T, shop *Checkout, rows *payRows, _ *workflow) {
				rows.payments = []domain.Payment{{PaymentKey: "pay_a", Status: c.payment}}
				asked := &gatewayAsked{}
				notices, err := NewNotices(shop.Orders, rows, asked)
				if err != nil {
					t.Fatal(err)
				}
				defer notices.Stop()
				notices.Add(t.Context(), c.in)
				synctest.Wait()
				if !slices.Equal(asked.did, c.want) {
					t.Errorf("did %v, want %v", asked.did, c.want)
				}
			})
		})
	}
}

// Strangers may send as many as they like: what is too much is dropped, and nobody waits.
func TestTooManyNoticesAreDropped(t *testing.T) {
	n := &Notices{queue: make(chan Notice, 1)}
	full, err := NewNotices(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	full.Stop()
	n.counter = full.counter
	n.Add(t.Context(), Notice{Order: "ord_a"})
	n.Add(t.Context(), Notice{Order: "ord_b"})
	if got := <-n.queue; got.Order != "ord_a" || len(n.queue) != 0 {
		t.Errorf("kept %+v and %d more", got, len(n.queue))
	}
}
