package e2e

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"runrun/api/rest"
	api "runrun/api/server"
	"runrun/deploy/dev/system"
	"runrun/domain"
)

// Conditional requests by RFC 9110: tags weak or not, in lists, and *.
func TestConditionalRequests(t *testing.T) {
	r := shared(t)
	shopper := r.mint("usr_conditional")
	order := shopper.held(r.product(1))
	for path, tag := range map[string]string{
		"/v1/orders/" + order.str("id"): shopper.want(200, "GET", "/v1/orders/"+order.str("id"), nil).Header.Get("ETag"),
		"/v1/products/prd_demo-4-tea":   r.send("GET", "/v1/products/prd_demo-4-tea", nil).Header.Get("ETag"),
	} {
		if !strings.HasPrefix(tag, `W/"`) {
			t.Errorf("%s has the tag %s, want a weak one", path, tag)
		}
		for header, want := range map[string]int{
			tag: 304, strings.TrimPrefix(tag, "W/"): 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, `W/"x" , "y"`: 200, "": 200,
		} {
			got := shopper.do("GET", path, nil, "If-None-Match", header)
			if got.Status != want || want == 304 && (len(got.rawBody) != 0 || got.Header.Get("ETag") != tag) {
				t.Errorf("%s with %q: %d, tag %s, %d bytes; want %d", path, header, got.Status, got.Header.Get("ETag"), len(got.rawBody), want)
			}
		}
	}
}

func TestWhatIsSpoken(t *testing.T) {
	r := shared(t)
	shopper := r.mint("usr_speaks")
	product := r.product(3)
	before := ordersIn(t, r)
	wantCode(t, shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", "k", "Accept", "application/xml"),
		406, rest.CodeNotAcceptable)
	wantCode(t, shopper.do("POST", "/v1/orders", "<order/>", "Idempotency-Key", "k", "Content-Type", "application/xml"),
		415, rest.CodeUnsupportedMediaType)
	if ordersIn(t, r) != before {
		t.Error("something was ordered")
	}
	for _, accept := range []string{"", "*/*", "application/*", "application/xml, application/json;q=0.5", "application/problem+json"} {
		if got := shopper.do("GET", "/v1/orders", nil, "Accept", accept); got.Status != http.StatusOK {
			t.Errorf("Accept %q: %d", accept, got.Status)
		}
	}
	got := r.send("GET", "/v1/products?color=red", nil)
	wantCode(t, got, 422, domain.CodeValidation)
	if !strings.Contains(string(got.rawBody), `"in":"query"`) || !strings.Contains(string(got.rawBody), `"name":"color"`) {
		t.Errorf("it does not name the parameter: %s", got.rawBody)
	}
}

// HEAD is answered where GET is, with its headers and without a body.
func TestHead(t *testing.T) {
	r := shared(t)
	shopper := r.mint("usr_head")
	for _, path := range []string{"/v1/products", "/v1/products/prd_demo-4-tea", "/v1/orders", "/openapi.json", "/docs/"} {
		get, head := shopper.do("GET", path, nil), shopper.do("HEAD", path, nil)
		if head.Status != get.Status || len(head.rawBody) != 0 || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: HEAD %d with %d bytes of %s, GET %d", path, head.Status, len(head.rawBody), head.Header.Get("Content-Type"), get.Status)
		}
	}
	if got := shopper.do("HEAD", "/v1/products/prd_demo-4-tea/events", nil); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("a stream: %d", got.Status)
	}
}

func TestSecurityHeaders(t *testing.T) {
	r := shared(t)
	for _, path := range []string{"/v1/products", "/v1/nothing", "/docs/"} {
		got := r.send("GET", path, nil)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
		} {
			if !strings.Contains(got.Header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, got.Header.Get(name))
			}
		}
		if got.Header.Get("Cache-Control") == "" {
			t.Errorf("%s does not say whether it may be kept", path)
		}
	}
}

// Every problem has a page that explains it.
func TestProblemPages(t *testing.T) {
	r := shared(t)
	got := r.send("GET", "/v1/orders", nil)
	if kind := got.str("type"); kind != "/problems/unauthenticated" {
		t.Errorf("the type is %q", kind)
	}
	for _, code := range rest.Codes() {
		page := r.send("GET", "/problems/"+strings.ReplaceAll(strings.ToLower(string(code)), "_", "-"), nil)
		if page.Status != http.StatusOK || !strings.Contains(string(page.rawBody), string(code)) {
			t.Errorf("%s: %d %s", code, page.Status, page.rawBody)
		}
	}
	wantCode(t, r.send("GET", "/problems/none", nil), 404, domain.CodeNotFound)
}

func TestTheSchemeOfTokens(t *testing.T) {
	r := shared(t)
	shopper := r.mint("usr_scheme")
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		if got := r.send("GET", "/v1/orders", nil, "Authorization", scheme+" "+shopper.token); got.Status != http.StatusOK {
			t.Errorf("%s: %d", scheme, got.Status)
		}
	}
	broken := r.send("GET", "/v1/orders", nil, "Authorization", "Bearer x.y.z")
	if got := broken.Header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) {
		t.Errorf("WWW-Authenticate: %s", got)
	}
	if got := r.send("GET", "/v1/orders", nil).Header.Get("WWW-Authenticate"); strings.Contains(got, "error") {
		t.Errorf("without a token nothing is said of one: %s", got)
	}
	key, err := base64.StdEncoding.DecodeString(api.DevelopmentJWTKey)
	if err != nil {
		t.Fatal(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss":  "runrun",
		"aud":  "runrun-api",
		"sub":  "usr_crit",
		"role": "CUSTOMER",
		"jti":  "1",
		"iat":  time.Now().Unix(),
		"exp":  time.Now().Add(time.Minute).Unix(),
	})
	token.Header["typ"], token.Header["crit"] = "at+jwt", []string{"b64"}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, as{r, text}.do("GET", "/v1/orders", nil), 401, domain.CodeTokenInvalid)
}

