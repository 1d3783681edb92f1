package server

import (
	"net/http"
	"strconv"
	"time"
)

// lookup shows a payment by its key.
func (s *Server) lookup(r *http.Request, _ []byte, play script) (any, *failure) {
	return s.show(r.PathValue("paymentKey"), play)
}

// lookupByOrder shows an order's latest payment.
func (s *Server) lookupByOrder(r *http.Request, _ []byte, play script) (any, *failure) {
	s.state.mu.Lock()
	keys := s.state.ByOrder[r.PathValue("orderId")]
	s.state.mu.Unlock()
	if len(keys) == 0 {
		return nil, fail(lookupErrors, "NOT_FOUND_PAYMENT")
	}
	return s.show(keys[len(keys)-1], play)
}

func (s *Server) show(key string, play script) (any, *failure) {
	if play.Code != "" {
		return nil, fail(lookupErrors, play.Code)
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	p := s.state.find(key, s.cfg.ConfirmWithin, time.Now())
	if p == nil {
		return nil, fail(lookupErrors, "NOT_FOUND_PAYMENT")
	}
	shown := *p
	if play.PaymentStatus != "" {
		shown.Status = play.PaymentStatus
	}
	return shown, nil
}

// listTransactions lists movements between two times, oldest first, at most limit of them (100, at most 5,000).
func (s *Server) listTransactions(r *http.Request, _ []byte, play script) (any, *failure) {
	if play.Code != "" {
		return nil, fail(commonErrors, play.Code)
	}
	q := r.URL.Query()
	from, errFrom := parseDate(q.Get("startDate"))
	until, errUntil := parseDate(q.Get("endDate"))
	limit := 100
	var errLimit error
	if q.Has("limit") {
		limit, errLimit = strconv.Atoi(q.Get("limit"))
	}
	if errFrom != nil || errUntil != nil || errLimit != nil || limit < 1 || limit > 5000 {
		return nil, fail(commonErrors, "INVALID_REQUEST")
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	page := []Transaction{}
	after := q.Get("startingAfter")
	for _, t := range s.state.Transactions {
		if after != "" {
			if t.TransactionKey == after {
				after = ""
			}
			continue
		}
		at, err := time.Parse(time.RFC3339, t.TransactionAt)
		if err == nil && !at.Before(from) && !at.After(until) && len(page) < limit {
			page = append(page, t)
		}
	}
	return page, nil
}

// parseDate reads the gateway's local times (2022-01-01T00:00:00, or the day alone), or RFC 3339.
func parseDate(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, seoul); err == nil {
		return t, nil
	}
	return time.ParseInLocation("2006-01-02T15:04:05", text, seoul)
}
