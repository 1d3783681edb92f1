package rest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// Whatever stands in a cursor, an id, a header or a body: the answer is a page or a problem of the caller's, never a fault of ours.
func FuzzRequests(f *testing.F) {
	s := newShop(f)
	product := storetest.Product(f, s.store, 1)
	ended := storetest.Held(f, s.store, "usr_fuzz", storetest.Item(product, 1))
	if _, err := s.store.Release(f.Context(), domain.Release{OrderID: ended, End: domain.StatusCanceled}); err != nil {
		f.Fatal(err)
	}
	token, _, err := s.tokens.Issue("usr_fuzz", domain.RoleCustomer, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(product.ID), string(ended), "", "0", "3", "-1", "9223372036854775808", "prd_\x00", "é", "%", "..", "/", "*", "true", "null", "[]", `"1"`, "1e3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, escaped := url.QueryEscape(text), url.PathEscape(text)
		for _, c := range []struct{ method, path, header, value, body string }{
			{"GET", "/v1/products?cursor=" + quoted, "", "", ""},
			{"GET", "/v1/orders?limit=1&cursor=" + quoted, "", "", ""},
			{"GET", "/v1/products?limit=" + quoted, "", "", ""},
			{"GET", "/v1/products/" + escaped, "", "", ""},
			{"GET", "/v1/products/" + string(product.ID), "If-None-Match", text, ""},
			{"GET", "/v1/orders/" + string(ended) + "?wait=" + quoted, "", "", ""},
			{"GET", "/v1/orders/" + string(ended) + "/events", "Last-Event-ID", text, ""},
			{"GET", "/v1/orders/" + string(ended) + "/events?ticket=" + quoted, "", "", ""},
			{"POST", "/v1/orders", "Idempotency-Key", text, order(product.ID, "1")},
			{"POST", "/v1/orders", "Idempotency-Key", "k", text},
			{"POST", "/v1/payments/confirm", "", "", text},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			r := httptest.NewRequestWithContext(ctx, c.method, "/", strings.NewReader(c.body))
			if u, err := url.Parse(c.path); err == nil {
				r.URL = u
			}
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
			if c.header != "" {
				r.Header[http.CanonicalHeaderKey(c.header)] = []string{c.value}
			}
			w := httptest.NewRecorder()
			s.api.ServeHTTP(w, r)
			cancel()
			if w.Code >= http.StatusInternalServerError {
				t.Errorf("%s %s %s %q: %d %s", c.method, c.path, c.header, c.body, w.Code, w.Body)
			}
		}
	})
}
