package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mock is the configuration of development.
var mock = Config{ClientKey: "test_ck_runrun", SDK: "http://127.0.0.1:8090/v2/standard"}

func site(t *testing.T) *Site {
	t.Helper()
	s, err := New(mock)
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
	markup = regexp.MustCompile(`innerHTML|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write|eval\(|https?://`)
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
		for _, match := range imported.FindAllStringSubmatch(string(text), -1) {
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
	page := get(s, "/").Body.String()
	if regexp.MustCompile(`\son\w+=|<script>|style=`).MatchString(page) {
		t.Errorf("the page has inline code: %s", page)
	}
}

// A page loads its own files and speaks with its own API; the gateway's script runs on the page of the payment window alone.
func TestThePolicyOfEachPage(t *testing.T) {
	const toss = "https://js.tosspayments.com https://*.tosspayments.com"
	shop := Config{API: "https://api.shop.example", ClientKey: "live_ck_1", SDK: "https://js.tosspayments.com/v2/standard",
		Gateway: "https://*.tosspayments.com"}
	for path, cfg := range map[string]Config{"/": shop, "/orders/ord_1": shop, "/pay/success": shop, "/pay/window": {}, "/p/prd_1": mock} {
		policy := cfg.policy(path)
		for _, rule := range []string{"default-src 'none'", "script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'",
			"require-trusted-types-for 'script'", "trusted-types 'none'", strings.TrimSpace("connect-src 'self' "+cfg.API) + ";"} {
			if !strings.Contains(policy+";", rule) {
				t.Errorf("the policy of %s lacks %s: %s", path, rule, policy)
			}
		}
		if strings.Contains(policy, "toss") || strings.Contains(policy, "8090") {
			t.Errorf("the policy of %s lets the gateway in: %s", path, policy)
		}
	}
	for cfg, sources := range map[Config]string{shop: toss, mock: "http://127.0.0.1:8090"} {
		if policy := cfg.policy("/pay/window"); !strings.Contains(policy, "script-src 'self' "+sources+";") ||
			!strings.Contains(policy, "default-src 'none'") {
			t.Errorf("the policy of the payment window: %s", policy)
		}
	}
}

var loaded = regexp.MustCompile(`import\("\./([^"]+)"\)`)

// What the server has a browser load ahead is what the page then shows.
func TestEveryViewIsLoadedAhead(t *testing.T) {
	s := site(t)
	app, err := fs.ReadFile(s.files, "app.js")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, view := range views {
		known[view.module] = true
	}
	shown := loaded.FindAllStringSubmatch(string(app), -1)
	if len(shown) != len(views) {
		t.Errorf("the page has %d views, the server knows %d", len(shown), len(views))
	}
	for _, match := range shown {
		if !known[match[1]] {
			t.Errorf("%s is not loaded ahead", match[1])
		}
	}
	for address, module := range map[string]string{
		"/": "drops", "/p/prd_1": "product", "/orders": "orders", "/orders/ord_1": "order", "/pay/window": "paywindow", "/pay/fail": "payresult",
		"/sell": "sell", "/sell/prd_1": "sellproduct", "/staff/ord_1": "stafforder",
	} {
		if !strings.Contains(get(s, address).Body.String(), "modulepreload\" href=\""+Prefix+s.version+"/pages/"+module+".js") {
			t.Errorf("%s does not load %s", address, module)
		}
	}
}

var (
	word = regexp.MustCompile(`(?m)^  (\w+):`)
	used = regexp.MustCompile(`\bt\.(\w+)`)
)

// The words of both languages are the same ones, and every one is said somewhere.
func TestEveryWordIsUsed(t *testing.T) {
	s := site(t)
	said := map[string]bool{}
	words := map[string][]string{}
	err := fs.WalkDir(s.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".js" || strings.HasPrefix(name, "vendor/") {
			return err
		}
		text, err := fs.ReadFile(s.files, name)
		if strings.HasPrefix(name, "shop/words/") {
			for _, match := range word.FindAllStringSubmatch(string(text), -1) {
				words[name] = append(words[name], match[1])
			}
		}
		for _, match := range used.FindAllStringSubmatch(string(text), -1) {
			said[match[1]] = true
		}
		return err
	})
	if err != nil || len(words["shop/words/ko.js"]) < 100 || !slices.Equal(words["shop/words/ko.js"], words["shop/words/en.js"]) {
		t.Errorf("Korean has %d words, English %d, or not the same ones; %v", len(words["shop/words/ko.js"]), len(words["shop/words/en.js"]), err)
	}
	for _, word := range words["shop/words/en.js"] {
		if !said[word] {
			t.Errorf("nobody says %s", word)
		}
	}
}

// maxFirstLoad is what a phone loads before it shows anything, compressed.
const maxFirstLoad = 60_000

var linked = regexp.MustCompile(`(?:href|src)="(/w/[^"]+)"`)

func TestTheFirstLoadIsSmall(t *testing.T) {
	s := site(t)
	for _, view := range views {
		var files []string
		page := get(s, "/"+strings.TrimPrefix(view.prefix, "/")).Body.String()
		for _, match := range linked.FindAllStringSubmatch(page, -1) {
			if !slices.Contains(files, match[1]) {
				files = append(files, match[1])
			}
		}
		sum := compressed(t, []byte(page))
		for _, file := range files {
			sum += compressed(t, get(s, file).Body.Bytes())
		}
		if len(files) < 10 || sum > maxFirstLoad {
			t.Errorf("%s: %d files, %d bytes; want at most %d", view.module, len(files), sum, maxFirstLoad)
		}
	}
}

func compressed(t *testing.T, text []byte) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func TestConfigValidate(t *testing.T) {
	for cfg, ok := range map[Config]bool{
		{}: true, mock: true, {API: "https://api.shop.example"}: true, {ClientKey: "k", SDK: "https://js.example/v2"}: true, {SDK: "unused"}: true,
		{API: "https://api.shop.example/"}: false, {API: "api.shop.example"}: false, {API: "javascript://x"}: false,
		{ClientKey: "k", SDK: "javascript:alert(1)"}: false, {Gateway: "https://a.example; script-src *"}: false, {ClientKey: "k"}: false,
	} {
		if err := cfg.Validate(); (err == nil) != ok {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}
