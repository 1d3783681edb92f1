package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// recordsLive is how long the gateway remembers an idempotency key.
const recordsLive = 15 * 24 * time.Hour

// record is the first answer under an idempotency key. It is replayed, errors too.
type record struct {
	Answer answer
	Done   bool
	At     time.Time
}

// once runs a call, or replays the answer that was given under its idempotency key. A replay plays no script. The key is busy,
// 409, until the answer of the first request is due, whether or not its caller still waits.
func (s *Server) once(r *http.Request, run func() (answer, script)) (answer, script) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost {
		result, play := run()
		wait(r.Context(), play.delay(s.cfg))
		return result, play
	}
	if len(key) > 300 {
		return refuse(r, "INVALID_IDEMPOTENCY_KEY")
	}
	scope := strings.Join([]string{r.Method, r.URL.Path, key}, " ")
	given, replayed := s.state.claim(scope)
	if replayed {
		if !given.Done {
			return refuse(r, "IDEMPOTENT_REQUEST_PROCESSING")
		}
		return given.Answer, script{}
	}
	result, play := run()
	if !play.LoseAnswer {
		wait(s.stopping, play.delay(s.cfg)) //nolint:contextcheck // as at the real one, the call goes on without its caller
	}
	s.state.settle(scope, result)
	return result, play
}

// claim returns a copy of the record of a key, or makes it.
func (s *state) claim(scope string) (given record, replayed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, seen := s.Records[scope]; seen && time.Since(known.At) < recordsLive {
		return *known, true
	}
	s.Records[scope] = &record{At: time.Now()}
	return record{}, false
}

// settle keeps the first answer under a key.
func (s *state) settle(scope string, given answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.Records[scope]
	known.Answer, known.Done = given, true
}

func refuse(r *http.Request, code string) (answer, script) {
	f := fail(commonErrors, code).in(r)
	body, _ := json.Marshal(map[string]string{"code": f.Code, "message": f.Message})
	return answer{Status: f.status, Body: body}, script{}
}
