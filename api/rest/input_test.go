package rest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"runrun/domain"
)

func TestPlainKey(t *testing.T) {
	for header, want := range map[string]string{
		"a": "a", `"a"`: "a", `"a\"b"`: `a"b`, `"a\\b"`: `a\b`, `"`: `"`, `"a`: `"a`, "": "", `""`: "",
	} {
		if got := plainKey(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestParseWait(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "20s": 20 * time.Second, "3": 3 * time.Second, "1500ms": 1500 * time.Millisecond, "1h": maxWait, "99": maxWait,
	} {
		if got, err := parseWait(text); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"-1s", "-1", "x", "1 s", "20S"} {
		if _, err := parseWait(bad); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("%q: %v, want VALIDATION", bad, err)
		}
	}
}

func TestMatches(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "*": true, `"7"`: true, `W/"7"`: true, `"6", W/"7"`: true, `"6"`: false, `W/"6" , "5"`: false, ",": false, "7": false,
	} {
		if got := matches(header, `W/"7"`); got != want {
			t.Errorf("%s: %t, want %t", header, got, want)
		}
	}
}

// The address that counts is the connection's, unless a header is trusted; then the last in it, which the proxy wrote.
func TestClientAddress(t *testing.T) {
	for name, c := range map[string]struct {
		remote, header string
		values         []string
		want           string
	}{
		"the connection":            {"203.0.113.7:1234", "", nil, "203.0.113.7"},
		"a header nobody trusts":    {"203.0.113.7:1234", "", []string{"1.1.1.1"}, "203.0.113.7"},
		"a trusted header":          {"10.0.0.1:1", "X-Client", []string{"1.1.1.1"}, "1.1.1.1"},
		"what its caller wrote":     {"10.0.0.1:1", "X-Client", []string{"6.6.6.6, 1.1.1.1"}, "1.1.1.1"},
		"several lines":             {"10.0.0.1:1", "X-Client", []string{"6.6.6.6", "1.1.1.1"}, "1.1.1.1"},
		"nonsense":                  {"10.0.0.1:1", "X-Client", []string{"me"}, "10.0.0.1"},
		"IPv6 counts as a network":  {"[2001:db8:1:2:3:4:5:6]:1", "", nil, "2001:db8:1:2::/64"},
		"IPv4 in IPv6 clothes":      {"[::ffff:203.0.113.7]:1", "", nil, "203.0.113.7"},
		"a socket without a number": {"pipe", "", nil, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.remote
			r.Header["X-Client"] = c.values
			if got := (&API{cfg: Config{AddressHeader: c.header}}).clientAddress(r); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Places of streams are counted for each caller and for all, and come back once.
func TestStreamsAreBounded(t *testing.T) {
	s := newStreams(StreamLimits{Most: 3, Each: 2})
	enter := func(caller string, want domain.Code) func() {
		t.Helper()
		leave, err := s.enter(caller)
		if domain.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", caller, err, want)
		}
		return leave
	}
	first := enter("a", "")
	enter("a", "")
	enter("a", domain.CodeTooManyRequests)
	enter("b", "")
	enter("b", domain.CodeOverloaded)
	first()
	first()
	enter("b", "")
	enter("c", domain.CodeOverloaded)
}

// What the strict reader accepts, every other reader understands alike: no key twice, none in another case.
func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{
		`{"items":[{"productId":"prd_a","quantity":1}],"receiver":{"name":"Kim"}}`, `{"items":[],"items":[]}`, `{"Items":[]}`, `{"items":[{"quantity":1,"Quantity":5}]}`,
		`{"receiver":{"name":"\ud800"}}`, `[]`, `null`, ``, `{"items":null}`, `{"items":[{"quantity":1e3}]}`, `{"items":[{"quantity":9223372036854775808}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var body, again placeBody
		if unmarshalStrictly(data, &body) != nil {
			return
		}
		if !utf8.Valid(data) {
			t.Errorf("invalid UTF-8 was accepted: %q", data)
		}
		text := body.canonical()
		if err := json.Unmarshal([]byte(text), &again); err != nil || again.canonical() != text {
			t.Errorf("%q is read as %s, and that as %s (%v)", data, text, again.canonical(), err)
		}
	})
}

// Headers that anybody can send: a wait within bounds, a key without its quotes.
func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{"wait=5", "respond-async, wait=9999", "wait=-1", `"key"`, `"\\"`, `"a\"`, "20s", "*", `W/"7", "8"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if wait := preferredWait(text); wait < 0 || wait > maxWait {
			t.Errorf("Prefer %q: %s", text, wait)
		}
		if wait, err := parseWait(text); err == nil && (wait < 0 || wait > maxWait) {
			t.Errorf("wait=%q: %s", text, wait)
		}
		if key := plainKey(text); len(key) > len(text) {
			t.Errorf("key %q became %q", text, key)
		}
		if matches(text, "") && strings.TrimSpace(text) == "*" {
			t.Errorf("%q matches what has no tag", text)
		}
	})
}
