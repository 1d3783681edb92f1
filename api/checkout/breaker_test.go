package checkout

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"runrun/domain"
)

func newTestBreakers(t *testing.T, keep int) *Breakers {
	t.Helper()
	b, err := NewBreakers(50*time.Millisecond, keep)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func items(products ...domain.ProductID) []domain.OrderItem {
	list := make([]domain.OrderItem, len(products))
	for n, product := range products {
		list[n].ProductID = product
	}
	return list
}

// try lets one order of the products go through and end with err.
func (b *Breakers) try(err error, products ...domain.ProductID) domain.Code {
	done, refused := b.allow(items(products...))
	if refused != nil {
		return domain.CodeOf(refused)
	}
	done(err)
	return ""
}

// Sold out, declined, invalid, too early, overloaded: none of it is a failure of the product, however often.
func TestShoppersNeverOpenABreaker(t *testing.T) {
	for _, code := range domain.Codes() {
		if code == domain.CodeInternal || code == domain.CodeUnavailable {
			continue
		}
		b := newTestBreakers(t, 10)
		for range 10 * breakerRequests {
			if got := b.try(domain.Errorf(code, "x"), "prd_a"); got != "" {
				t.Errorf("%s opened the breaker: %s", code, got)
				break
			}
		}
	}
	b := newTestBreakers(t, 10)
	for range 10 * breakerRequests { // shoppers who hang up, and orders in another state
		b.try(domain.Wrap(domain.CodeUnavailable, context.Canceled, "gone"), "prd_a")
		b.try(stateError(domain.Order{Status: domain.StatusPlaced}, "cannot be paid"), "prd_a")
	}
	if state := b.State("prd_a"); state != "closed" {
		t.Errorf("the breaker is %s", state)
	}
}

// A tenth of the orders fails by a fault of ours: the product is shut, for everybody and at once, and no other is.
func TestSystemFailuresOpenTheProductsBreakerOnly(t *testing.T) {
	b := newTestBreakers(t, 10)
	for n := range breakerRequests {
		var err error
		if n%10 == 9 {
			err = domain.Errorf(domain.CodeUnavailable, "the database is gone")
		}
		if got := b.try(err, "prd_a"); got != "" {
			t.Fatalf("after %d orders: %s", n, got)
		}
	}
	if got := b.try(nil, "prd_a"); got != domain.CodeBreakerOpen || b.State("prd_a") != "open" {
		t.Errorf("the product's own: %q, %s", got, b.State("prd_a"))
	}
	if got := b.try(nil, "prd_b"); got != "" {
		t.Errorf("another product: %q", got)
	}
	if got := b.try(nil, "prd_b", "prd_a"); got != domain.CodeBreakerOpen {
		t.Errorf("a basket with it: %q", got)
	}
}

// Orders whose step is failing count once each, however often their shoppers look; others that ask for attention do not.
func TestFailingStepsOpenTheBreaker(t *testing.T) {
	b := newTestBreakers(t, 100)
	stuck := func(n int, attention domain.Attention) domain.Order {
		return domain.Order{ID: domain.OrderID(fmt.Sprint("ord_", n)), Attention: attention, Items: items("prd_a")}
	}
	for n := range 2 * breakerRequests {
		b.Observe(stuck(0, domain.AttentionStepFailing))
		b.Observe(stuck(n, domain.AttentionPaymentUnknown))
		b.Observe(stuck(n, domain.AttentionNone))
	}
	if state := b.State("prd_a"); state != "closed" {
		t.Errorf("one stuck order, and the breaker is %s", state)
	}
	for n := range breakerRequests {
		b.Observe(stuck(n, domain.AttentionStepFailing))
	}
	if state := b.State("prd_a"); state != "open" {
		t.Errorf("%d stuck orders, and the breaker is %s", breakerRequests, state)
	}
}

// After a while a few may try; if they succeed the product is open again.
func TestProbesCloseTheBreaker(t *testing.T) {
	b := newTestBreakers(t, 10)
	for range breakerRequests {
		b.try(errors.New("broken"), "prd_a")
	}
	for deadline := time.Now().Add(10 * time.Second); b.State("prd_a") == "open" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	for n := range breakerProbes {
		if got := b.try(nil, "prd_a"); got != "" {
			t.Fatalf("probe %d: %q", n, got)
		}
	}
	if state := b.State("prd_a"); state != "closed" {
		t.Errorf("after good probes the breaker is %s", state)
	}
}

func TestBreakersAreBounded(t *testing.T) {
	b := newTestBreakers(t, 2)
	for _, product := range []domain.ProductID{"prd_a", "prd_b", "prd_c"} {
		b.try(nil, product)
	}
	if b.known.Len() != 2 {
		t.Errorf("%d breakers are kept, want 2", b.known.Len())
	}
	if state := b.State("prd_none"); state != "closed" || b.known.Len() != 2 {
		t.Errorf("asking for the state made a breaker, or it is %s", state)
	}
}
