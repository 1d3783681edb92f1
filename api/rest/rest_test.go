package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"runrun/domain"
)

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range Codes() {
		if statuses[code] == 0 {
			t.Errorf("%s has no HTTP status", code)
		}
	}
	if len(statuses) != len(Codes()) {
		t.Errorf("%d statuses for %d codes", len(statuses), len(Codes()))
	}
	for code, status := range statuses {
		if code.Retryable() && status == http.StatusInternalServerError {
			t.Errorf("%s is retryable and a 500", code)
		}
	}
}

func TestAnUnknownErrorIsInternalAndItsTextStaysInside(t *testing.T) {
	for _, err := range []error{
		errors.New("password=secret"), domain.Wrap(domain.CodeInternal, errors.New("password=secret"), "password=secret"),
	} {
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
	for code, want := range map[domain.Code]string{domain.CodeOverloaded: "2", domain.CodeTooManyRequests: "2", domain.CodeSoldOut: ""} {
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

// What a client generator reads: every answer with its schema, what is required, and the words that a field can be.
func TestTheDescriptionIsWhole(t *testing.T) {
	text, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Servers []any
		Paths   map[string]map[string]struct {
			OperationID string
			Parameters  []struct {
				Name     string
				Required bool
			}
			Responses map[string]any
		}
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []any
					Type any
				}
			}
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for operation, statuses := range map[string][]string{
		"post /v1/orders": {"200", "201", "202", "400", "409", "422", "429", "503"}, "get /v1/orders/{id}": {"200", "304", "404"},
		"get /v1/products/{id}": {"200", "304"}, "get /v1/orders/{id}/events": {"200", "204"}, "post /v1/payments/confirm": {"200", "202", "402", "409"},
	} {
		method, path, _ := strings.Cut(operation, " ")
		for _, status := range statuses {
			if doc.Paths[path][method].Responses[status] == nil {
				t.Errorf("%s does not say what %s is", operation, status)
			}
		}
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			if op.OperationID == "" || strings.ContainsAny(op.OperationID, "-_ ") {
				t.Errorf("%s %s has the id %q, want camelCase", method, path, op.OperationID)
			}
			for _, p := range op.Parameters {
				if p.Name == "Idempotency-Key" && !p.Required {
					t.Error("Idempotency-Key is not said to be required")
				}
			}
		}
	}
	for name, count := range map[string]int{
		"Problem.code": len(Codes()), "Order.reason": len(domain.Reasons()), "Order.attention": len(domain.Attentions()),
		"OrderEvent.status": len(domain.OrderStatuses()),
	} {
		schema, property, _ := strings.Cut(name, ".")
		if got := len(doc.Components.Schemas[schema].Properties[property].Enum); got != count {
			t.Errorf("%s lists %d words, want %d", name, got, count)
		}
	}
	if kind := doc.Components.Schemas["Order"].Properties["items"].Type; kind != "array" {
		t.Errorf("an order's items are %v, want an array, never null", kind)
	}
	if strings.Contains(string(text), "patternDescription") || len(doc.Servers) == 0 {
		t.Error("it has members that OpenAPI does not know, or no server")
	}
}

func TestEveryCodeIsExplained(t *testing.T) {
	for _, code := range Codes() {
		if explanations[code] == "" {
			t.Errorf("%s is not explained", code)
		}
	}
	if len(explanations) != len(Codes()) {
		t.Errorf("%d explanations for %d codes", len(explanations), len(Codes()))
	}
}

// The description that a release keeps for its clients is the API's: make openapi writes it.
func TestTheKeptDescriptionIsCurrent(t *testing.T) {
	got, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../openapi.json")
	if err != nil || strings.TrimSpace(string(kept)) != strings.TrimSpace(string(got)) {
		t.Errorf("api/openapi.json is not current (%v): make openapi", err)
	}
}
