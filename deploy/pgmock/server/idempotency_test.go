package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// A key belongs to one call and one payment: a shop that derives its keys from the order must not be given another call's answer.
func TestAKeyIsForOneCall(t *testing.T) {
	m := start(t)
	first := m.Authorize("ord_self_1", "Sneaker", 1000)
	second := m.Authorize("ord_self_2", "Sneaker", 1000)
	m.confirm(first, "ord_self_1", 1000)
	m.confirm(second, "ord_self_2", 1000)
	for _, key := range []string{first, second} {
		status, got := m.do("POST", "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "r"}, "Idempotency-Key", "a")
		if status != http.StatusOK || got["paymentKey"] != key || got["status"] != "CANCELED" {
			t.Errorf("cancel of %s: %d %v", key, status, got)
		}
	}
	if n := len(m.Ledger().Cancels); n != 2 {
		t.Errorf("%d cancels, want 2", n)
	}
}

// Money goes back once for a key, and again for another: parts of a payment are canceled so.
func TestACancelIsDoneOnceForAKey(t *testing.T) {
	m := start(t)
	payment := m.Authorize("ord_self_1", "Sneaker", 10000)
	m.confirm(payment, "ord_self_1", 10000)
	var transactions []any
	for _, key := range []string{"a", "a", "b"} {
		status, got := m.do("POST", "/v1/payments/"+payment+"/cancel", map[string]any{"cancelReason": "r", "cancelAmount": 4000},
			"Idempotency-Key", key)
		if status != http.StatusOK {
			t.Fatalf("key %s: %d %v", key, status, got)
		}
		transactions = append(transactions, got["lastTransactionKey"])
	}
	if transactions[0] != transactions[1] || transactions[1] == transactions[2] {
		t.Errorf("transactions %v, want two equal and another", transactions)
	}
	if n := len(m.Ledger().Cancels); n != 2 {
		t.Errorf("%d cancels, want 2", n)
	}
}

// A replay is no new answer: the script waits for the next call that is one.
func TestAReplayPlaysNoScript(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "a")
	m.script(`{"call":"confirm","code":"PROVIDER_ERROR"}`)
	if status, got := m.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "a"); status != 200 || got["status"] != "DONE" {
		t.Errorf("the replay: %d %v", status, got)
	}
	if status, got := m.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "b"); status != 400 || got["code"] != "PROVIDER_ERROR" {
		t.Errorf("the next call: %d %v", status, got)
	}
}

// Who has the wrong key moves no money, and spends no idempotency key of the merchant.
func TestAWrongSecretChangesNothing(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	headers := []string{"Idempotency-Key", "a", "Authorization", "Basic b3RoZXI6"}
	if status, got := m.confirm(key, "ord_self_1", 1000, headers...); status != 401 || got["code"] != "UNAUTHORIZED_KEY" {
		t.Errorf("the wrong secret: %d %v", status, got)
	}
	if n := len(m.Ledger().Approvals); n != 0 {
		t.Errorf("%d approvals", n)
	}
	if status, got := m.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "a"); status != 200 || got["status"] != "DONE" {
		t.Errorf("the right one: %d %v", status, got)
	}
}

// What is only read is read anew, whatever key comes with it.
func TestALookupIsNotReplayed(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	for _, want := range []string{"IN_PROGRESS", "DONE"} {
		if _, got := m.do("GET", "/v1/payments/"+key, nil, "Idempotency-Key", "a"); got["status"] != want {
			t.Errorf("looked up: %v, want %s", got["status"], want)
		}
		m.confirm(key, "ord_self_1", 1000)
	}
}

func TestTheLongestKey(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	if status, got := m.confirm(key, "ord_self_1", 1000, "Idempotency-Key", strings.Repeat("k", 300)); status != http.StatusOK {
		t.Errorf("300 characters: %d %v", status, got)
	}
}
