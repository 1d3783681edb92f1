package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// confirm moves an authorized payment's money.
func (s *Server) confirm(_ *http.Request, body []byte, play script) (any, *failure) {
	var in struct {
		PaymentKey string `json:"paymentKey"`
		OrderID    string `json:"orderId"`
		Amount     amount `json:"amount"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.PaymentKey == "" || len(in.PaymentKey) > 200 || !validOrderID(in.OrderID) {
		return nil, fail(confirmErrors, "INVALID_REQUEST")
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	p := s.state.find(in.PaymentKey, s.cfg.ConfirmWithin, time.Now())
	if p == nil {
		return nil, fail(confirmErrors, "NOT_FOUND_PAYMENT")
	}
	if play.Code != "" {
		f := fail(confirmErrors, play.Code)
		if p.Status == inProgress && aborts(f.Code, f.status) {
			p.abort(f)
			s.webhooks.send(p)
		}
		return nil, f
	}
	switch p.Status {
	case inProgress:
	case aborted, expired:
		return nil, fail(confirmErrors, "NOT_FOUND_PAYMENT_SESSION")
	default:
		return nil, fail(confirmErrors, "ALREADY_PROCESSED_PAYMENT")
	}
	if p.OrderID != in.OrderID || p.TotalAmount != int64(in.Amount) {
		return nil, fail(confirmErrors, "INVALID_REQUEST")
	}
	if play.PaymentStatus != "" { // an answer of 200 that is no approval
		p.Status = play.PaymentStatus
		return *p, nil
	}
	now := time.Now()
	p.approve(newKey("txn_"), now)
	s.state.move(p, p.TotalAmount, now)
	s.webhooks.send(p)
	return *p, nil
}

// amount is a number. The gateway takes one in quotes as well, which is how it comes out of the window's redirect.
type amount int64

// UnmarshalJSON reads a number, in quotes or not.
func (a *amount) UnmarshalJSON(text []byte) error {
	number, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	*a = amount(number)
	return err
}

// validOrderID checks the gateway's rule: 6–64 of A–Z a–z 0–9 _ -.
func validOrderID(id string) bool {
	if len(id) < 6 || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
	}) < 0
}

// authorize is what the payment window does when the shopper presses "pay".
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	var in struct {
		OrderID   string `json:"orderId"`
		Amount    int64  `json:"amount"`
		OrderName string `json:"orderName"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !validOrderID(in.OrderID) || in.Amount <= 0 {
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", "want {orderId (6–64 of A–Z a–z 0–9 _ -), amount > 0, orderName}"})
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"paymentKey": s.Authorize(in.OrderID, in.OrderName, in.Amount)})
}

// Authorize opens a session as the payment window does and returns its payment key.
func (s *Server) Authorize(orderID, orderName string, amount int64) string {
	p := newPayment(newKey("pay_"), orderID, orderName, amount, time.Now())
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.add(p)
	timer := time.AfterFunc(s.cfg.ConfirmWithin, func() {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		s.state.find(p.PaymentKey, s.cfg.ConfirmWithin, time.Now())
	})
	context.AfterFunc(s.stopping, func() { timer.Stop() })
	return p.PaymentKey
}
