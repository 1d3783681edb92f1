package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/deploy/pgmock/server"
)

// lost sends a request on a connection of its own, where the client does not repeat it, and reports whether it stays unanswered.
func (m mock) lost(path string, body any, headers ...string) bool {
	m.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		m.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, m.URL()+path, bytes.NewReader(text))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":")))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		return true
	}
	_ = resp.Body.Close()
	return false
}

// codes looks a payment up so many times, and returns the codes of the answers; nil is a payment.
func (m mock) codes(key string, times int) (codes []any) {
	m.t.Helper()
	for range times {
		_, got := m.do("GET", "/v1/payments/"+key, nil)
		codes = append(codes, got["code"])
	}
	return codes
}

// Scripts of a call are played one after another, each for its times.
func TestScriptsArePlayedInOrder(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.script(`{"call":"lookup","code":"NOT_FOUND","times":2}`)
	m.script(`{"call":"lookup","code":"FORBIDDEN_CONSECUTIVE_REQUEST"}`)
	want := []any{"NOT_FOUND", "NOT_FOUND", "FORBIDDEN_CONSECUTIVE_REQUEST", nil}
	if diff := cmp.Diff(want, m.codes(key, 4)); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestAScriptForEverEndsWhenItIsDropped(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.script(`{"call":"lookup","code":"NOT_FOUND","times":-1}`)
	if diff := cmp.Diff([]any{"NOT_FOUND", "NOT_FOUND", "NOT_FOUND"}, m.codes(key, 3)); diff != "" {
		t.Errorf("before it is dropped (-want +got):\n%s", diff)
	}
	if status, body := m.raw("DELETE", "/mock/script", nil); status != http.StatusNoContent {
		t.Errorf("drop: %d %s", status, body)
	}
	if diff := cmp.Diff([]any{nil}, m.codes(key, 1)); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
}

// A share of nothing is never played, and does not stand in the way of the next script.
func TestTheShareOfAScript(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.script(`{"call":"lookup","code":"NOT_FOUND","times":-1,"share":0}`)
	m.script(`{"call":"lookup","code":"FORBIDDEN_CONSECUTIVE_REQUEST","times":2,"share":1}`)
	want := []any{"FORBIDDEN_CONSECUTIVE_REQUEST", "FORBIDDEN_CONSECUTIVE_REQUEST", nil, nil, nil, nil, nil, nil, nil, nil}
	if diff := cmp.Diff(want, m.codes(key, len(want))); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

// A script for a call leaves the others alone, and its failure moves no money.
func TestAScriptIsForOneCall(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.script(`{"call":"cancel","code":"REFUND_REJECTED"}`)
	m.script(`{"call":"transactions","code":"FORBIDDEN_REQUEST"}`)
	if status, got := m.confirm(key, "ord_self_1", 1000); status != http.StatusOK {
		t.Errorf("confirm: %d %v", status, got)
	}
	reason := map[string]any{"cancelReason": "r"}
	if status, got := m.do("POST", "/v1/payments/"+key+"/cancel", reason); status != 400 || got["code"] != "REFUND_REJECTED" {
		t.Errorf("cancel: %d %v", status, got)
	}
	day := "/v1/transactions?startDate=2020-01-01&endDate=2100-01-01"
	if status, got := m.do("GET", day, nil); status != 403 || got["code"] != "FORBIDDEN_REQUEST" {
		t.Errorf("transactions: %d %v", status, got)
	}
	if n := len(m.Ledger().Cancels); n != 0 {
		t.Errorf("%d cancels after a refused one", n)
	}
	if status, got := m.do("POST", "/v1/payments/"+key+"/cancel", reason); status != 200 || got["status"] != "CANCELED" {
		t.Errorf("the next cancel: %d %v", status, got)
	}
}

// A proxy before the gateway answers with a status of its own, and a new version of the gateway with a new code.
func TestTheStatusOfAScript(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.script(`{"call":"lookup","code":"NOT_FOUND","status":503}`)
	if status, got := m.do("GET", "/v1/payments/"+key, nil); status != 503 || got["code"] != "NOT_FOUND" {
		t.Errorf("another status: %d %v", status, got)
	}
	m.script(`{"call":"lookup","code":"BRAND_NEW","status":418}`)
	status, got := m.do("GET", "/v1/payments/"+key, nil, "Accept-Language", "en")
	if status != 418 || got["code"] != "BRAND_NEW" || got["message"] != "The request failed: brand new." {
		t.Errorf("another code: %d %v", status, got)
	}
}

// The gateway says 200 to a confirm that waits for something, which is no approval.
func TestAPaymentStatusInsteadOfAnApproval(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.script(`{"call":"lookup","status":"ABORTED"}`)
	for _, want := range []string{"ABORTED", "IN_PROGRESS"} { // shown once, and nothing has changed
		if _, got := m.do("GET", "/v1/payments/"+key, nil); got["status"] != want {
			t.Errorf("looked up: %v, want %s", got["status"], want)
		}
	}
	m.script(`{"call":"confirm","status":"WAITING_FOR_DEPOSIT"}`)
	if status, got := m.confirm(key, "ord_self_1", 1000); status != 200 || got["status"] != "WAITING_FOR_DEPOSIT" {
		t.Errorf("confirm: %d %v", status, got)
	}
	if _, got := m.do("GET", "/v1/payments/"+key, nil); got["status"] != "WAITING_FOR_DEPOSIT" || got["approvedAt"] != nil {
		t.Errorf("afterwards: %v, approved at %v", got["status"], got["approvedAt"])
	}
	if n := len(m.Ledger().Approvals); n != 0 {
		t.Errorf("%d approvals", n)
	}
}

// The money moves, and nobody hears of it: the same key asks what became of it, and moves nothing again.
func TestALostAnswerIsReplayedToWhoAsksAgain(t *testing.T) {
	lose := func(c *server.Config) { c.LoseShare = 1 }
	for name, m := range map[string]mock{"by a script": start(t), "by the configured share": start(t, lose)} {
		key := m.Authorize("ord_self_1", "Sneaker", 1000)
		if name == "by a script" {
			m.script(`{"call":"confirm","loseAnswer":true}`)
		}
		body := map[string]any{"paymentKey": key, "orderId": "ord_self_1", "amount": 1000}
		if !m.lost("/v1/payments/confirm", body, "Idempotency-Key", "a") {
			t.Errorf("%s: the answer came", name)
		}
		if n := len(m.Ledger().Approvals); n != 1 {
			t.Errorf("%s: %d approvals after the lost answer, want 1", name, n)
		}
		if status, got := m.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "a"); status != 200 || got["status"] != "DONE" {
			t.Errorf("%s: the replay: %d %v", name, status, got)
		}
		if n := len(m.Ledger().Approvals); n != 1 {
			t.Errorf("%s: %d approvals after the replay, want 1", name, n)
		}
	}
}
