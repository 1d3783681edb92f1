package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runrun/deploy/pgmock/server"
)

const secret = "test_sk_self"

type mock struct {
	t *testing.T
	*server.Server
}

func start(t *testing.T, change ...func(*server.Config)) mock {
	t.Helper()
	cfg := server.Config{Listen: "127.0.0.1:0", SecretKey: secret, ConfirmWithin: time.Minute, WebhookRetry: time.Millisecond}
	for _, alter := range change {
		alter(&cfg)
	}
	s, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return mock{t, s}
}

// do sends a request with the right key and returns status and body.
func (m mock) do(method, path string, body any, headers ...string) (int, map[string]any) {
	m.t.Helper()
	status, text := m.raw(method, path, body, headers...)
	var got map[string]any
	_ = json.Unmarshal(text, &got)
	return status, got
}

func (m mock) raw(method, path string, body any, headers ...string) (int, []byte) {
	m.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		m.t.Fatal(err)
	}
	r, err := http.NewRequest(method, m.URL()+path, bytes.NewReader(text))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":")))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	if !strings.HasPrefix(path, "/mock") && resp.Header.Get("x-tosspayments-trace-id") == "" && strings.HasPrefix(path, "/v1") {
		m.t.Errorf("%s %s: no trace id", method, path)
	}
	return resp.StatusCode, answer
}

func (m mock) confirm(key, order string, amount int64, headers ...string) (int, map[string]any) {
	return m.do("POST", "/v1/payments/confirm", map[string]any{"paymentKey": key, "orderId": order, "amount": amount}, headers...)
}

func TestAuthorization(t *testing.T) {
	m := start(t)
	for name, c := range map[string]struct {
		header, code string
		status       int
	}{
		"no colon":  {"Basic " + base64.StdEncoding.EncodeToString([]byte(secret)), "INCORRECT_BASIC_AUTH_FORMAT", 403},
		"wrong key": {"Basic " + base64.StdEncoding.EncodeToString([]byte("other:")), "UNAUTHORIZED_KEY", 401},
		"bearer":    {"Bearer x", "INCORRECT_BASIC_AUTH_FORMAT", 403},
	} {
		status, got := m.do("GET", "/v1/payments/x", nil, "Authorization", c.header)
		if status != c.status || got["code"] != c.code {
			t.Errorf("%s: %d %v, want %d %s", name, status, got, c.status, c.code)
		}
	}
}

func TestConfirmMakesAWholePayment(t *testing.T) {
	m := start(t)
	status, got := m.do("POST", "/mock/authorizations", map[string]any{"orderId": "ord_self_1", "amount": 11000, "orderName": "Sneaker"})
	if status != http.StatusCreated {
		t.Fatal(status, got)
	}
	key := got["paymentKey"].(string)
	status, p := m.confirm(key, "ord_self_1", 11000)
	if status != http.StatusOK || p["status"] != "DONE" || p["vat"] != 1000.0 || p["suppliedAmount"] != 10000.0 ||
		p["balanceAmount"] != 11000.0 {
		t.Errorf("confirm: %d %v", status, p)
	}
	for _, field := range []string{"version", "type", "mId", "method", "requestedAt", "approvedAt", "lastTransactionKey", "card", "receipt"} {
		if p[field] == nil {
			t.Errorf("an approved payment has no %s", field)
		}
	}
	for _, field := range []string{"virtualAccount", "transfer", "mobilePhone", "easyPay", "cashReceipt", "discount", "failure"} {
		if value, there := p[field]; !there || value != nil {
			t.Errorf("%s is %v, want null", field, value)
		}
	}
	if at, err := time.Parse("2006-01-02T15:04:05-07:00", p["approvedAt"].(string)); err != nil || time.Since(at) > time.Minute {
		t.Errorf("approvedAt %v: %v", p["approvedAt"], err)
	}
	if status, got := m.confirm(key, "ord_self_1", 11000); status != 400 || got["code"] != "ALREADY_PROCESSED_PAYMENT" {
		t.Errorf("without an idempotency key again: %d %v", status, got)
	}
	if status, got := m.do("GET", "/v1/payments/orders/ord_self_1", nil); status != 200 || got["paymentKey"] != key {
		t.Errorf("by order: %d %v", status, got)
	}
}

func TestConfirmRefusesAnotherOrderAndAnotherAmount(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	for _, c := range []struct {
		order  string
		amount int64
	}{{"ord_self_2", 11000}, {"ord_self_1", 1}, {"x", 11000}} {
		if status, got := m.confirm(key, c.order, c.amount); status != 400 || got["code"] != "INVALID_REQUEST" {
			t.Errorf("%+v: %d %v", c, status, got)
		}
	}
	if len(m.Ledger().Approvals) != 0 {
		t.Error("money moved")
	}
}

