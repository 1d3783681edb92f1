package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// fuzzing is a shop that is sent nonsense.
type fuzzing struct {
	*shop
	mine    estate
	seller  string // tokens
	shopper string
}

func newFuzzing(f *testing.F) fuzzing {
	f.Helper()
	s := newShop(f)
	seller, shopper, mine := s.own()
	token := func(user domain.UserID, role domain.Role) string {
		text, _, err := s.tokens.Issue(user, role, time.Now())
		if err != nil {
			f.Fatal(err)
		}
		return "Bearer " + text
	}
	return fuzzing{s, mine, token(seller, domain.RoleSeller), token(shopper, domain.RoleCustomer)}
}

// send sends a request and demands an answer that is none of ours to be ashamed of.
func (f fuzzing) send(t *testing.T, method, path, body string, headers ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, "/", strings.NewReader(body))
	if u, err := url.Parse(path); err == nil {
		r.URL = u
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", f.shopper)
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header[http.CanonicalHeaderKey(headers[n])] = []string{headers[n+1]}
	}
	w := httptest.NewRecorder()
	f.api.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("%s %s %q %q: %d %s", method, path, headers, body, w.Code, w.Body)
	}
}

// nonsense is where the fuzzer begins.
var nonsense = []string{
	"", "0", "3", "-1", "9223372036854775808", "prd_\x00", "é", "%", "..", "/", "*", "true", "null", "[]", "{}", `"1"`, "1e3", "1_prd_x", "'; --", "\xff",
}

// bodies are the examples of the description, by operation, with the ways to their values.
func (f fuzzing) bodies(t testing.TB) (ops []operation, examples []map[string]any) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			RequestBody struct {
				Content map[string]struct{ Example map[string]any }
			}
		}
	}
	if err := json.Unmarshal(openAPI(t), &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			if example := op.RequestBody.Content["application/json"].Example; example != nil {
				ops, examples = append(ops, operation{id: op.OperationID, method: strings.ToUpper(method), path: path}), append(examples, example)
			}
		}
	}
	return ops, examples
}

// Whatever a body is, or stands in one of its values: it is taken, or the caller's fault.
func FuzzBodies(f *testing.F) {
	shop := newFuzzing(f)
	ops, examples := shop.bodies(f)
	for n, text := range nonsense {
		for op := range ops {
			f.Add(byte(op), byte(n), text)
		}
	}
	f.Fuzz(func(t *testing.T, which, leaf byte, text string) {
		op := ops[int(which)%len(ops)]
		path := shop.mine.fill(op)
		token := shop.shopper
		if strings.Contains(path, "brand") || strings.Contains(path, "product") {
			token = shop.seller
		}
		headers := []string{"Authorization", token, "Idempotency-Key", "key-" + op.id}
		shop.send(t, op.method, path, text, headers...)
		encoded, err := json.Marshal(examples[int(which)%len(ops)])
		if err != nil {
			t.Fatal(err)
		}
		var example any
		if err := json.Unmarshal(encoded, &example); err != nil { // a copy
			t.Fatal(err)
		}
		value := any(text)
		if json.Valid([]byte(text)) {
			value = json.RawMessage(text)
		}
		left := int(leaf) % 16
		replaceLeaf(&example, &left, value)
		if encoded, err = json.Marshal(example); err == nil {
			shop.send(t, op.method, path, string(encoded), headers...)
		}
	})
}

// replaceLeaf puts a value in the place of the n-th of what an example is made of.
func replaceLeaf(in *any, n *int, value any) {
	if *n == 0 {
		*in = value
	}
	*n--
	switch v := (*in).(type) {
	case map[string]any:
		for name, member := range v {
			replaceLeaf(&member, n, value)
			v[name] = member
		}
	case []any:
		for i := range v {
			replaceLeaf(&v[i], n, value)
		}
	}
}

