package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	"runrun/deploy/pgmock/server"
)

// Third-party clients read these members; null where they do not apply.
func TestAPaymentHasEveryMember(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	m.confirm(key, "ord_self_1", 11000)
	_, p := m.do("POST", "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "r", "cancelAmount": 5500})
	has := func(what string, object map[string]any, members ...string) {
		t.Helper()
		for _, name := range members {
			if _, there := object[name]; !there {
				t.Errorf("%s has no %s", what, name)
			}
		}
	}
	has("a payment", p, "taxExemptionAmount", "cultureExpense", "secret", "giftCertificate", "cashReceipts", "metadata",
		"checkout", "useEscrow", "isPartialCancelable")
	has("a card", p["card"].(map[string]any), "issuerCode", "acquirerCode", "useCardPoint", "interestPayer", "acquireStatus")
	has("a cancel", p["cancels"].([]any)[0].(map[string]any), "taxFreeAmount", "taxExemptionAmount",
		"easyPayDiscountAmount", "receiptKey", "cancelRequestId")
	if p["totalAmount"] != 11000.0 || p["balanceAmount"] != 5500.0 || p["vat"] != 500.0 || p["suppliedAmount"] != 5000.0 {
		t.Errorf("after half was canceled: total %v, balance %v, vat %v, supplied %v", p["totalAmount"], p["balanceAmount"],
			p["vat"], p["suppliedAmount"])
	}
	_, whole := m.do("POST", "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "r"})
	if whole["status"] != "PARTIAL_CANCELED" || whole["balanceAmount"] != 0.0 || whole["vat"] != 0.0 {
		t.Errorf("parts that add up: %v with balance %v", whole["status"], whole["balanceAmount"])
	}
}

// The first request is still running: another under its key is 409, and the first answer comes as if there had been none.
func TestAKeyIsBusyUntilItsFirstAnswer(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	m.script(`{"call":"confirm","delayMs":700}`)
	var first sync.WaitGroup
	first.Go(func() {
		if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", "a"); status != 200 || got["status"] != "DONE" {
			t.Errorf("the first: %d %v", status, got)
		}
	})
	for len(m.Ledger().Approvals) == 0 { // it has acted, and its answer is on its way
	}
	if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", "a"); status != 409 ||
		got["code"] != "IDEMPOTENT_REQUEST_PROCESSING" {
		t.Errorf("meanwhile: %d %v", status, got)
	}
	first.Wait()
	if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", "a"); status != 200 || got["status"] != "DONE" {
		t.Errorf("afterwards: %d %v", status, got)
	}
}

func TestManyUnderOneKeyAtOnce(t *testing.T) {
	m := start(t)
	key := m.Authorize("ord_self_1", "Sneaker", 11000)
	var clicks sync.WaitGroup
	for range 30 {
		clicks.Go(func() {
			if status, got := m.confirm(key, "ord_self_1", 11000, "Idempotency-Key", "a"); status != 200 && status != 409 {
				t.Errorf("%d %v", status, got)
			}
		})
	}
	clicks.Wait()
	if n := len(m.Ledger().Approvals); n != 1 {
		t.Errorf("%d approvals", n)
	}
}

func TestAmountInQuotes(t *testing.T) {
	m := start(t)
	body := func(amount any) map[string]any {
		return map[string]any{"paymentKey": m.Authorize("ord_self_1", "Sneaker", 11000), "orderId": "ord_self_1", "amount": amount}
	}
	if status, got := m.do("POST", "/v1/payments/confirm", body("11000")); status != 200 {
		t.Errorf("in quotes: %d %v", status, got)
	}
	if status, got := m.do("POST", "/v1/payments/confirm", body("eleven")); status != 400 || got["code"] != "INVALID_REQUEST" {
		t.Errorf("a word: %d %v", status, got)
	}
}