func TestIdempotency(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	m.script(`{"call":"confirm","code":"PROVIDER_ERROR"}`)
	for range 2 {
		if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", "a"); status != 400 || got["code"] != "PROVIDER_ERROR" {
			t.Errorf("the first error is to be replayed: %d %v", status, got)
		}
	}
	for range 2 {
		if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", "b"); status != 200 || got["status"] != "DONE" {
			t.Errorf("another key: %d %v", status, got)
		}
	}
	if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", strings.Repeat("k", 301)); status != 400 ||
		got["code"] != "INVALID_IDEMPOTENCY_KEY" {
		t.Errorf("a long key: %d %v", status, got)
	}
	if n := len(m.Ledger().Approvals); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
}

func TestEveryTestCodeIsReachable(t *testing.T) {
	m := start(t)
	for code, status := range map[string]int{
		"REJECT_CARD_COMPANY": 403, "NOT_FOUND_PAYMENT_SESSION": 404, "UNKNOWN_PAYMENT_ERROR": 500, "EXCEED_MAX_AMOUNT": 400, "NO_SUCH_CODE": 400,
	} {
		key := m.Authorize("ord_self_1", "Sneaker", 11000)
		got, body := m.confirm(key, "ord_self_1", 11000, "TossPayments-Test-Code", code)
		if code == "NO_SUCH_CODE" {
			code = "INVALID_REQUEST"
		}
		if got != status || body["code"] != code {
			t.Errorf("%s: %d %v, want %d", code, got, body, status)
		}
	}
}

func TestADeclineAbortsTheSession(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	m.script(`{"call":"confirm","code":"REJECT_CARD_PAYMENT"}`)
	m.confirm(key, "ord_self_1", 11000)
	_, p := m.do("GET", "/v1/payments/"+key, nil)
	if failure, _ := p["failure"].(map[string]any); p["status"] != "ABORTED" || failure["code"] != "REJECT_CARD_PAYMENT" {
		t.Errorf("after a decline: %v", p)
	}
	if status, got := m.confirm(key, "ord_self_1", 11000); status != 404 || got["code"] != "NOT_FOUND_PAYMENT_SESSION" {
		t.Errorf("confirm after a decline: %d %v", status, got)
	}
}

func TestCancelWholeAndInParts(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 10000)
	path := "/v1/payments/" + key + "/cancel"
	if status, got := m.do("POST", path, map[string]any{"cancelReason": "early"}); status != 403 || got["code"] != "NOT_CANCELABLE_PAYMENT" {
		t.Errorf("before the approval: %d %v", status, got)
	}
	m.confirm(key, "ord_self_1", 10000)
	for _, c := range []struct {
		body   map[string]any
		status int
		want   string
	}{
		{map[string]any{}, 400, "INVALID_REQUEST"},
		{map[string]any{"cancelReason": strings.Repeat("x", 201)}, 400, "INVALID_REQUEST"},
		{map[string]any{"cancelReason": "r", "cancelAmount": 10001}, 403, "NOT_CANCELABLE_AMOUNT"},
		{map[string]any{"cancelReason": "r", "cancelAmount": 0}, 403, "NOT_CANCELABLE_AMOUNT"},
		{map[string]any{"cancelReason": "r", "refundableAmount": 9999}, 400, "NOT_MATCHES_REFUNDABLE_AMOUNT"},
		{map[string]any{"cancelReason": "r", "cancelAmount": 4000}, 200, "PARTIAL_CANCELED"},
		{map[string]any{"cancelReason": "r", "refundableAmount": 6000}, 200, "PARTIAL_CANCELED"},
		{map[string]any{"cancelReason": "r"}, 403, "NOT_CANCELABLE_AMOUNT"},
	} {
		status, got := m.do("POST", path, c.body)
		if result, _ := got["code"].(string); status != c.status || result != c.want && got["status"] != c.want {
			t.Errorf("%v: %d %v, want %d %s", c.body, status, got, c.status, c.want)
		}
	}
	ledger := m.Ledger()
	if len(ledger.Cancels) != 2 || ledger.Cancels[0].Amount != 4000 || ledger.Cancels[1].Amount != 6000 {
		t.Errorf("ledger: %+v", ledger)
	}
}

func TestTransactionsPage(t *testing.T) {
	m := start(t)
	for range 3 {
		m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000)
	}
	span := "?startDate=2020-01-01T00:00:00&endDate=2100-01-01T00:00:00&limit=2"
	page := func(query string) []map[string]any {
		_, text := m.raw("GET", "/v1/transactions"+query, nil)
		var list []map[string]any
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return list
	}
	first := page(span)
	rest := page(span + "&startingAfter=" + first[1]["transactionKey"].(string))
	if len(first) != 2 || len(rest) != 1 || first[0]["status"] != "DONE" {
		t.Errorf("pages of %d and %d", len(first), len(rest))
	}
	if status, got := m.do("GET", "/v1/transactions?startDate=yesterday", nil); status != 400 || got["code"] != "INVALID_REQUEST" {
		t.Errorf("a bad date: %d %v", status, got)
	}
}

