package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"runrun/api/rest"
)

// description is the API's own, against which every request and every answer of these tests is held.
type description struct {
	paths   map[string]any
	schemas *jsonschema.Compiler

	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

var readDescription = sync.OnceValues(func() (*description, error) {
	text, err := rest.OpenAPI()
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	return &description{paths: object(object(doc)["paths"]), schemas: c, compiled: map[string]*jsonschema.Schema{}},
		c.AddResource("openapi.json", doc)
})

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// check reports how an answer, and the request that it accepts, differ from the description. Paths that are none of the API's, such as the
// gateway's, are not described.
func (d *description) check(req *http.Request, body string, resp *http.Response, answer []byte) error {
	path, op := d.find(req.Method, req.URL.Path)
	if op == nil {
		return nil
	}
	at := "/paths/" + pointer(path) + "/" + strings.ToLower(req.Method)
	status := fmt.Sprint(resp.StatusCode)
	response := object(object(op["responses"])[status])
	if response == nil {
		return fmt.Errorf("%s is not among the answers of %s %s", status, req.Method, path)
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if len(answer) > 0 && object(response["content"])[kind] == nil {
		return fmt.Errorf("%s %s answers %s with %s, which is not described", req.Method, path, status, kind)
	}
	if strings.HasSuffix(kind, "json") && len(answer) > 0 {
		if err := d.validate(at+"/responses/"+status+"/content/"+pointer(kind)+"/schema", answer); err != nil {
			return fmt.Errorf("%s %s %s: %s: %w", req.Method, path, status, answer, err)
		}
	}
	accepted := object(object(object(op["requestBody"])["content"])["application/json"])
	if resp.StatusCode >= http.StatusMultipleChoices || accepted == nil || body == "" { // what is refused need not be valid
		return nil
	}
	if err := d.validate(at+"/requestBody/content/application~1json/schema", []byte(body)); err != nil {
		return fmt.Errorf("%s %s accepts %s, which the description forbids: %w", req.Method, path, body, err)
	}
	return nil
}

// find returns the described path that an address stands for, and its operation. A path without parameters goes first.
func (d *description) find(method, address string) (path string, op map[string]any) {
	segments := strings.Split(address, "/")
	for template, item := range d.paths {
		parts := strings.Split(template, "/")
		fits := len(parts) == len(segments)
		for i := 0; fits && i < len(parts); i++ {
			fits = parts[i] == segments[i] || strings.HasPrefix(parts[i], "{") && segments[i] != ""
		}
		if operation := object(item)[strings.ToLower(method)]; fits && operation != nil && (op == nil || !strings.Contains(template, "{")) {
			path, op = template, object(operation)
		}
	}
	return path, op
}

func (d *description) validate(at string, text []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	schema := d.compiled[at]
	if schema == nil {
		var err error
		if schema, err = d.schemas.Compile("openapi.json#" + at); err != nil {
			return err
		}
		d.compiled[at] = schema
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// pointer is a name as it stands in a JSON pointer of a URL.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
}
