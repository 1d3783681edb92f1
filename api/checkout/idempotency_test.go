package checkout

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"runrun/api/batch"
	"runrun/domain"
)

// keyIndex counts how often keys are looked up, and knows none.
type keyIndex struct{ lookUps atomic.Int64 }

func (i *keyIndex) OrderIDs(context.Context, []domain.OrderKey) (map[domain.OrderKey]domain.OrderID, error) {
	i.lookUps.Add(1)
	return nil, nil
}

func (*keyIndex) OrderByKey(context.Context, domain.UserID, string) (domain.Order, string, error) {
	return domain.Order{}, "", domain.Errorf(domain.CodeNotFound, "none")
}

func (*keyIndex) Digest(_, text string) string { return text }

// Look-ups are batched: a key or a product that no order can have would fail the look-ups of other shoppers beside
// it, and count against the
// breakers of products. Such a request is never looked up.
func TestOnlyWhatCanHaveBeenAcceptedIsLookedUp(t *testing.T) {
	index := &keyIndex{}
	idempotency, err := NewIdempotency(index, batch.Config{Writers: 1, Size: 8, Queue: 8, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer idempotency.Stop()
	c := &Checkout{idempotency: idempotency, breakers: newTestBreakers(t, 10)}
	good := []domain.OrderItem{{ProductID: "prd_jar", Quantity: 1}}
	for name, r := range map[string]*Request{
		"no key":           {Key: "", Items: good},
		"a foreign letter": {Key: "é", Items: good},
		"a long key":       {Key: strings.Repeat("k", 201), Items: good},
		"no items":         {Key: "k"},
		"no product":       {Key: "k", Items: []domain.OrderItem{{ProductID: "jar", Quantity: 1}}},
	} {
		if _, err := c.Replayed(t.Context(), r); domain.CodeOf(err) != domain.CodeNotFound || index.lookUps.Load() != 0 {
			t.Errorf("%s: %v after %d look-ups", name, err, index.lookUps.Load())
		}
	}
	if _, err := c.Replayed(t.Context(), &Request{Key: "k", Items: good}); domain.CodeOf(err) != domain.CodeNotFound ||
		index.lookUps.Load() != 1 {
		t.Errorf("a good one: %v after %d look-ups, want 1", err, index.lookUps.Load())
	}
}
