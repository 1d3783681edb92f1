package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func site(t *testing.T) *Site {
	t.Helper()
	s, err := New(Config{PayWindow: "http://127.0.0.1:8090/window"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(s *Site, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestThePageIsAskedForAnewAndItsFilesAreKept(t *testing.T) {
	s := site(t)
	for _, path := range []string{"/", "/p/prd_1", "/orders/ord_1", "/pay/success?paymentKey=k"} {
		page := get(s, path)
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), Prefix+s.version+"/app.js") ||
			page.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v %s", path, page.Code, page.Header(), page.Body)
		}
		if again := get(s, path, "If-None-Match", page.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s, asked again: %d", path, again.Code)
		}
	}
	app := get(s, Prefix+s.version+"/app.js")
	if app.Code != http.StatusOK || !strings.Contains(app.Header().Get("Cache-Control"), "immutable") ||
		!strings.Contains(app.Header().Get("Content-Type"), "javascript") {
		t.Errorf("%d %v", app.Code, app.Header())
	}
	if old := get(s, Prefix+"0123/app.js"); old.Code != http.StatusOK || old.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("a page of another build gets %d %v", old.Code, old.Header())
	}
	for _, none := range []string{"/nothing.js", "/../web.go", "/index.html", ""} {
		if got := get(s, Prefix+s.version+none); got.Code != http.StatusNotFound {
			t.Errorf("%q: %d", none, got.Code)
		}
	}
}

var (
	imports = regexp.MustCompile(`from "(\.[^"]+)"`)
	markup  = regexp.MustCompile(`innerHTML|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write|eval\(|https?://`)
)

// Every module finds what it imports, nothing is loaded from elsewhere, and no text is ever taken for HTML.
func TestTheModulesAreWholeAndSafe(t *testing.T) {
	s, modules := site(t), 0
	err := fs.WalkDir(s.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".js" {
			return err
		}
		modules++
		text, err := fs.ReadFile(s.files, name)
		if err != nil {
			return err
		}
		for _, match := range imports.FindAllStringSubmatch(string(text), -1) {
			if _, err := fs.Stat(s.files, path.Join(path.Dir(name), match[1])); err != nil {
				t.Errorf("%s imports %s: %v", name, match[1], err)
			}
		}
		if found := markup.FindString(string(text)); found != "" && !strings.HasPrefix(name, "vendor/") {
			t.Errorf("%s contains %s", name, found)
		}
		return nil
	})
	if err != nil || modules < 15 {
		t.Errorf("%d modules, %v", modules, err)
	}
	page := string(s.page)
	if regexp.MustCompile(`\son\w+=|<script>|style=`).MatchString(page) {
		t.Errorf("the page has inline code: %s", page)
	}
	policy := get(s, "/").Header().Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("the policy lacks %s: %s", rule, policy)
		}
	}
}

// maxFirstLoad is what a phone loads before it shows anything, compressed.
const maxFirstLoad = 60_000

func TestTheFirstLoadIsSmall(t *testing.T) {
	s, sum := site(t), 0
	err := fs.WalkDir(s.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.Contains(name, "LICENSE") {
			return err
		}
		text, err := fs.ReadFile(s.files, name)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write(text)
		err = w.Close()
		sum += out.Len()
		return err
	})
	if err != nil || sum > maxFirstLoad || sum < 10_000 {
		t.Errorf("%d bytes, %v; want at most %d", sum, err, maxFirstLoad)
	}
}

func TestConfigValidate(t *testing.T) {
	for url, ok := range map[string]bool{"": true, "https://pay.example/window": true, "pay.example": false, "javascript:alert(1)": false} {
		if err := (Config{PayWindow: url}).Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}
