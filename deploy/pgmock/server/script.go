package server

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// script says how an answer behaves.
type script struct {
	// Call is confirm, lookup, cancel or transactions.
	Call string
	// Times is how many answers it is for; 0 counts as 1, -1 is every one until DELETE /mock/script.
	Times int
	// Code is the error to answer with; nothing happens then, but that a decline ends the session.
	Code string
	// PaymentStatus is answered with 200 instead of an approval (confirm), or shown (lookup).
	PaymentStatus string
	// HTTPStatus replaces the status that belongs to Code.
	HTTPStatus int
	// Delay is waited after the act, before the answer.
	Delay time.Duration
	// LoseAnswer lets the act happen and breaks the connection.
	LoseAnswer bool
	// Share is the share of answers it is for (0–1); 0 counts as 1.
	Share float64
}

// delay is how long the answer takes in all.
func (p script) delay(cfg Config) time.Duration {
	return p.Delay + cfg.LatencyMin + time.Duration(rand.Float64()*float64(cfg.LatencyMax-cfg.LatencyMin))
}

type scripts struct {
	mu    sync.Mutex
	queue []script
}

// next takes the script of the next answer to a call; without one, chance decides by the configured shares.
func (s *scripts) next(call string, cfg Config) script {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.queue {
		play := &s.queue[i]
		if play.Call != call || !chance(play.Share) {
			continue
		}
		chosen := *play
		if play.Times > 0 {
			if play.Times--; play.Times == 0 {
				s.queue = append(s.queue[:i], s.queue[i+1:]...)
			}
		}
		return chosen
	}
	if call == "confirm" {
		switch {
		case chance(cfg.DeclineShare):
			return script{Code: "REJECT_CARD_PAYMENT"}
		case chance(cfg.ErrorShare):
			return script{Code: "FAILED_INTERNAL_SYSTEM_PROCESSING"}
		case chance(cfg.LoseShare):
			return script{LoseAnswer: true}
		}
	}
	return script{}
}

// addScript queues a script: {call, times, code, status, delayMs, loseAnswer, share}. A status that is a number is the HTTP
// status of the error; a word is a payment status.
func (s *Server) addScript(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Call       string          `json:"call"`
		Times      int             `json:"times"`
		Code       string          `json:"code"`
		Status     json.RawMessage `json:"status"`
		DelayMs    int64           `json:"delayMs"`
		LoseAnswer bool            `json:"loseAnswer"`
		Share      *float64        `json:"share"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&in)
	play := script{
		Call: in.Call, Times: in.Times, Code: in.Code, Delay: time.Duration(in.DelayMs) * time.Millisecond, LoseAnswer: in.LoseAnswer, Share: 1,
	}
	if in.Share != nil {
		play.Share = *in.Share
	}
	if play.Times == 0 {
		play.Times = 1
	}
	if err == nil && len(in.Status) > 0 && json.Unmarshal(in.Status, &play.HTTPStatus) != nil {
		err = json.Unmarshal(in.Status, &play.PaymentStatus)
	}
	if err == nil {
		err = play.validate()
	}
	if err != nil {
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", err.Error()})
		return
	}
	s.scripts.mu.Lock()
	defer s.scripts.mu.Unlock()
	s.scripts.queue = append(s.scripts.queue, play)
	w.WriteHeader(http.StatusNoContent)
}

func (p script) validate() error {
	tables := map[string]map[string]int{
		"confirm": confirmErrors, "lookup": lookupErrors, "cancel": cancelErrors, "transactions": commonErrors,
	}
	table, known := tables[p.Call]
	switch {
	case !known:
		return errors.New("call: confirm, lookup, cancel or transactions")
	case p.Code != "" && table[p.Code] == 0 && p.HTTPStatus == 0:
		return errors.New("code: not an error of this call (give a status to answer with it all the same)")
	case p.Times < -1, p.Delay < 0, p.Share < 0, p.Share > 1:
		return errors.New("times: -1 (always) or more; delayMs: 0 or more; share: 0 to 1")
	case p.HTTPStatus != 0 && (p.HTTPStatus < 400 || p.HTTPStatus > 599 || p.Code == ""):
		return errors.New("status: 400 to 599, together with a code; or a payment status")
	}
	return nil
}

func (s *Server) dropScripts(w http.ResponseWriter, _ *http.Request) {
	s.scripts.mu.Lock()
	defer s.scripts.mu.Unlock()
	s.scripts.queue = nil
	w.WriteHeader(http.StatusNoContent)
}
