package rest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"runrun/api/rest"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

func TestWhatIsNotThereIsAProblemToo(t *testing.T) {
	s := newShop(t)
	anybody := s.as("", "")
	anybody("GET", "/v2/products", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	anybody("DELETE", "/v1/products", "").problem(t, http.StatusMethodNotAllowed, rest.CodeMethodNotAllowed)
	anybody("GET", "/v1/products", "", "Accept", "image/png").problem(t, http.StatusNotAcceptable, rest.CodeNotAcceptable)
	anybody("GET", "/v1/products", "", "Accept", "text/*;q=0.1, application/*").want(t, http.StatusOK, nil)
	anybody("POST", "/v1/users/login", strings.Repeat("x", 70<<10)).problem(t, http.StatusRequestEntityTooLarge, rest.CodePayloadTooLarge)
	anybody("POST", "/v1/users/login", "a=b", "Content-Type", "application/x-www-form-urlencoded").
		problem(t, http.StatusUnsupportedMediaType, rest.CodeUnsupportedMediaType)
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s := newShop(t)
	for _, path := range []string{"/v1/products", "/v1/orders", "/nowhere", "/problems/sold-out", "/openapi.json"} {
		got := s.as("", "")("GET", path, "")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.header.Get(name))
			}
		}
		if got.header.Get("X-Request-Id") == "" || !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

func TestTheCallersRequestIDIsKeptIfItIsOne(t *testing.T) {
	s := newShop(t)
	if got := s.as("", "")("GET", "/v1/products", "", "X-Request-Id", "mine-7").header.Get("X-Request-Id"); got != "mine-7" {
		t.Errorf("it is %q", got)
	}
	if got := s.as("", "")("GET", "/v1/products", "", "X-Request-Id", strings.Repeat("x", 300)).header.Get("X-Request-Id"); len(got) != 36 {
		t.Errorf("a bad one becomes %q", got)
	}
}

// A HEAD is a GET without its body.
func TestHeadIsGetWithoutABody(t *testing.T) {
	s := newShop(t)
	path := "/v1/products/" + string(storetest.Product(t, s.store, 1).ID)
	get, head := s.as("", "")("GET", path, ""), s.as("", "")("HEAD", path, "")
	if head.status != http.StatusOK || head.text != "" || head.header.Get("ETag") != get.header.Get("ETag") {
		t.Errorf("HEAD is %d %q %v", head.status, head.text, head.header)
	}
}

func TestOnlyNamedSitesMayUseTheAPIFromTheirPages(t *testing.T) {
	s := newShop(t, func(with *settings) { with.cfg.CORSOrigins = []string{"https://shop.example"} })
	for origin, want := range map[string]string{"https://shop.example": "https://shop.example", "https://evil.example": ""} {
		preflight := s.as("", "")("OPTIONS", "/v1/orders", "", "Origin", origin, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "idempotency-key")
		if got := preflight.header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s may: %q", origin, got)
		}
		if got := s.as("", "")("GET", "/v1/products", "", "Origin", origin).header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s may read: %q", origin, got)
		}
	}
	header := newShop(t).as("", "")("GET", "/v1/products", "", "Origin", "https://shop.example").header
	if got := header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("nobody is named, and %s may", got)
	}
}

// Lists are compressed for those who can read it; streams never are, since their events must not wait.
func TestWhatIsReadIsCompressed(t *testing.T) {
	s := newShop(t)
	var product domain.Product
	for range 12 {
		product = storetest.Product(t, s.store, 1)
	}
	for path, want := range map[string]string{"/v1/products": "gzip", "/v1/products/" + string(product.ID) + "/events": ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Content-Encoding"); resp.StatusCode != http.StatusOK || got != want {
			t.Errorf("%s: %d, encoded as %q, want %q", path, resp.StatusCode, got, want)
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 100)
		_ = resp.Body.Close()
	}
}

func TestEveryCodeHasAPageThatExplainsIt(t *testing.T) {
	s := newShop(t)
	for _, code := range rest.Codes() {
		page := s.as("", "")("GET", "/problems/"+strings.ReplaceAll(strings.ToLower(string(code)), "_", "-"), "")
		if page.status != http.StatusOK || !strings.Contains(page.text, string(code)) || !strings.Contains(page.text, "<p>HTTP ") {
			t.Errorf("%s: %d %s", code, page.status, page.text)
		}
	}
	s.as("", "")("GET", "/problems/nothing", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
}

func TestTheDescriptionAndItsPageAreServed(t *testing.T) {
	s := newShop(t)
	s.as("", "")("GET", "/openapi.json", "").want(t, http.StatusOK, map[string]any{"openapi": "3.1.0"})
	page := s.as("", "")("GET", "/docs/", "")
	if page.status != http.StatusOK || !strings.Contains(page.text, "/openapi.json") {
		t.Errorf("%d %.200s", page.status, page.text)
	}
}
