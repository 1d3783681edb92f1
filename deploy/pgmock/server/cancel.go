package server

import (
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"
)

// cancel gives money back, all of the balance or a part.
func (s *Server) cancel(r *http.Request, body []byte, play script) (any, *failure) {
	var in struct {
		CancelReason     string `json:"cancelReason"`
		CancelAmount     *int64 `json:"cancelAmount"`
		RefundableAmount *int64 `json:"refundableAmount"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.CancelReason == "" || utf8.RuneCountInString(in.CancelReason) > 200 {
		return nil, fail(cancelErrors, "INVALID_REQUEST")
	}
	if play.Code != "" {
		return nil, fail(cancelErrors, play.Code)
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	p := s.state.Payments[r.PathValue("paymentKey")]
	if p == nil {
		return nil, fail(cancelErrors, "NOT_FOUND_PAYMENT")
	}
	if p.Status == canceled {
		return nil, fail(cancelErrors, "ALREADY_CANCELED_PAYMENT")
	}
	if p.Status != done && p.Status != partialCanceled {
		return nil, fail(cancelErrors, "NOT_CANCELABLE_PAYMENT")
	}
	if in.RefundableAmount != nil && *in.RefundableAmount != p.BalanceAmount {
		return nil, fail(cancelErrors, "NOT_MATCHES_REFUNDABLE_AMOUNT")
	}
	amount := p.BalanceAmount
	if in.CancelAmount != nil {
		amount = *in.CancelAmount
	}
	if p.BalanceAmount == 0 || amount <= 0 || amount > p.BalanceAmount {
		return nil, fail(cancelErrors, "NOT_CANCELABLE_AMOUNT")
	}
	now := time.Now()
	p.cancel(amount, in.CancelReason, newKey("txn_"), now)
	s.state.move(p, amount, now)
	s.webhooks.send(p)
	return *p, nil
}
