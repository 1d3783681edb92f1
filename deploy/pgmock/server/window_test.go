package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"runrun/deploy/pgmock/server"
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

// Without a shop to return to, the window shows what the shop would have been told.
func TestAWindowWithoutAShop(t *testing.T) {
	m := start(t)
	status, body := m.post(url.Values{"act": {"pay"}, "orderId": {"ord_self_1"}, "amount": {"1000"}})
	var told map[string]string
	if err := json.Unmarshal(body, &told); status != http.StatusOK || err != nil {
		t.Fatalf("%d %s", status, body)
	}
	if told["orderId"] != "ord_self_1" || told["amount"] != "1000" {
		t.Errorf("told %v", told)
	}
	if status, got := m.confirm(told["paymentKey"], "ord_self_1", 1000); status != http.StatusOK {
		t.Errorf("confirm: %d %v", status, got)
	}
}

// Shoppers are sent back to registered origins, and nowhere else, whatever stands in the address of the window.
func TestAWindowReturnsToRegisteredOriginsOnly(t *testing.T) {
	m := start(t, func(c *server.Config) { c.ReturnOrigins = []string{"http://127.0.0.1:8080"} })
	m.ReturnTo("https://shop.test")
	for to, ok := range map[string]bool{
		"http://127.0.0.1:8080/pay/success": true, "https://shop.test/pay?a=1": true,
		"http://shop.test/pay": false, "https://shop.test.evil/": false, "https://shop.test@evil/": false, "https://evil/?https://shop.test": false,
		"javascript:alert(1)": false, "/relative": false, "//shop.test/": false, "ftp://shop.test/": false,
	} {
		for _, name := range []string{"successUrl", "failUrl"} {
			form := url.Values{"act": {"pay"}, "orderId": {"ord_self_1"}, "amount": {"1000"}, "successUrl": {"https://shop.test/"}}
			form.Set(name, to)
			if status, _ := m.raw("GET", "/window?"+form.Encode(), nil); (status == http.StatusOK) != ok {
				t.Errorf("%s=%s: the window is %d", name, to, status)
			}
			if status, _ := m.post(form); (status == http.StatusSeeOther) != ok {
				t.Errorf("%s=%s: pay is %d", name, to, status)
			}
		}
	}
	if err := (server.Config{ReturnOrigins: []string{"https://shop.test/path"}, ConfirmWithin: 1}).Validate(); err == nil {
		t.Error("an address with a path is taken for an origin")
	}
}

// The window says who is paid, for what and how much, in the shopper's language, and sends nothing of the card.
func TestAWindowIsWhatAShopperExpects(t *testing.T) {
	m := start(t, func(c *server.Config) { c.Merchant = "RUNRUN" })
	for language, words := range map[string][]string{
		"ko": {"결제 금액", "카드 번호", "₩1,234,000"}, "en": {"Card number", "Pay ₩1,234,000", "RUNRUN"},
	} {
		_, body := m.raw("GET", "/window?orderId=ord_self_1&amount=1234000&orderName=Moon+Lamp&language="+language, nil)
		for _, word := range append(words, "Moon Lamp", `lang="`+language+`"`) {
			if !strings.Contains(string(body), word) {
				t.Errorf("%s: no %q in %s", language, word, body)
			}
		}
		for _, input := range regexp.MustCompile(`<input[^>]*autocomplete="cc-[^>]*>`).FindAllString(string(body), -1) {
			if strings.Contains(input, "name=") {
				t.Errorf("%s is sent", input)
			}
		}
	}
}

// A shop opens the window by the gateway's script.
func TestTheScriptOfTheWindow(t *testing.T) {
	m := start(t)
	status, body := m.raw("GET", server.SDKPath, nil)
	if status != http.StatusOK || !strings.Contains(string(body), "requestPayment") {
		t.Errorf("%d %s", status, body)
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
