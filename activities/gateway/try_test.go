package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"runrun/activities/gateway"
	"runrun/deploy/pgmock/server"
	"runrun/domain"
)

// try asks once, with a moment for the answer.
func (r rig) try(p domain.Payment, key string) (domain.PaymentResult, domain.Code) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 100*time.Millisecond)
	defer cancel()
	result, err := r.client.TryConfirm(ctx, p, key)
	return result, domain.CodeOf(err)
}

func TestATryPaysOrIsDeclined(t *testing.T) {
	r := newRig(t)
	result, err := r.client.TryConfirm(t.Context(), r.authorized(), "a")
	if err != nil || result.Outcome != domain.OutcomePaid {
		t.Errorf("got %+v, %v; want PAID", result, err)
	}
	r.script(map[string]any{"call": "confirm", "code": "REJECT_CARD_PAYMENT"})
	if result, err = r.client.TryConfirm(t.Context(), r.authorized(), "b"); err != nil || result.Outcome != domain.OutcomeDeclined {
		t.Errorf("got %+v, %v; want DECLINED", result, err)
	}
	r.wantMoney(1, 0)
}

// A try that had no answer may have charged: it is an error, and the same request with the same key finds the approval.
func TestATryWithoutAnAnswerIsAnError(t *testing.T) {
	r := newRig(t)
	p := r.authorized()
	r.script(map[string]any{"call": "confirm", "loseAnswer": true})
	if result, code := r.try(p, "k"); code != "" || result.Outcome != domain.OutcomeUnknown {
		t.Errorf("the connection broke: %+v, %s; want UNKNOWN", result, code)
	}
	slow := r.authorized()
	r.script(map[string]any{"call": "confirm", "delayMs": 60_000})
	if _, code := r.try(slow, "s"); code != domain.CodeUnavailable {
		t.Errorf("no answer in time: %s, want UNAVAILABLE", code)
	}
	if got := r.confirm(p, "k"); got.Outcome != domain.OutcomePaid {
		t.Errorf("the same request again: %+v, want PAID", got)
	}
	r.wantMoney(2, 0)
}

// Where tries had no answer in time, the next are not made: workflow tasks would wait for nothing. Other calls are.
func TestASlowGatewayIsNotTried(t *testing.T) {
	r := newRig(t)
	r.script(map[string]any{"call": "confirm", "delayMs": 60_000, "times": 3})
	for _, key := range []string{"a", "b", "c"} {
		if _, code := r.try(r.authorized(), key); code != domain.CodeUnavailable {
			t.Errorf("try %s: %s, want UNAVAILABLE", key, code)
		}
	}
	p := r.authorized()
	if _, code := r.try(p, "d"); code != domain.CodeBreakerOpen {
		t.Errorf("after three slow tries: %s, want BREAKER_OPEN", code)
	}
	r.wantMoney(3, 0)
	if got := r.confirm(p, "d"); got.Outcome != domain.OutcomePaid {
		t.Errorf("a call that can wait: %+v, want PAID", got)
	}
}

func TestASlowGatewayIsTriedAgainLater(t *testing.T) {
	r := newRig(t, func(_ *server.Config, c *gateway.Config) { c.BreakerFor = time.Millisecond })
	r.script(map[string]any{"call": "confirm", "delayMs": 60_000, "times": 3})
	for _, key := range []string{"a", "b", "c"} {
		r.try(r.authorized(), key)
	}
	p := r.authorized()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); { // the breaker has to see a millisecond pass
		if result, code := r.try(p, "d"); code == "" && result.Outcome == domain.OutcomePaid {
			return
		}
	}
	t.Error("the gateway answers again and is never tried")
}

func TestASickGatewayIsNotTried(t *testing.T) {
	r := newRig(t, func(_ *server.Config, c *gateway.Config) { c.BreakerAfter = 5 })
	r.script(map[string]any{"call": "confirm", "code": "PROVIDER_ERROR", "times": 5})
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		r.confirm(r.authorized(), key)
	}
	if _, code := r.try(r.authorized(), "f"); code != domain.CodeBreakerOpen {
		t.Errorf("with an open breaker: %s, want BREAKER_OPEN", code)
	}
	r.wantMoney(0, 0)
}

// As many calls as allowed are under way: one that can wait does, and a try sends nothing.
func TestCallsAtOnceAreBounded(t *testing.T) {
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		http.Error(w, `{"code":"PROVIDER_ERROR","message":"later"}`, http.StatusBadRequest)
	}))
	defer slow.Close()
	client, err := gateway.New(gateway.Config{
		URL: slow.URL, SecretKey: "k", Limit: time.Minute, BreakerAfter: 100, BreakerFor: time.Minute, AtOnce: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, first := domain.Payment{OrderID: "ord_contract", PaymentKey: "pay_1"}, make(chan error, 1)
	go func() {
		_, err := client.Confirm(t.Context(), p, "a")
		first <- err
	}()
	<-arrived
	if _, err := client.TryConfirm(t.Context(), p, "b"); domain.CodeOf(err) != domain.CodeOverloaded {
		t.Errorf("a try beside it: %v, want OVERLOADED", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.Confirm(ctx, p, "c"); domain.CodeOf(err) != domain.CodeOverloaded {
		t.Errorf("a call beside it whose time is up: %v, want OVERLOADED", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := client.LookUp(t.Context(), p); err != nil {
		t.Errorf("a call after it: %v", err)
	}
	if len(arrived) != 1 {
		t.Errorf("%d more requests were sent, want the look-up alone", len(arrived))
	}
}
