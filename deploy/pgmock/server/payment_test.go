package server_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Only a definite no of the card company ends a session: after a fault the same session can be confirmed again.
func TestWhichErrorsEndASession(t *testing.T) {
	m := start(t)
	for code, ends := range map[string]bool{
		"REJECT_CARD_COMPANY": true, "INVALID_CARD_NUMBER": true, "NOT_FOUND_PAYMENT_SESSION": true, "FDS_ERROR": true,
		"PROVIDER_ERROR": false, "CARD_PROCESSING_ERROR": false, "INVALID_REQUEST": false, "FORBIDDEN_REQUEST": false,
		"FAILED_INTERNAL_SYSTEM_PROCESSING": false, "UNKNOWN_PAYMENT_ERROR": false, "IDEMPOTENT_REQUEST_PROCESSING": false,
	} {
		key := m.Authorize("ord_self_1", "Sneaker", 1000)
		m.confirm(key, "ord_self_1", 1000, "TossPayments-Test-Code", code)
		want := http.StatusOK
		if ends {
			want = http.StatusNotFound
		}
		if status, got := m.confirm(key, "ord_self_1", 1000); status != want {
			t.Errorf("after %s: %d %v, want %d", code, status, got, want)
		}
	}
}

func TestAPaymentThatIsNotThere(t *testing.T) {
	m := start(t)
	for name, call := range map[string]func() (int, map[string]any){
		"confirm":         func() (int, map[string]any) { return m.confirm("pay_none", "ord_self_1", 1000) },
		"lookup":          func() (int, map[string]any) { return m.do("GET", "/v1/payments/pay_none", nil) },
		"lookup by order": func() (int, map[string]any) { return m.do("GET", "/v1/payments/orders/ord_none", nil) },
		"cancel": func() (int, map[string]any) {
			return m.do("POST", "/v1/payments/pay_none/cancel", map[string]any{"cancelReason": "r"})
		},
	} {
		if status, got := call(); status != http.StatusNotFound || got["code"] != "NOT_FOUND_PAYMENT" {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
}

// A shopper whose card was refused pays with another: the order's payment is the latest.
func TestAnOrderShowsItsLatestPayment(t *testing.T) {
	m := start(t)
	for range 3 {
		key := m.Authorize("ord_self_1", "Sneaker", 1000)
		if _, got := m.do("GET", "/v1/payments/orders/ord_self_1", nil); got["paymentKey"] != key {
			t.Errorf("by order: %v, want %s", got["paymentKey"], key)
		}
	}
}

func TestTheWholeIsCanceledOnce(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	m.confirm(key, "ord_self_1", 11000)
	path, reason := "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "changed my mind"}
	_, got := m.do("POST", path, reason)
	if got["status"] != "CANCELED" || got["balanceAmount"] != 0.0 || got["totalAmount"] != 11000.0 || got["vat"] != 0.0 {
		t.Errorf("canceled: %v", got)
	}
	cancel := got["cancels"].([]any)[0].(map[string]any)
	if cancel["cancelAmount"] != 11000.0 || cancel["cancelReason"] != "changed my mind" || cancel["refundableAmount"] != 0.0 {
		t.Errorf("the cancel: %v", cancel)
	}
	if status, got := m.do("POST", path, reason); status != 400 || got["code"] != "ALREADY_CANCELED_PAYMENT" {
		t.Errorf("again: %d %v", status, got)
	}
	if n := len(m.Ledger().Cancels); n != 1 {
		t.Errorf("%d cancels, want 1", n)
	}
}

// The load test compares this with what it saw: an empty list is a list.
func TestTheLedgerOverHTTP(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.confirm(key, "ord_self_1", 1000)
	_, text := m.raw("GET", "/mock/ledger", nil)
	type entry struct {
		OrderID, PaymentKey string
		Amount              int64
	}
	var got struct{ Approvals, Cancels []entry }
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if diff := cmp.Diff([]entry{{"ord_self_1", key, 1000}}, got.Approvals); diff != "" {
		t.Errorf("approvals (-want +got):\n%s", diff)
	}
	if got.Cancels == nil || len(got.Cancels) != 0 {
		t.Errorf("cancels: %v in %s, want an empty list", got.Cancels, text)
	}
}

// Money that goes back has a transaction of its own, below zero.
func TestTransactionsShowMoneyBothWays(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	m.confirm(key, "ord_self_1", 1000)
	m.do("POST", "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "r", "cancelAmount": 400})
	_, text := m.raw("GET", "/v1/transactions?startDate=2020-01-01T00:00:00Z&endDate=2100-01-01T00:00:00Z", nil)
	type transaction struct {
		Status string
		Amount int64
	}
	var got []transaction
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if diff := cmp.Diff([]transaction{{"DONE", 1000}, {"PARTIAL_CANCELED", -400}}, got); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
}

func TestWhichTransactionsAreListed(t *testing.T) {
	m := start(t)
	m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000)
	const ever = "startDate=2020-01-01&endDate=2100-01-01"
	for _, query := range []string{
		"startDate=2020-01-01&endDate=2021-01-01", "startDate=2099-01-01&endDate=2100-01-01", ever + "&startingAfter=txn_none",
	} {
		if status, text := m.raw("GET", "/v1/transactions?"+query, nil); status != http.StatusOK || string(text) != "[]" {
			t.Errorf("%s: %d %s, want an empty list", query, status, text)
		}
	}
	for _, query := range []string{
		"", "startDate=2020-01-01", "endDate=2100-01-01", ever + "&limit=0", ever + "&limit=5001", ever + "&limit=ten",
	} {
		if status, got := m.do("GET", "/v1/transactions?"+query, nil); status != http.StatusBadRequest || got["code"] != "INVALID_REQUEST" {
			t.Errorf("%s: %d %v, want 400", query, status, got)
		}
	}
}
