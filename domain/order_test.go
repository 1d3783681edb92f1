package domain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
)

// A shopper sees this row before the order is read again: nothing of it may differ from what is written.
func TestTheRowOfANewOrder(t *testing.T) {
	o := validOrder()
	o.Ticket, o.Name, o.Fingerprint = 7, "Moon Jar", "print"
	want := domain.Order{
		ID: "ord_1a", UserID: "usr_1a", Status: domain.StatusReceived, Ticket: 7, Name: "Moon Jar", Items: o.Items,
		Total: domain.Won(2000), Delivery: domain.Won(10), Due: domain.Won(2010), Version: 1,
	}
	if diff := cmp.Diff(want, o.Row()); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

// Snapshots, events and caches hold orders as JSON: what is not known has no member, and personal data has none at all.
func TestTheJSONOfAnOrder(t *testing.T) {
	text, err := json.Marshal(validOrder().Row())
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"payBy", "reason", "attention", "Kim Minji", "Sejong", "04524"} {
		if strings.Contains(string(text), absent) {
			t.Errorf("%s is in %s", absent, text)
		}
	}
	var back domain.Order
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(validOrder().Row(), back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// Keys, ids and amounts are checked again before an order is written, whoever made it.
func TestWhatANewOrderMustHave(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*domain.NewOrder)
		pointer string
	}{
		"an id of another kind":   {func(o *domain.NewOrder) { o.ID = "prd_1a" }, "/id"},
		"no shopper":              {func(o *domain.NewOrder) { o.UserID = "" }, "/id"},
		"a shopper's id too long": {func(o *domain.NewOrder) { o.UserID = domain.UserID(strings.Repeat("u", 65)) }, "/id"},
		"a key with a space":      {func(o *domain.NewOrder) { o.IdempotencyKey = "a b" }, "/idempotencyKey"},
		"a fingerprint too long":  {func(o *domain.NewOrder) { o.Fingerprint = strings.Repeat("f", 65) }, "/idempotencyKey"},
		"a ticket below nothing":  {func(o *domain.NewOrder) { o.Ticket = -1 }, "/idempotencyKey"},
		"no items":                {func(o *domain.NewOrder) { o.Items = nil }, "/items"},
		"not a product":           {func(o *domain.NewOrder) { o.Items[0].ProductID = "brd_jar" }, "/items/0/productId"},
		"an item without a name":  {func(o *domain.NewOrder) { o.Items[0].Name = "" }, "/items/0/name"},
		"above the highest price": {func(o *domain.NewOrder) { o.Items[0].UnitPrice = domain.Won(domain.MaxPrice + 1) }, "/items/0/unitPrice"},
		"an item in dollars":      {func(o *domain.NewOrder) { o.Items[0].UnitPrice.Currency = "USD" }, "/items/0/unitPrice"},
		"a fee in dollars":        {func(o *domain.NewOrder) { o.Quote.Delivery.Currency = "USD" }, "/paymentAmount"},
		"no fee in the due":       {func(o *domain.NewOrder) { o.Quote.Due = domain.Won(2000) }, "/paymentAmount"},
		"no receiver":             {func(o *domain.NewOrder) { o.Receiver = domain.Receiver{} }, "/receiver/name"},
	} {
		o := validOrder()
		c.change(&o)
		wantViolation(t, name, o.Validate(), c.pointer)
	}
}

func TestFaultsOfItemsAndReceiverAreReportedTogether(t *testing.T) {
	err := domain.ValidateOrder([]domain.OrderItem{{ProductID: "prd_jar"}}, domain.Receiver{})
	want := []string{"/items/0/quantity", "/receiver/name", "/receiver/phone", "/receiver/address", "/receiver/zipCode"}
	if diff := cmp.Diff(want, pointersOf(err)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	o := validOrder()
	if err := domain.ValidateOrder(o.Items, o.Receiver); err != nil {
		t.Errorf("a good order: %v", err)
	}
}

// The API's description lists them: one that is missing there is a surprise to clients.
func TestReasonsAndAttentionsAreComplete(t *testing.T) {
	for _, reason := range []string{
		domain.ReasonSoldOut, domain.ReasonLimitExceeded, domain.ReasonClosed, domain.ReasonUnpaid, domain.ReasonCanceled, domain.ReasonStopped,
		domain.ReasonDeclined, domain.ReasonPaymentFault, domain.ReasonTooManyDeclines,
	} {
		if !slices.Contains(domain.Reasons(), reason) {
			t.Errorf("the reason %s is not listed", reason)
		}
	}
	for _, attention := range []domain.Attention{
		domain.AttentionPaymentUnknown, domain.AttentionRefundFailed, domain.AttentionReleaseFailed, domain.AttentionStepFailing,
	} {
		if !slices.Contains(domain.Attentions(), attention) {
			t.Errorf("the attention %s is not listed", attention)
		}
	}
	if slices.Contains(domain.Attentions(), domain.AttentionNone) {
		t.Error("no attention is listed as a reason for attention")
	}
}

func TestNeverPaid(t *testing.T) {
	for _, c := range []struct {
		status  domain.OrderStatus
		version int64
		want    bool
	}{
		{domain.StatusReceived, 1, true},
		{domain.StatusRefused, 2, true},
		{domain.StatusHeld, 2, true},
		{domain.StatusHeld, 4, false}, // paid for, and declined
		{domain.StatusPaying, 3, false},
		{domain.StatusPlaced, 4, false},
		{domain.StatusCanceled, 3, false}, // held or declined before: the row does not tell
	} {
		if got := (domain.Order{Status: c.status, Version: c.version}).NeverPaid(); got != c.want {
			t.Errorf("%s in version %d: %t, want %t", c.status, c.version, got, c.want)
		}
	}
}