func TestTransactionsOfADay(t *testing.T) {
	m := start(t)
	m.confirm(m.Authorize("ord_self_1", "Sneaker", 1000), "ord_self_1", 1000)
	_, text := m.raw("GET", "/v1/transactions?startDate=2020-01-01&endDate=2100-01-01", nil)
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil || len(list) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	for _, name := range []string{"customerKey", "useEscrow", "receiptUrl"} {
		if _, there := list[0][name]; !there {
			t.Errorf("a transaction has no %s", name)
		}
	}
	if list[0]["receiptUrl"] == nil {
		t.Error("a paid transaction has no receipt")
	}
}

// A session that nobody confirms ends by itself: with a failure, and with a webhook, whose time has no zone.
func TestASessionExpires(t *testing.T) {
	hooks := make(chan map[string]any, 10)
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var hook map[string]any
		if err := json.NewDecoder(r.Body).Decode(&hook); err != nil {
			t.Error(err)
		}
		hooks <- hook
	}))
	defer shop.Close()
	m := start(t, func(c *server.Config) { c.WebhookURL, c.ConfirmWithin = shop.URL, 50*time.Millisecond })
	key := m.Authorize("ord_self_1", "Sneaker", 1000)
	select {
	case hook := <-hooks:
		data := hook["data"].(map[string]any)
		failure, _ := data["failure"].(map[string]any)
		if data["paymentKey"] != key || data["status"] != "EXPIRED" || failure["code"] != "NOT_FOUND_PAYMENT_SESSION" {
			t.Errorf("the webhook: %v", hook)
		}
		if at, _ := hook["createdAt"].(string); !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$`).MatchString(at) {
			t.Errorf("createdAt is %v, want a time without a zone", hook["createdAt"])
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no webhook came")
	}
	if status, got := m.confirm(key, "ord_self_1", 1000); status != 404 || got["code"] != "NOT_FOUND_PAYMENT_SESSION" {
		t.Errorf("confirm: %d %v", status, got)
	}
}

func TestTheLanguageOfMessages(t *testing.T) {
	m := start(t)
	for language, want := range map[string]string{"en-US": "Not found payment.", "ko-KR": "존재하지 않는 결제 입니다.", "": "존재하지 않는 결제 입니다."} {
		if _, got := m.do("GET", "/v1/payments/none", nil, "Accept-Language", language); got["message"] != want {
			t.Errorf("%q: %v, want %s", language, got["message"], want)
		}
	}
}

// Every code that the reference and third-party tables name can be provoked.
func TestCodesOfThirdParties(t *testing.T) {
	m := start(t)
	for call, codes := range map[string][]string{
		"confirm": {"NOT_ALLOWED_POINT_USE", "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT", "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN", "RESTRICTED_TRANSFER_ACCOUNT",
			"INVALID_ACCOUNT_INFO_RE_REGISTER", "INVALID_CARD_INSTALLMENT_PLAN", "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT", "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT",
			"NOT_FOUND_TERMINAL_ID", "INVALID_UNREGISTERED_SUBMALL", "NOT_REGISTERED_BUSINESS", "ALREADY_PROCESSING_REQUEST"},
		"lookup": {"NOT_FOUND", "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT"},
		"cancel": {"INVALID_REFUND_ACCOUNT_INFO", "INVALID_REFUND_ACCOUNT_NUMBER", "INVALID_BANK", "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT",
			"NOT_AVAILABLE_BANK", "FAILED_PARTIAL_REFUND", "EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT", "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER"},
	} {
		for _, code := range codes {
			m.script(`{"call":"` + call + `","code":"` + code + `"}`)
			key := m.Authorize("ord_self_1", "Sneaker", 1000)
			var got map[string]any
			switch call {
			case "confirm":
				_, got = m.confirm(key, "ord_self_1", 1000)
			case "lookup":
				_, got = m.do("GET", "/v1/payments/"+key, nil)
			case "cancel":
				m.confirm(key, "ord_self_1", 1000)
				_, got = m.do("POST", "/v1/payments/"+key+"/cancel", map[string]any{"cancelReason": "r"})
			}
			if got["code"] != code {
				t.Errorf("%s: %v", code, got)
			}
		}
	}
}