// Whoever sends whatever in the place of a token, a cookie or a ticket is nobody.
func FuzzTokens(f *testing.F) {
	shop := newFuzzing(f)
	for _, text := range append(nonsense, shop.seller[7:], shop.seller[7:60], "ses_00.x", "eyJhbGciOiJub25lIn0.e30.") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shop.send(t, "GET", "/v1/users/me", "", "Authorization", text)
		shop.send(t, "GET", "/v1/users/me", "", "Authorization", "Bearer "+text)
		shop.send(t, "POST", "/v1/users/token", "", "Cookie", "refresh="+text)
		shop.send(t, "POST", "/v1/users/logout", "", "Cookie", text)
		shop.send(t, "GET", "/v1/orders/"+shop.mine.ids["orders"]+"/events?ticket="+url.QueryEscape(text), "", "Authorization", "")
	})
}

// Whatever is uploaded as a picture is one, or refused.
func FuzzImages(f *testing.F) {
	shop := newFuzzing(f)
	var small bytes.Buffer
	if err := jpeg.Encode(&small, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	f.Add([]byte(pictureOf(f, 9, 7, "png")))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, upload []byte) {
		shop.send(t, "PUT", "/v1/brands/"+shop.mine.ids["brands"]+"/image", string(upload),
			"Content-Type", "image/png", "Authorization", shop.seller)
	})
}

// Whatever the gateway, or who says to be it, sends is answered, and believed by nobody.
func FuzzWebhooks(f *testing.F) {
	shop := newFuzzing(f)
	const good = `{"eventType":"PAYMENT_STATUS_CHANGED","createdAt":"2026-11-28T12:00:00Z","data":{"orderId":"ord_1","paymentKey":"k","status":"DONE"}}`
	for _, text := range append(nonsense, good, good[:60]) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shop.send(t, "POST", "/v1/webhooks/payments", text)
		value, _ := json.Marshal(text)
		shop.send(t, "POST", "/v1/webhooks/payments", strings.Replace(good, `"ord_1"`, string(value), 1))
		shop.send(t, "POST", "/v1/webhooks/payments", strings.Replace(good, `"DONE"`, string(value), 1))
	})
}

// Whatever stands in a cursor, an id, a filter or a header: the answer is a page or a problem of the caller's.
func FuzzCursors(f *testing.F) {
	shop := newFuzzing(f)
	product := storetest.Product(f, shop.store, 1)
	ended := storetest.Held(f, shop.store, "usr_fuzz", storetest.Item(product, 1))
	if _, err := shop.store.Release(f.Context(), domain.Release{OrderID: ended, End: domain.StatusCanceled}); err != nil {
		f.Fatal(err)
	}
	token, _, err := shop.tokens.Issue("usr_fuzz", domain.RoleCustomer, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range append(nonsense, string(product.ID), string(ended), "0_"+string(product.ID)) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, escaped := url.QueryEscape(text), url.PathEscape(text)
		for _, c := range []struct{ path, header, value string }{
			{"/v1/products?cursor=" + quoted, "", ""}, {"/v1/products?sort=price&cursor=" + quoted, "", ""}, {"/v1/products?q=" + quoted, "", ""},
			{"/v1/products?category=" + quoted, "", ""}, {"/v1/products?limit=" + quoted, "", ""}, {"/v1/products/" + escaped, "", ""},
			{"/v1/products/" + string(product.ID), "If-None-Match", text}, {"/v1/brands?cursor=" + quoted, "", ""}, {"/v1/images/" + escaped, "", ""},
			{"/v1/orders?limit=1&cursor=" + quoted, "", ""}, {"/v1/orders?status=" + quoted, "", ""},
			{"/v1/orders/" + string(ended) + "?wait=" + quoted, "", ""}, {"/v1/orders/" + string(ended) + "/events", "Last-Event-ID", text},
			{"/v1/users/addresses/" + escaped, "", ""}, {"/v1/carts", "Prefer", text}, {"/problems/" + escaped, "", ""},
		} {
			headers := []string{"Authorization", "Bearer " + token}
			if c.header != "" {
				headers = append(headers, c.header, c.value)
			}
			shop.send(t, "GET", c.path, "", headers...)
		}
		shop.send(t, "POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", text)
		shop.send(t, "DELETE", "/v1/carts?productId="+quoted, "")
	})
}
