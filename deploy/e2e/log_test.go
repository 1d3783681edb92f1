package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"runrun/deploy/dev/system"
)

// output keeps what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Logs are read by more people than the database is. Even at DEBUG they name orders and shoppers by id, and nobody by name, address or
// mail; and no key and no token is in them.
func TestLogsHaveNoPersonalData(t *testing.T) {
	t.Parallel() // it waits for processes most of the time
	var said output
	r := own(t, func(cfg *system.Config) { cfg.Workers = false }, nil)
	r.logTo = &said
	debug := []string{"LOG_LEVEL=DEBUG", "LOG_ALIKE=0", "BLOB_URL=" + t.TempDir()}
	worker := r.startWorkerProcess(append(debug, "MAIL_FROM=RUNRUN <no-reply@runrun.test>", "SMTP_URL="+r.Settings.Worker.Mailer.URL)...)
	listen := freeAddress(t)
	api := r.startAPIProcess(listen, debug...)
	at := "http://" + listen

	email, password := "minji."+uuid.NewString()[:8]+"@example.com", "correct-Horse-7"
	post := func(want int, path string, body map[string]string) {
		if got := r.send("POST", at+path, body); got.Status != want {
			t.Fatalf("%s: %d %s, want %d", path, got.Status, got.rawBody, want)
		}
	}
	post(http.StatusAccepted, "/v1/users/email-auths", map[string]string{"email": email})
	post(http.StatusNoContent, "/v1/users/email-auths/verify", map[string]string{"email": email, "code": r.code(email)})
	post(http.StatusCreated, "/v1/users/signup", map[string]string{"email": email, "password": password, "role": "CUSTOMER",
		"name": receiver["name"], "phone": receiver["phone"], "zipCode": receiver["zipCode"], "address": receiver["address"]})
	post(http.StatusUnauthorized, "/v1/users/login", map[string]string{"email": email, "password": "wrong-Horse-7"})
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.do("POST", at+"/v1/orders", orderOf(r.product(5), 1), "Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
	if order.str("status") != "HELD" {
		t.Fatalf("order: %d %s", order.Status, order.rawBody)
	}
	r.script(map[string]any{"call": "confirm", "loseAnswer": true})
	if paid := shopper.do("POST", at+"/v1/payments/confirm", shopper.authorize(order)); paid.Status >= http.StatusInternalServerError {
		t.Logf("confirm: %d %s", paid.Status, paid.rawBody)
	}
	shopper.await(order, "PLACED")
	api.kill()
	worker.kill()

	text := said.String()
	for _, secret := range []string{
		email, "@example.com", password, "wrong-Horse-7", "Minji", "010-1234-5678", "Sejong", shopper.token, "Bearer ey",
		r.Settings.Worker.Gateway.SecretKey, system.ShopperEmail, system.DemoPassword,
	} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is in the logs: …%s…", secret, text[max(0, at-200):min(len(text), at+100)])
		}
	}
	named := 0
	for line := range strings.Lines(text) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("a line is no JSON: %s", line)
			continue
		}
		if entry["msg"] == "request served" && entry["route"] == "POST /v1/orders" {
			if entry["user_id"] == nil || entry["trace_id"] == nil || entry["request_id"] == nil {
				t.Errorf("a line lacks who or which request: %s", line)
			}
			named++
		}
	}
	if named == 0 {
		t.Errorf("the order's request is not in %d bytes of logs", len(text))
	}
}
