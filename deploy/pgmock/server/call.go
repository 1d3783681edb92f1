package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// act does what a call asks for and says how it went. It runs once for an idempotency key.
type act func(r *http.Request, body []byte, play script) (any, *failure)

// answer is what goes over the wire.
type answer struct {
	Status int
	Body   json.RawMessage
}

// call wraps an act into what all calls of the gateway share: authorization, test codes, idempotency, scripts.
func (s *Server) call(name string, errors map[string]int, do act) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-tosspayments-trace-id", newKey("trace-"))
		if f := s.authorized(r); f != nil {
			writeFailure(w, f.in(r))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			writeFailure(w, fail(errors, "INVALID_REQUEST").in(r))
			return
		}
		run := func() (answer, script) {
			play := s.scripts.next(name, s.cfg)
			if code := r.Header.Get("TossPayments-Test-Code"); code != "" {
				play = script{Code: code}
				if _, known := errors[code]; !known {
					play.Code = "INVALID_REQUEST"
				}
			}
			return s.perform(r, body, errors, play, do), play
		}
		given, play := s.once(r, run)
		if play.LoseAnswer {
			loseConnection(w)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(given.Status)
		_, _ = w.Write(given.Body)
	})
}

// perform runs the act, or the failure that was asked for.
func (s *Server) perform(r *http.Request, body []byte, errors map[string]int, play script, do act) answer {
	result, f := do(r, body, play)
	status := http.StatusOK
	if f != nil {
		if status = f.status; play.HTTPStatus != 0 {
			status = play.HTTPStatus
		}
		f = f.in(r)
		result = map[string]string{"code": f.Code, "message": f.Message}
	}
	text, err := json.Marshal(result)
	if err != nil {
		f := fail(errors, "FAILED_INTERNAL_SYSTEM_PROCESSING")
		return answer{Status: f.status, Body: json.RawMessage(`{"code":"` + f.Code + `"}`)}
	}
	return answer{Status: status, Body: text}
}

// authorized checks Basic base64(secretKey + ":").
func (s *Server) authorized(r *http.Request) *failure {
	encoded, isBasic := strings.CutPrefix(r.Header.Get("Authorization"), "Basic ")
	plain, err := base64.StdEncoding.DecodeString(encoded)
	key, hasColon := strings.CutSuffix(string(plain), ":")
	if !isBasic || err != nil || !hasColon {
		return fail(commonErrors, "INCORRECT_BASIC_AUTH_FORMAT")
	}
	if key != s.cfg.SecretKey {
		return fail(commonErrors, "UNAUTHORIZED_KEY")
	}
	return nil
}

// wait lets an answer take its time.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// loseConnection breaks the connection without an answer.
func loseConnection(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
		return
	}
	panic(http.ErrAbortHandler)
}

func chance(share float64) bool { return share > 0 && rand.Float64() < share }
