package gateway_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"runrun/activities/gateway"
	"runrun/deploy/pgmock/server"
	"runrun/domain"
)

// rig is a client and the mock that it speaks to over a real connection. They share no code.
type rig struct {
	t      *testing.T
	mock   *server.Server
	client *gateway.Client
}

func newRig(t *testing.T, change ...func(*server.Config, *gateway.Config)) rig {
	t.Helper()
	mockConfig := server.Config{Listen: "127.0.0.1:0", SecretKey: "test_sk_contract", ConfirmWithin: 10 * time.Minute}
	config := gateway.Config{SecretKey: "test_sk_contract", Limit: 5 * time.Second, BreakerAfter: 1000, BreakerFor: time.Minute, AtOnce: 100}
	for _, alter := range change {
		alter(&mockConfig, &config)
	}
	mock, err := server.New(mockConfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := mock.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mock.Stop() })
	config.URL = mock.URL()
	client, err := gateway.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return rig{t, mock, client}
}

// authorized is a payment that the shopper has agreed to in the payment window.
func (r rig) authorized() domain.Payment {
	const order, amount = "ord_contract", 12000
	return domain.Payment{OrderID: order, PaymentKey: r.mock.Authorize(order, "Sneaker", amount), Amount: domain.Won(amount)}
}

