package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// intend writes down that a payment is made, as the workflow does first.
func (s *shop) intend(ctx context.Context, o domain.Order, key string) {
	if _, _, err := s.store.RecordIntent(ctx, o.ID, key); err != nil {
		s.t.Error(err)
	}
}

// approves is a gateway that approves.
func (s *shop) approves(ctx context.Context, o domain.Order, key string) (domain.Order, domain.PaymentResult, error) {
	s.intend(ctx, o, key)
	paid := domain.PaymentResult{Outcome: domain.OutcomePaid, ApprovedAt: time.Now()}
	o, err := s.store.Place(ctx, domain.Placement{OrderID: o.ID, PaymentKey: key, Paid: paid})
	return o, paid, err
}

// declines is a gateway that declines.
func (s *shop) declines(ctx context.Context, o domain.Order, key string) (domain.Order, domain.PaymentResult, error) {
	s.intend(ctx, o, key)
	no := domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: "REJECT_CARD_COMPANY", Message: "declined"}
	o, err := s.store.Decline(ctx, o.ID, key, no)
	return o, no, err
}

// held places an order of 1,000 won and returns its shopper.
func (s *shop) held() (id string, minji func(method, path, body string, headers ...string) answer) {
	s.t.Helper()
	minji = s.shopper()
	product := storetest.Product(s.t, s.store, 3).ID
	placed := minji("POST", "/v1/orders", order(product, "1"), "Idempotency-Key", "k").want(s.t, http.StatusCreated, nil)
	return placed.body["id"].(string), minji
}

func confirm(id, key string, amount int) string {
	return fmt.Sprintf(`{"orderId":%q,"paymentKey":%q,"amount":%d}`, id, key, amount)
}

func TestAPaidOrderIsPlacedAndPayingAgainIsTheSame(t *testing.T) {
	s := newShop(t)
	s.pay = s.approves
	id, minji := s.held()
	minji("GET", "/v1/checkout/"+id, "").
		want(t, http.StatusOK, map[string]any{"orderId": id, "amount": 1000.0, "currency": "KRW", "status": "HELD"})
	paid := minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).want(t, http.StatusOK, map[string]any{"status": "PLACED"})
	if got := paid.body["payment"].(map[string]any); got["status"] != "DONE" || got["paymentKey"] != "pay_1" || got["approvedAt"] == nil {
		t.Errorf("the payment is shown as %v", got)
	}
	minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).want(t, http.StatusOK, map[string]any{"status": "PLACED"})
	minji("POST", "/v1/payments/confirm", confirm(id, "pay_2", 1000)).problem(t, http.StatusConflict, domain.CodeOrderState)
	minji("GET", "/v1/checkout/"+id, "").problem(t, http.StatusConflict, domain.CodeOrderState)
}

func TestADeclineSaysWhyAndHowManyTriesAreLeft(t *testing.T) {
	s := newShop(t)
	s.pay = s.declines
	id, minji := s.held()
	first := minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).
		problem(t, http.StatusPaymentRequired, domain.CodePaymentDeclined)
	first.want(t, http.StatusPaymentRequired, map[string]any{"declineCode": "REJECT_CARD_COMPANY", "attemptsLeft": 2.0, "orderStatus": "HELD"})
	minji("GET", "/v1/orders/"+id, "").want(t, http.StatusOK, map[string]any{"status": "HELD"})
	s.pay = s.approves
	minji("POST", "/v1/payments/confirm", confirm(id, "pay_2", 1000)).want(t, http.StatusOK, map[string]any{"status": "PLACED"})
}

func TestAConfirmationIsChecked(t *testing.T) {
	s := newShop(t)
	s.pay = func(context.Context, domain.Order, string) (domain.Order, domain.PaymentResult, error) {
		t.Error("the gateway was asked")
		return domain.Order{}, domain.PaymentResult{}, nil
	}
	id, minji := s.held()
	for name, c := range map[string]struct {
		by     func(method, path, body string, headers ...string) answer
		body   string
		status int
		code   domain.Code
	}{
		"another amount":    {minji, confirm(id, "pay_1", 999), http.StatusUnprocessableEntity, domain.CodeAmountMismatch},
		"another shopper":   {s.shopper(), confirm(id, "pay_1", 1000), http.StatusNotFound, domain.CodeNotFound},
		"no order":          {minji, confirm("ord_none", "pay_1", 1000), http.StatusNotFound, domain.CodeNotFound},
		"no key":            {minji, confirm(id, "", 1000), http.StatusUnprocessableEntity, domain.CodeValidation},
		"a key with spaces": {minji, confirm(id, "pay 1", 1000), http.StatusUnprocessableEntity, domain.CodeValidation},
		"nobody":            {s.as("", ""), confirm(id, "pay_1", 1000), http.StatusUnauthorized, domain.CodeUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) { c.by("POST", "/v1/payments/confirm", c.body).problem(t, c.status, c.code) })
	}
}

// No worker answers: the row decides what the shopper is told.
func TestWithoutAnAnswerTheRowDecides(t *testing.T) {
	noAnswer := domain.Errorf(domain.CodeUnavailable, "no worker answered in time")
	t.Run("nothing was begun", func(t *testing.T) {
		s := newShop(t)
		s.pay = func(context.Context, domain.Order, string) (domain.Order, domain.PaymentResult, error) {
			return domain.Order{}, domain.PaymentResult{}, noAnswer
		}
		id, minji := s.held()
		got := minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).problem(t, http.StatusServiceUnavailable, domain.CodeUnavailable)
		if got.header.Get("Retry-After") == "" {
			t.Error("when to come again is not said")
		}
	})
	t.Run("it was paid", func(t *testing.T) {
		s := newShop(t)
		s.pay = func(ctx context.Context, o domain.Order, key string) (domain.Order, domain.PaymentResult, error) {
			_, _, err := s.approves(ctx, o, key)
			if err != nil {
				return o, domain.PaymentResult{}, err
			}
			return domain.Order{}, domain.PaymentResult{}, noAnswer
		}
		id, minji := s.held()
		minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).want(t, http.StatusOK, map[string]any{"status": "PLACED"})
	})
	t.Run("the gateway has not answered", func(t *testing.T) {
		s := newShop(t)
		s.pay = func(ctx context.Context, o domain.Order, key string) (domain.Order, domain.PaymentResult, error) {
			s.intend(ctx, o, key)
			return domain.Order{}, domain.PaymentResult{}, noAnswer
		}
		id, minji := s.held()
		pending := minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).
			want(t, http.StatusAccepted, map[string]any{"status": "PAYING"})
		if pending.header.Get("Location") != "/v1/orders/"+id || pending.header.Get("Retry-After") != "2" {
			t.Errorf("how to follow it is not said: %v", pending.header)
		}
	})
}

// What the gateway says of itself does not reach the shopper when it is a fault of ours.
func TestAFaultOfOursCountsNoAttempt(t *testing.T) {
	s := newShop(t)
	s.pay = func(ctx context.Context, o domain.Order, _ string) (domain.Order, domain.PaymentResult, error) {
		return o, domain.PaymentResult{Outcome: domain.OutcomeFault, Code: "INVALID_API_KEY", Message: "wrong secret"}, nil
	}
	id, minji := s.held()
	got := minji("POST", "/v1/payments/confirm", confirm(id, "pay_1", 1000)).
		problem(t, http.StatusServiceUnavailable, domain.CodePaymentUnavailable)
	if got.body["attemptsLeft"] != 3.0 || strings.Contains(got.text, "secret") || strings.Contains(got.text, "INVALID_API_KEY") {
		t.Errorf("%s", got.text)
	}
}
