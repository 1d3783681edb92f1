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

// once runs a call, or replays the answer that was given under its idempotency key. A replay plays no script.
func (s *Server) once(r *http.Request, run func() (answer, script)) (answer, script) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost {
		return run()
	}
	if len(key) > 300 {
		return refuse("INVALID_IDEMPOTENCY_KEY")
	}
	scope := strings.Join([]string{r.Method, r.URL.Path, key}, " ")

	s.state.mu.Lock()
	given, seen := s.state.Records[scope]
	if seen && time.Since(given.At) < recordsLive {
		s.state.mu.Unlock()
		if !given.Done {
			return refuse("IDEMPOTENT_REQUEST_PROCESSING")
		}
		return given.Answer, script{}
	}
	given = &record{At: time.Now()}
	s.state.Records[scope] = given
	s.state.mu.Unlock()

	result, play := run()
	s.state.mu.Lock()
	given.Answer, given.Done = result, true
	s.state.mu.Unlock()
	return result, play
}

func refuse(code string) (answer, script) {
	f := fail(commonErrors, code)
	body, _ := json.Marshal(map[string]string{"code": f.Code, "message": f.Message})
	return answer{Status: f.status, Body: body}, script{}
}
