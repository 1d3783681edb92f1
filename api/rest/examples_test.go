package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"runrun/api/rest"
)

// description is the API's, as JSON and as schemas.
func description(t *testing.T) (map[string]any, *jsonschema.Compiler) {
	t.Helper()
	text, err := rest.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any), c
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// Every body has an example, every error one for each of its codes, and every example is valid; every code is among them.
func TestEveryAnswerHasAValidExample(t *testing.T) {
	doc, schemas := description(t)
	examples, seen, bodies := object(object(doc["components"])["examples"]), map[string]bool{}, 0
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	check := func(where string, content any, pointer string) {
		for kind, media := range object(content) {
			m := object(media)
			var values []any
			switch kind {
			case "application/json":
				values = append(values, m["example"])
			case "application/problem+json":
				for code := range object(m["examples"]) {
					seen[code] = true
					values = append(values, object(examples[code])["value"])
				}
			default:
				continue
			}
			bodies++
			schema, err := schemas.Compile("openapi.json#" + pointer + "/content/" + escape.Replace(kind) + "/schema")
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			if len(values) == 0 {
				t.Errorf("%s has no example", where)
			}
			for _, value := range values {
				if value == nil {
					t.Errorf("%s: an example is missing", where)
				} else if err := schema.Validate(value); err != nil {
					text, _ := json.Marshal(value)
					t.Errorf("%s: %s: %v", where, text, err)
				}
			}
		}
	}
	for path, item := range object(doc["paths"]) {
		for method, operation := range object(item) {
			op, at := object(operation), "/paths/"+escape.Replace(path)+"/"+method
			check(method+" "+path, object(op["requestBody"])["content"], at+"/requestBody")
			for status, response := range object(op["responses"]) {
				check(fmt.Sprint(method, " ", path, " ", status), object(response)["content"], at+"/responses/"+status)
			}
		}
	}
	if bodies < 300 {
		t.Errorf("only %d bodies were looked at", bodies)
	}
	outside := []string{"METHOD_NOT_ALLOWED", "FENCED"} // of no operation: unknown methods, and what the workers tell each other
	for _, code := range rest.Codes() {
		if !seen[string(code)] && !slices.Contains(outside, string(code)) {
			t.Errorf("no operation shows %s", code)
		}
	}
}
