package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/domain"
)

// Whatever the gateway answers: an order counts as paid only by a payment of its own id, amount and currency that is DONE, a lookup
// finds nothing else, and an answer that cannot be read leaves the outcome unknown.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"paymentKey":"pay_a","orderId":"ord_a","status":"DONE","totalAmount":1000,"currency":"KRW","approvedAt":"2026-01-02T03:04:05+09:00"}`,
		`{"paymentKey":"pay_a","orderId":"ord_a","status":"DONE","totalAmount":1,"currency":"KRW"}`,
		`{"paymentKey":"pay_a","orderId":"ord_b","status":"DONE","totalAmount":1000,"currency":"KRW"}`,
		`{"paymentKey":"pay_a","orderId":"ord_a","status":"IN_PROGRESS","totalAmount":1000,"currency":"KRW"}`,
		`{"paymentKey":"pay_a","orderId":"ord_a","status":"ABORTED","totalAmount":1000,"currency":"KRW","failure":{"code":"REJECT_CARD_COMPANY"}}`,
		`{"code":"REJECT_CARD_COMPANY","message":"declined"}`, `{"code":"PROVIDER_ERROR"}`, `{"code":""}`, `<html>`, ``, `[]`, `null`, `{"status":7}`,
	} {
		f.Add(200, seed)
		f.Add(400, seed)
	}
	want := domain.Payment{OrderID: "ord_a", PaymentKey: "pay_a", Amount: domain.Won(1000)}
	f.Fuzz(func(t *testing.T, status int, text string) {
		got, err := read(&http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text))}, false)
		if err != nil {
			t.Fatal(err)
		}
		if got.refusal == nil {
			p := got.payment
			mine := p.OrderID == "ord_a" && p.TotalAmount == 1000 && p.Currency == "KRW" && p.Status == "DONE"
			for name, result := range map[string]domain.PaymentResult{"confirm": confirmed(p, want), "lookup": found(p, want)} {
				if (result.Outcome == domain.OutcomePaid) != mine {
					t.Errorf("%s: %d %s is %s", name, status, text, result.Outcome)
				}
			}
			return
		}
		if got.refusal.Code == "" {
			t.Errorf("%d %s is refused without a code", status, text)
		}
		unread := got.refusal.Code == codeUnreadable
		if unread && (confirmOutcome(codeUnreadable) != domain.OutcomeUnknown || cancelOutcome(codeUnreadable) != domain.RefundUnproven) {
			t.Errorf("%d %s is definite", status, text)
		}
	})
}

// A body without end is read up to a limit, and then it is no payment.
func TestAnAnswerWithoutEndIsUnknown(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"paymentKey":"pay_a","status":"DONE","message":"`), spaces{})
	done := make(chan answer, 1)
	go func() {
		got, _ := read(&http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(endless)}, false)
		done <- got
	}()
	select {
	case got := <-done:
		if got.refusal == nil || got.refusal.Code != codeUnreadable {
			t.Errorf("it is read as %+v", got)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it is read for ever")
	}
}

// spaces are read without end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = ' '
	}
	return len(p), nil
}
