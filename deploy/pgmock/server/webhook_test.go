package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"runrun/deploy/pgmock/server"
)

// hook is a webhook as the shop receives it.
type hook struct {
	id, retried, status string
}

// shop receives webhooks, and answers each with the status.
func shop(t *testing.T, status int) (url string, hooks chan hook) {
	t.Helper()
	hooks = make(chan hook, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			EventType string
			Data      struct{ Status string }
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.EventType != "PAYMENT_STATUS_CHANGED" {
			t.Errorf("a webhook of type %q: %v", body.EventType, err)
		}
		hooks <- hook{
			r.Header.Get("tosspayments-webhook-transmission-id"), r.Header.Get("tosspayments-webhook-transmission-retried-count"), body.Data.Status,
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, hooks
}

func next(t *testing.T, hooks <-chan hook) hook {
	t.Helper()
	select {
	case got := <-hooks:
		return got
	case <-time.After(time.Minute):
		t.Fatal("no webhook came")
		return hook{}
	}
}

func TestEveryChangeOfAPaymentIsTold(t *testing.T) {
	url, hooks := shop(t, http.StatusOK)
	m := start(t, func(c *server.Config) { c.WebhookURL = url })
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.confirm(key, "ord_self_1", 1000)
	if got := next(t, hooks); got.status != "DONE" {
		t.Errorf("after the approval: %+v", got)
	}
	for _, want := range []string{"PARTIAL_CANCELED", "PARTIAL_CANCELED"} {
		m.do("POST", "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "r", "cancelAmount": 500})
		if got := next(t, hooks); got.status != want {
			t.Errorf("after a cancel: %+v, want %s", got, want)
		}
	}
	m.confirm(m.Authorize("ord_self_2", "Sneaker", 1000), "ord_self_2", 1000, "TossPayments-Test-Code", "REJECT_CARD_COMPANY")
	if got := next(t, hooks); got.status != "ABORTED" {
		t.Errorf("after a decline: %+v", got)
	}
}

// A duplicate is the same transmission: that is how a shop can tell.
func TestADuplicateHasTheIDOfTheFirst(t *testing.T) {
	url, hooks := shop(t, http.StatusOK)
	m := start(t, func(c *server.Config) { c.WebhookURL, c.DuplicateShare = url, 1 })
	m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000)
	first, second := next(t, hooks), next(t, hooks)
	if first.id == "" || first != second {
		t.Errorf("%+v and %+v, want the same twice", first, second)
	}
	m.confirm(m.Authorize("ord_self_2", "Sneaker", 1000), "ord_self_2", 1000)
	if other := next(t, hooks); other.id == first.id {
		t.Errorf("another change has the same id: %+v", other)
	}
}

// A mock that is stopped does not wait for a shop that never answers with 200.
func TestStopGivesUpWebhooks(t *testing.T) {
	url, hooks := shop(t, http.StatusNoContent)
	m := start(t, func(c *server.Config) { c.WebhookURL, c.WebhookRetry = url, 24*time.Hour })
	m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000)
	next(t, hooks)
	if err := m.Stop(); err != nil { // would take a day
		t.Error(err)
	}
}