func (r rig) script(script map[string]any) {
	r.t.Helper()
	body, err := json.Marshal(script)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.Post(r.mock.URL()+"/mock/script", "application/json", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusNoContent {
		r.t.Fatalf("script %v: %s", script, resp.Status)
	}
}

func (r rig) confirm(p domain.Payment, key string) domain.PaymentResult {
	r.t.Helper()
	result, err := r.client.Confirm(r.t.Context(), p, key)
	if err != nil {
		r.t.Fatal(err)
	}
	return result
}

func (r rig) lookUp(p domain.Payment) domain.PaymentResult {
	r.t.Helper()
	result, err := r.client.LookUp(r.t.Context(), p)
	if err != nil {
		r.t.Fatal(err)
	}
	return result
}

func (r rig) wantMoney(approvals, cancels int) {
	r.t.Helper()
	if l := r.mock.Ledger(); len(l.Approvals) != approvals || len(l.Cancels) != cancels {
		r.t.Errorf("the ledger has %d approvals and %d cancels, want %d and %d", len(l.Approvals), len(l.Cancels), approvals, cancels)
	}
}

func TestConfirmPays(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	for range 3 { // the same key again is one approval
		if got := r.confirm(p, "k"); got.Outcome != domain.OutcomePaid || got.ApprovedAt.IsZero() {
			t.Errorf("got %+v, want PAID with a time", got)
		}
	}
	if got := r.lookUp(p); got.Outcome != domain.OutcomePaid || got.ApprovedAt.IsZero() {
		t.Errorf("looked up: %+v, want PAID", got)
	}
	r.wantMoney(1, 0)
}

// Every code of the gateway's reference, as the mock answers it, and what the client makes of it.
func TestConfirmOutcomeOfEveryCode(t *testing.T) {
	for outcome, codes := range map[domain.Outcome][]string{
		domain.OutcomeDeclined: {
			"INVALID_CARD_NUMBER", "INVALID_STOPPED_CARD", "INVALID_CARD_EXPIRATION", "INVALID_REJECT_CARD", "INVALID_CARD_LOST_OR_STOLEN",
			"EXCEED_MAX_AMOUNT", "EXCEED_MAX_CARD_INSTALLMENT_PLAN", "BELOW_MINIMUM_AMOUNT", "EXCEED_MAX_DAILY_PAYMENT_COUNT",
			"EXCEED_MAX_PAYMENT_AMOUNT", "INVALID_AUTHORIZE_AUTH", "NOT_AVAILABLE_PAYMENT", "UNAPPROVED_ORDER_ID",
			"EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT", "REJECT_CARD_PAYMENT", "REJECT_CARD_COMPANY", "REJECT_ACCOUNT_PAYMENT",
			"REJECT_TOSSPAY_INVALID_ACCOUNT", "EXCEED_MAX_AUTH_COUNT", "EXCEED_MAX_ONE_DAY_AMOUNT", "NOT_AVAILABLE_BANK", "INVALID_PASSWORD",
			"FDS_ERROR", "NOT_FOUND_PAYMENT", "NOT_FOUND_PAYMENT_SESSION",
		},
		domain.OutcomeFault: {"UNAUTHORIZED_KEY", "INVALID_API_KEY", "INCORRECT_BASIC_AUTH_FORMAT", "INVALID_REQUEST", "FORBIDDEN_REQUEST"},
		domain.OutcomeUnknown: {
			"PROVIDER_ERROR", "ALREADY_PROCESSED_PAYMENT", "CARD_PROCESSING_ERROR", "IDEMPOTENT_REQUEST_PROCESSING",
			"FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", "FAILED_INTERNAL_SYSTEM_PROCESSING", "UNKNOWN_PAYMENT_ERROR",
		},
	} {
		for _, code := range codes {
			t.Run(code, func(t *testing.T) {
				r := newRig(t)
				r.script(map[string]any{"call": "confirm", "code": code})
				if got := r.confirm(r.authorized(), "k"); got.Outcome != outcome || got.Code != code {
					t.Errorf("got %+v, want %s with the code", got, outcome)
				}
				r.wantMoney(0, 0)
			})
		}
	}
}

func TestConfirmOfACodeThatIsNotInTheReference(t *testing.T) {
	r := newRig(t)
	r.script(map[string]any{"call": "confirm", "code": "SOMETHING_NEW", "status": 400})
	if got := r.confirm(r.authorized(), "k"); got.Outcome != domain.OutcomeUnknown {
		t.Errorf("got %+v, want UNKNOWN: it may have charged", got)
	}
}

func TestConfirmAnsweredWithAPaymentThatIsNotDone(t *testing.T) {
	for _, status := range []string{"WAITING_FOR_DEPOSIT", "READY", "SOMETHING_NEW"} {
		r := newRig(t)
		r.script(map[string]any{"call": "confirm", "status": status})
		if got := r.confirm(r.authorized(), "k"); got.Outcome != domain.OutcomeUnknown || got.Code != status {
			t.Errorf("%s: got %+v, want UNKNOWN", status, got)
		}
	}
}

// Approved, but the answer was lost: unknown, then found by looking it up, and the same key replays the approval.
func TestConfirmApprovedButTheAnswerWasLost(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.script(map[string]any{"call": "confirm", "loseAnswer": true})
	if got := r.confirm(p, "k"); got.Outcome != domain.OutcomeUnknown {
		t.Fatalf("got %+v, want UNKNOWN", got)
	}
	if got := r.lookUp(p); got.Outcome != domain.OutcomePaid {
		t.Errorf("looked up: %+v, want PAID", got)
	}
	if got := r.confirm(p, "k"); got.Outcome != domain.OutcomePaid {
		t.Errorf("the same key again: %+v, want PAID", got)
	}
	r.wantMoney(1, 0)
}

// A failure before the act is replayed for its key; the lookup shows that nothing was confirmed.
func TestConfirmFailedBeforeTheAct(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.script(map[string]any{"call": "confirm", "code": "FAILED_INTERNAL_SYSTEM_PROCESSING"})
	for range 2 {
		if got := r.confirm(p, "k"); got.Outcome != domain.OutcomeUnknown {
			t.Fatalf("got %+v, want UNKNOWN, replayed", got)
		}
	}
	if got := r.lookUp(p); got.Outcome != domain.OutcomeUnconfirmed {
		t.Errorf("looked up: %+v, want UNCONFIRMED", got)
	}
	r.wantMoney(0, 0)
}

func TestLookUpOutcomes(t *testing.T) {
	for status, want := range map[string]domain.Outcome{
		"ABORTED": domain.OutcomeDeclined, "EXPIRED": domain.OutcomeDeclined, "CANCELED": domain.OutcomeDeclined,
		"READY": domain.OutcomeUnconfirmed, "IN_PROGRESS": domain.OutcomeUnconfirmed,
		"WAITING_FOR_DEPOSIT": domain.OutcomeUnknown, "PARTIAL_CANCELED": domain.OutcomePaid,
	} {
		t.Run(status, func(t *testing.T) {
			r := newRig(t)
			r.script(map[string]any{"call": "lookup", "status": status})
			if got := r.lookUp(r.authorized()); got.Outcome != want {
				t.Errorf("got %+v, want %s", got, want)
			}
		})
	}
	t.Run("an unknown key", func(t *testing.T) {
		r := newRig(t)
		if got := r.lookUp(
			domain.Payment{OrderID: "ord_contract", PaymentKey: "garbage/../x", Amount: domain.Won(1)}); got.Outcome != domain.OutcomeMissing {
			t.Errorf("got %+v, want MISSING", got)
		}
	})
	t.Run("another order's key", func(t *testing.T) {
		r := newRig(t)
		p := r.authorized()
		r.confirm(p, "k")
		p.OrderID = "ord_mine_not"
		if got := r.lookUp(p); got.Outcome != domain.OutcomeDeclined {
			t.Errorf("got %+v, want DECLINED: it can never pay our order", got)
		}
	})
	t.Run("another amount", func(t *testing.T) {
		r := newRig(t)
		p := r.authorized()
		r.confirm(p, "k")
		p.Amount = domain.Won(1)
		if got := r.lookUp(p); got.Outcome != domain.OutcomeUnknown {
			t.Errorf("got %+v, want UNKNOWN: money moved, but not what we asked for", got)
		}
	})
	for _, code := range []string{"FORBIDDEN_CONSECUTIVE_REQUEST", "FAILED_INTERNAL_SYSTEM_PROCESSING"} {
		t.Run(code, func(t *testing.T) {
			r := newRig(t)
			r.script(map[string]any{"call": "lookup", "code": code})
			if got := r.lookUp(r.authorized()); got.Outcome != domain.OutcomeUnknown {
				t.Errorf("got %+v, want UNKNOWN", got)
			}
		})
	}
}

func TestAPaymentThatTheGatewayDoesNotKnow(t *testing.T) {
	for _, code := range []string{"NOT_FOUND", "NOT_FOUND_PAYMENT"} {
		r := newRig(t)
		r.script(map[string]any{"call": "lookup", "code": code})
		if got := r.lookUp(r.authorized()); got.Outcome != domain.OutcomeMissing {
			t.Errorf("%s: %+v, want MISSING", code, got)
		}
	}
}

func TestASessionExpires(t *testing.T) {
	r := newRig(t, func(m *server.Config, _ *gateway.Config) { m.ConfirmWithin = time.Nanosecond })
	p := r.authorized()
	if got := r.lookUp(p); got.Outcome != domain.OutcomeDeclined || got.Code != "NOT_FOUND_PAYMENT_SESSION" {
		t.Errorf("looked up: %+v, want DECLINED by its failure", got)
	}
	if got := r.confirm(p, "k"); got.Outcome != domain.OutcomeDeclined || got.Code != "NOT_FOUND_PAYMENT_SESSION" {
		t.Errorf("confirmed: %+v, want DECLINED", got)
	}
}

func TestADeclineShowsInTheLookup(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.script(map[string]any{"call": "confirm", "code": "REJECT_CARD_PAYMENT", "loseAnswer": true})
	r.confirm(p, "k")
	if got := r.lookUp(p); got.Outcome != domain.OutcomeDeclined || got.Code != "REJECT_CARD_PAYMENT" {
		t.Errorf("got %+v, want the failure of the lost answer", got)
	}
}

// refundOf asks for an amount of what is left of a payment.
func refundOf(p domain.Payment, amount, left int64, key string) domain.RefundOrder {
	return domain.RefundOrder{Payment: p, Amount: amount, Refundable: left, Reason: "undo", IdempotencyKey: key}
}

func TestCancel(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.confirm(p, "k")
	for range 2 {
		got, err := r.client.Cancel(t.Context(), refundOf(p, p.Amount.Amount, p.Amount.Amount, "c1"))
		if err != nil || got.Outcome != domain.Refunded {
			t.Errorf("got %+v, %v; want REFUNDED", got, err)
		}
	}
	r.wantMoney(1, 1)
	if got, err := r.client.Cancel(t.Context(), refundOf(p, p.Amount.Amount, p.Amount.Amount, "c2")); err != nil ||
		got.Outcome != domain.RefundUnproven {
		t.Errorf("another key on a canceled payment: %+v, %v; want UNPROVEN, to be looked up", got, err)
	}
	if got := r.lookUp(p); got.Refunded != 12000 {
		t.Errorf("the lookup shows %d refunded, want all 12000", got.Refunded)
	}
	r.wantMoney(1, 1)
}

// Parts go back one by one, each guarded by what is left: what was refunded meanwhile is not refunded again.
func TestCancelOfParts(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.confirm(p, "k")
	for _, part := range []struct {
		amount, left int64
		key          string
		want         domain.RefundOutcome
	}{
		{2000, 12000, "c1", domain.Refunded},
		{2000, 12000, "c1", domain.Refunded},       // the same request
		{2000, 12000, "c2", domain.RefundUnproven}, // less is left than expected
		{2000, 10000, "c3", domain.Refunded},
		{8000, 8000, "c4", domain.Refunded},
	} {
		got, err := r.client.Cancel(t.Context(), refundOf(p, part.amount, part.left, part.key))
		if err != nil || got.Outcome != part.want || !got.Answered {
			t.Errorf("%+v: %+v, %v", part, got, err)
		}
		if part.key == "c1" {
			if seen := r.lookUp(p); seen.Refunded != 2000 || seen.Outcome != domain.OutcomePaid {
				t.Errorf("after the first part: %+v", seen)
			}
		}
	}
	if seen := r.lookUp(p); seen.Refunded != 12000 || seen.Outcome == domain.OutcomePaid {
		t.Errorf("after all parts: %+v", seen)
	}
	r.wantMoney(1, 3)
}

func TestCancelOutcomeOfEveryCode(t *testing.T) {
	for outcome, codes := range map[domain.RefundOutcome][]string{
		domain.RefundDenied: {
			"REFUND_REJECTED", "NOT_CANCELABLE_PAYMENT", "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER", "INVALID_REFUND_ACCOUNT_INFO",
			"INVALID_REFUND_ACCOUNT_NUMBER", "INVALID_BANK", "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT", "EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT", "EXCEED_MAX_REFUND_DUE", "EXCEED_CANCEL_LIMIT",
			"FORBIDDEN_BANK_REFUND_REQUEST", "NOT_ALLOWED_PARTIAL_REFUND", "UNAUTHORIZED_KEY", "INVALID_REQUEST", "NOT_FOUND_PAYMENT",
		},
		domain.RefundLater: {"FORBIDDEN_CONSECUTIVE_REQUEST", "NOT_AVAILABLE_BANK", "FAILED_PARTIAL_REFUND"},
		domain.RefundUnproven: {
			"NOT_CANCELABLE_AMOUNT", "ALREADY_CANCELED_PAYMENT", "ALREADY_REFUND_PAYMENT", "NOT_MATCHES_REFUNDABLE_AMOUNT", "PROVIDER_ERROR", "FAILED_REFUND_PROCESS",
			"FAILED_METHOD_HANDLING_CANCEL", "COMMON_ERROR", "FAILED_INTERNAL_SYSTEM_PROCESSING", "UNKNOWN_PAYMENT_ERROR",
		},
	} {
		for _, code := range codes {
			t.Run(code, func(t *testing.T) {
				r := newRig(t)
				p := r.authorized()
				r.confirm(p, "k")
				r.script(map[string]any{"call": "cancel", "code": code})
				got, err := r.client.Cancel(t.Context(), refundOf(p, p.Amount.Amount, p.Amount.Amount, "c"))
				if err != nil || got.Outcome != outcome || !got.Answered {
					t.Errorf("got %+v, %v; want %s, answered", got, err, outcome)
				}
				r.wantMoney(1, 0)
			})
		}
	}
}

func TestCancelWhoseAnswerWasLost(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.confirm(p, "k")
	r.script(map[string]any{"call": "cancel", "loseAnswer": true})
	if got, err := r.client.Cancel(t.Context(), refundOf(p, p.Amount.Amount, p.Amount.Amount, "c")); err != nil ||
		got.Outcome != domain.RefundUnproven {
		t.Errorf("got %+v, %v; want UNPROVEN", got, err)
	}
	if got := r.lookUp(p); got.Refunded != 12000 {
		t.Errorf("the lookup shows %d refunded, want 12000", got.Refunded)
	}
}

func TestNoAnswerInTime(t *testing.T) {
	r := newRig(t, func(_ *server.Config, c *gateway.Config) { c.Limit = 50 * time.Millisecond })
	p := r.authorized()
	r.script(map[string]any{"call": "confirm", "delayMs": 60_000})
	if got := r.confirm(p, "k"); got.Outcome != domain.OutcomeUnknown {
		t.Errorf("got %+v, want UNKNOWN", got)
	}
	r.wantMoney(1, 0)
}

func TestNobodyThere(t *testing.T) {
	client, err := gateway.New(
		gateway.Config{URL: "http://127.0.0.1:1", SecretKey: "x", Limit: time.Second, BreakerAfter: 100, BreakerFor: time.Minute, AtOnce: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Confirm(t.Context(), domain.Payment{OrderID: "ord_contract", PaymentKey: "pay_1"}, "k")
	if err != nil || got.Outcome != domain.OutcomeUnknown {
		t.Errorf("got %+v, %v; want UNKNOWN", got, err)
	}
}

// The breaker counts unknowns and transport failures, never a decline.
func TestBreaker(t *testing.T) {
	quick := func(_ *server.Config, c *gateway.Config) { c.BreakerAfter = 5 }
	t.Run("unknowns open it", func(t *testing.T) {
		r := newRig(t, quick)
		r.script(map[string]any{"call": "confirm", "code": "PROVIDER_ERROR", "times": -1})
		p := r.authorized()
		for i := range 5 {
			r.confirm(p, string(rune('a'+i)))
		}
		if _, err := r.client.Confirm(t.Context(), p, "z"); domain.CodeOf(err) != domain.CodeBreakerOpen {
			t.Errorf("after five unknowns: %v, want BREAKER_OPEN", err)
		}
	})
	t.Run("declines do not", func(t *testing.T) {
		r := newRig(t, quick)
		r.script(map[string]any{"call": "confirm", "code": "REJECT_CARD_PAYMENT", "times": -1})
		for i := range 20 {
			if got := r.confirm(r.authorized(), string(rune('a'+i))); got.Outcome != domain.OutcomeDeclined {
				t.Fatalf("decline %d: %+v", i, got)
			}
		}
	})
}

func TestConfigValidate(t *testing.T) {
	for _, bad := range []gateway.Config{
		{URL: "ftp://x", SecretKey: "k", Limit: 1, BreakerAfter: 1, BreakerFor: 1, AtOnce: 1},
		{URL: "http://x", Limit: 1, BreakerAfter: 1, BreakerFor: 1, AtOnce: 1},
		{URL: "http://x", SecretKey: "k", BreakerAfter: 1, BreakerFor: 1, AtOnce: 1},
		{URL: "http://x", SecretKey: "k", Limit: 1, BreakerAfter: 1, BreakerFor: 1},
	} {
		if _, err := gateway.New(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
