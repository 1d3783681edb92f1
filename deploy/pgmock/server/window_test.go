package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// post sends the form of the window, and follows no redirect.
func (m mock) post(form url.Values) (status int, body []byte) {
	m.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(m.URL()+"/window", form)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err = io.ReadAll(resp.Body); err != nil {
		m.t.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestAWindowNeedsAnOrderAndAnAmount(t *testing.T) {
	m := start(t)
	for _, query := range []string{
		"", "orderId=ord_self_1", "orderId=ord_self_1&amount=0", "orderId=ord_self_1&amount=-1", "orderId=ord_self_1&amount=much",
		"orderId=short&amount=1000", "orderId=" + strings.Repeat("o", 65) + "&amount=1000", "orderId=ord+self+1&amount=1000", "amount=1000",
	} {
		if status, _ := m.raw("GET", "/window?"+query, nil); status != http.StatusBadRequest {
			t.Errorf("a window of %q: %d", query, status)
		}
		form, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		form.Set("act", "pay")
		if status, _ := m.post(form); status != http.StatusBadRequest {
			t.Errorf("a payment of %q: %d", query, status)
		}
	}
	if status, body := m.post(url.Values{"act": {"steal"}, "orderId": {"ord_self_1"}, "amount": {"1000"}}); status != http.StatusBadRequest {
		t.Errorf("a button that is not there: %d %s", status, body)
	}
}

// Without a shop to return to, the window shows what the shop would have been told; what is no address of the web is none.
func TestAWindowWithoutAShop(t *testing.T) {
	m := start(t)
	for _, successURL := range []string{"", "javascript:alert(1)", "ftp://shop.test/ok", "/relative"} {
		status, body := m.post(url.Values{
			"act": {"pay"}, "orderId": {"ord_self_1"}, "amount": {"1000"}, "successUrl": {successURL},
		})
		var told map[string]string
		if err := json.Unmarshal(body, &told); status != http.StatusOK || err != nil {
			t.Fatalf("%q: %d %s", successURL, status, body)
		}
		if told["orderId"] != "ord_self_1" || told["amount"] != "1000" {
			t.Errorf("%q: told %v", successURL, told)
		}
		if status, got := m.confirm(told["paymentKey"], "ord_self_1", 1000); status != http.StatusOK {
			t.Errorf("%q: confirm: %d %v", successURL, status, got)
		}
	}
}

func TestBadAuthorizationsAreRefused(t *testing.T) {
	m := start(t)
	for name, body := range map[string]any{
		"a short order": map[string]any{"orderId": "ord", "amount": 1000}, "for nothing": map[string]any{"orderId": "ord_self_1", "amount": 0},
		"a word": map[string]any{"orderId": "ord_self_1", "amount": "much"}, "a list": []int{1}, "no order": map[string]any{"amount": 1000},
	} {
		if status, got := m.do("POST", "/mock/authorizations", body); status != http.StatusBadRequest || got["paymentKey"] != nil {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
}