func TestBadScriptsAreRefused(t *testing.T) {
	m := start(t)
	for _, bad := range []string{
		`{`, `{"call":"none"}`, `{"call":"confirm","code":"NO_SUCH"}`, `{"call":"confirm","times":-2}`, `{"call":"confirm","share":2}`,
		`{"call":"confirm","status":200,"code":"PROVIDER_ERROR"}`, `{"call":"confirm","nonsense":1}`,
	} {
		resp, err := http.Post(m.URL()+"/mock/script", "application/json", strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s, want 400", bad, resp.Status)
		}
	}
}

func (m mock) script(text string) {
	m.t.Helper()
	resp, err := http.Post(m.URL()+"/mock/script", "application/json", strings.NewReader(text))
	if err != nil || resp.StatusCode != http.StatusNoContent {
		m.t.Fatalf("script %s: %v %v", text, resp, err)
	}
	_ = resp.Body.Close()
}

func TestSharesByFlag(t *testing.T) {
	for want, set := range map[string]func(*server.Config){
		"REJECT_CARD_PAYMENT":               func(c *server.Config) { c.DeclineShare = 1 },
		"FAILED_INTERNAL_SYSTEM_PROCESSING": func(c *server.Config) { c.ErrorShare = 1 },
	} {
		m := start(t, set)
		if _, got := m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000); got["code"] != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if _, err := server.New(server.Config{DeclineShare: 2, ConfirmWithin: 1}); err == nil {
		t.Error("a share of 2 was accepted")
	}
}

func TestWebhookIsRepeatedUntilAnswered(t *testing.T) {
	counts := make(chan string, 10)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count := r.Header.Get("tosspayments-webhook-transmission-retried-count")
		counts <- count
		if count != "2" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer shop.Close()
	m := start(t, func(c *server.Config) { c.WebhookURL = shop.URL })
	m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000)
	for _, want := range []string{"0", "1", "2"} {
		select {
		case got := <-counts:
			if got != want {
				t.Errorf("retried count %s, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("webhook %s did not come", want)
		}
	}
}

func TestWindow(t *testing.T) {
	m := start(t)
	m.ReturnTo("http://shop.test")
	_, page := m.raw("GET", "/window?orderId=ord_self_1&amount=1000&orderName=%3Cscript%3E", nil)
	if !bytes.Contains(page, []byte("₩1,000")) || bytes.Contains(page, []byte("<script>")) {
		t.Errorf("the page: %s", page)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	press := func(act string) url.Values {
		resp, err := client.PostForm(m.URL()+"/window", url.Values{
			"act": {
				act,
			},
			"orderId":    {"ord_self_1"},
			"amount":     {"1000"},
			"successUrl": {"http://shop.test/ok?a=1"},
			"failUrl":    {"http://shop.test/no"},
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		to, err := resp.Location()
		if err != nil {
			t.Fatalf("%s: %s, %v", act, resp.Status, err)
		}
		return to.Query()
	}
	paid := press("pay")
	if paid.Get("a") != "1" || paid.Get("orderId") != "ord_self_1" || paid.Get("amount") != "1000" {
		t.Errorf("pay leads to %v", paid)
	}
	if status, _ := m.confirm(paid.Get("paymentKey"), "ord_self_1", 1000); status != http.StatusOK {
		t.Errorf("the key of the window does not confirm: %d", status)
	}
	if got := press("decline").Get("code"); got != "REJECT_CARD_COMPANY" {
		t.Errorf("decline leads to %s", got)
	}
	if got := press("close"); got.Get("code") != "PAY_PROCESS_CANCELED" || got.Has("orderId") {
		t.Errorf("close leads to %v; the real one names no order", got)
	}
}

func TestStateSurvivesACleanStop(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mock.json")
	keep := func(c *server.Config) { c.DataFile = file }
	first := start(t, keep)
	key := first.Authorize("ord_self_1", "Sneaker", 1000)
	first.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "a")
	open := first.Authorize("ord_self_2", "Sneaker", 1000)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, keep)
	if status, got := second.confirm(key, "ord_self_1", 1000, "Idempotency-Key", "a"); status != 200 || got["status"] != "DONE" {
		t.Errorf("the replayed answer: %d %v", status, got)
	}
	if status, _ := second.confirm(open, "ord_self_2", 1000); status != 200 {
		t.Errorf("the open session: %d", status)
	}
	if n := len(second.Ledger().Approvals); n != 2 {
		t.Errorf("%d approvals, want 2", n)
	}
}