// The same key in two spellings is one order; what is asked again is answered as it is now.
func TestReplays(t *testing.T) {
	r := shared(t)
	product := r.product(5)
	shopper := r.mint("usr_replays")
	key := uuid.NewString()
	ask := func(key string) reply {
		return shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", key, "Prefer", "wait=20")
	}
	first := ask(key)
	if first.Status != http.StatusCreated || first.Header.Get("Preference-Applied") != "wait=20" {
		t.Errorf("first: %d, applied %q", first.Status, first.Header.Get("Preference-Applied"))
	}
	if again := ask(`"` + key + `"`); again.str("id") != first.str("id") || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("as a structured string: %d %s", again.Status, again.rawBody)
	}
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+first.str("id")+"/cancel", nil)
	if ended := ask(key); ended.Status != http.StatusOK || ended.str("status") != "CANCELED" ||
		ended.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("after its end: %d %s", ended.Status, ended.rawBody)
	}
}

// Long answers are compressed for who takes that; streams are not.
func TestCompression(t *testing.T) {
	r := shared(t)
	req, err := http.NewRequest(http.MethodGet, r.API.URL()+"/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(resp.Header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("the headers: %v", resp.Header)
	}
}

// Pages of configured origins may use the API and read its headers; no others.
func TestCrossOrigin(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.CORSOrigins = []string{"https://shop.example"} })
	ask := func(origin string) http.Header {
		return r.send("GET", "/v1/products", nil, "Origin", origin).Header
	}
	got := ask("https://shop.example")
	if got.Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Errorf("our shop: %v", got)
	}
	for _, name := range []string{"Etag", "Link", "Location", "Retry-After", "Idempotent-Replayed", "X-Request-Id", "Ratelimit"} {
		if !strings.Contains(strings.ToLower(got.Get("Access-Control-Expose-Headers")), strings.ToLower(name)) {
			t.Errorf("%s is not exposed: %s", name, got.Get("Access-Control-Expose-Headers"))
		}
	}
	preflight := r.send("OPTIONS", "/v1/orders", nil, "Origin", "https://shop.example", "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
	if preflight.Status != http.StatusNoContent || preflight.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("the preflight: %d %v", preflight.Status, preflight.Header)
	}
	if got := ask("https://elsewhere.example"); got.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %v", got)
	}
	if got := shared(t).send("GET", "/v1/products", nil, "Origin",
		"https://shop.example").Header; got.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without configuration: %v", got)
	}
}

// stream opens an event stream; next returns its next non-empty line.
func (r harness) stream(path string, headers ...string) (status int, next func() string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	r.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.API.URL()+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	return resp.StatusCode, func() string {
		for lines.Scan() {
			if lines.Text() != "" {
				return lines.Text()
			}
		}
		return ""
	}
}

// A browser's EventSource cannot send a token, and may listen to messages only: it gets a ticket, the present state at once, and
// every event without a name as well. A ticket opens this stream and nothing else.
func TestEventsInABrowser(t *testing.T) {
	r := shared(t)
	shopper := r.mint("usr_browser")
	order, other := shopper.held(r.product(1)), shopper.held(r.product(1))
	path := "/v1/orders/" + order.str("id") + "/events"
	got := shopper.want(http.StatusCreated, "POST", path+"/ticket", nil)
	ticket := url.QueryEscape(got.str("ticket"))
	if got.Body["expiresIn"] != 60.0 {
		t.Errorf("the ticket: %s", got.rawBody)
	}
	status, next := r.stream(path+"?ticket="+ticket, "Last-Event-ID", "2") // it has everything: the state comes all the same
	if status != http.StatusOK {
		t.Fatalf("with a ticket: %d", status)
	}
	for _, want := range []string{"retry: 2000", "event: state", `data: {"status":"HELD"`} {
		if line := next(); !strings.HasPrefix(line, want) {
			t.Errorf("got %q, want %q", line, want)
		}
	}
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	for _, want := range []string{"id: 3", "event: CANCELED", `data: {"status":"CANCELED"`, "id: 3", `data: {"status":"CANCELED"`} {
		if line := next(); !strings.HasPrefix(line, want) {
			t.Errorf("got %q, want %q", line, want)
		}
	}
	for _, place := range []string{"/v1/orders/" + other.str("id") + "/events?ticket=" + ticket, path + "?ticket=nonsense"} {
		wantCode(t, r.send("GET", place, nil), 401, domain.CodeTokenInvalid)
	}
	wantCode(t, r.send("GET", path, nil, "Authorization", "Bearer "+got.str("ticket")), 401, domain.CodeTokenInvalid)
	wantCode(t, r.send("GET", path+"?ticket="+url.QueryEscape(shopper.token), nil), 401, domain.CodeTokenInvalid)
	wantCode(t, r.mint("usr_stranger").do("POST", path+"/ticket", nil), 404, domain.CodeNotFound)
}

// A reader that does not read does not hold its connection for ever.
func TestAReaderThatDoesNotRead(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.WriteTimeout = 300 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.API.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.(*net.TCPConn).SetReadBuffer(1024); err != nil {
		t.Fatal(err)
	}
	request := "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
	var sending error
	for range 2000 { // answers pile up until nothing more fits, and then the server has to give up
		if _, sending = conn.Write([]byte(request)); sending != nil {
			break
		}
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Errorf("the server still holds the connection: %v", err)
	}
}
