package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
)

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range domain.Codes() {
		if statuses[code] == 0 {
			t.Errorf("%s has no HTTP status", code)
		}
	}
	if len(statuses) != len(domain.Codes()) {
		t.Errorf("%d statuses for %d codes", len(statuses), len(domain.Codes()))
	}
	for code, status := range statuses {
		if code.Retryable() && status == http.StatusInternalServerError {
			t.Errorf("%s is retryable and a 500", code)
		}
	}
}

func TestAnUnknownErrorIsInternalAndItsTextStaysInside(t *testing.T) {
	for _, err := range []error{errors.New("password=secret"), domain.Because(domain.Internal, errors.New("password=secret"), "password=secret")} {
		text, marshalErr := json.Marshal(problemOf(context.Background(), err))
		if marshalErr != nil {
			t.Fatal(marshalErr)
		}
		if strings.Contains(string(text), "secret") || !strings.Contains(string(text), `"code":"INTERNAL"`) {
			t.Errorf("the caller is told %s", text)
		}
	}
}

func TestRetryAfterOnWhatMayBeTriedAgain(t *testing.T) {
	for code, want := range map[domain.Code]string{domain.Overloaded: "2", domain.TooManyRequests: "2", domain.SoldOut: ""} {
		if got := problemOf(context.Background(), domain.Errorf(code, "x")).GetHeaders().Get("Retry-After"); got != want {
			t.Errorf("%s: Retry-After %q, want %q", code, got, want)
		}
	}
}

func TestPointers(t *testing.T) {
	for location, want := range map[string]domain.FieldError{
		"body": {}, "body.items[0].quantity": {Pointer: "/items/0/quantity"}, "body.receiver.zipCode": {Pointer: "/receiver/zipCode"},
		"body.a/b~c": {Pointer: "/a~1b~0c"}, "query.limit": {In: "query", Name: "limit"}, "path.id": {In: "path", Name: "id"},
	} {
		if diff := cmp.Diff(want, fieldOf(&huma.ErrorDetail{Location: location})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", location, diff)
		}
	}
}

func TestPreferredWait(t *testing.T) {
	for prefer, want := range map[string]time.Duration{
		"": time.Second, "wait=0": 0, "wait=5": 5 * time.Second, "respond-async, wait=3": 3 * time.Second, "wait=9999": maxWait, "wait=-1": time.Second, "wait=x": time.Second,
	} {
		if got := preferredWait(prefer); got != want {
			t.Errorf("%q: %s, want %s", prefer, got, want)
		}
	}
}

func TestPasswords(t *testing.T) {
	hash := HashPassword("Runrun-2024!")
	if !samePassword(hash, "Runrun-2024!") || samePassword(hash, "runrun-2024!") || hash == HashPassword("Runrun-2024!") {
		t.Error("hash and password do not belong together, or the salt is missing")
	}
	for _, bad := range []string{"", "plain", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=1,t=0,p=1$AAAA$AAAA", "$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$"} {
		if samePassword(bad, "") {
			t.Errorf("the hash %q was accepted", bad)
		}
	}
}

func TestTheDescriptionNamesEveryOperation(t *testing.T) {
	text, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var description struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &description); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{
		"post /v1/users/login", "get /v1/products", "get /v1/products/{id}", "get /v1/products/{id}/stock", "get /v1/products/{id}/events", "post /v1/products", "post /v1/products/{id}/stock", "post /v1/orders", "get /v1/orders",
		"get /v1/orders/{id}", "get /v1/orders/{id}/events", "post /v1/orders/{id}/cancel", "get /v1/checkout/{orderId}", "post /v1/payments/confirm",
	} {
		method, path, _ := strings.Cut(operation, " ")
		if description.Paths[path][method] == nil {
			t.Errorf("%s is missing", operation)
		}
	}
	if !strings.Contains(string(text), "application/problem+json") {
		t.Error("errors are not described as problems")
	}
}

// defaults is the configuration that flags and environment leave.
func defaults(t testing.TB) Config {
	t.Helper()
	var cfg Config
	parser, err := kong.New(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(nil); err != nil {
		t.Fatal(err)
	}
	cfg.Store.DSN = "sqlite:" + t.TempDir() + "/x.db"
	return cfg
}

func TestConfigValidate(t *testing.T) {
	good := defaults(t)
	if err := good.Validate(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	if good.JWTKey != DevelopmentJWTKey || good.Store.DataKey != store.DevelopmentDataKey {
		t.Error("the development keys of flag and constant differ")
	}
	bad := good
	bad.Ops.Environment = "production"
	bad.PayWithin, bad.AttentionAfter, bad.Starts = 0, 0, 0
	err := bad.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, mistake := range []string{"jwt-key", "data-key", "pay-within", "attention-after", "starts"} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s is not reported: %v", mistake, err)
		}
	}
	for _, key := range []string{"", "not base64", "c2hvcnQ="} {
		bad := good
		bad.JWTKey = key
		if bad.Validate() == nil {
			t.Errorf("the key %q was accepted", key)
		}
	}
}
