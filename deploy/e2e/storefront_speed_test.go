package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"runrun/deploy/dev/system"
)

// loading is how a page came to be.
type loading struct {
	Ready    float64 // milliseconds until its heading was there
	Requests int     // of files, before it was ready
	Bytes    int     // that came over the network for them
	Shift    float64 // how far what was shown has moved: cumulative layout shift
	Elements []string
}

// watchLoading is put into a page before it loads. A page is ready when what was waited for is shown.
const watchLoading = `
globalThis.shift = 0; globalThis.moved = [];
new PerformanceObserver((list) => {
	for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
		shift += entry.value;
		moved.push(...entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? node?.textContent ?? "?"));
	}
}).observe({ type: "layout-shift", buffered: true });
globalThis.ready = 0;
const look = () => {
	if (document.querySelector("h1") && !document.querySelector(".loading")) ready ||= performance.now();
	else requestAnimationFrame(look);
};
requestAnimationFrame(look);`

const howItLoaded = `(() => {
	const entries = ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type));
	const files = entries.filter((e) => e.responseEnd <= ready);
	const bytes = files.reduce((sum, e) => sum + e.transferSize, 0);
	return JSON.stringify({ Ready: ready, Requests: files.length, Bytes: bytes, Shift: shift, Elements: moved });
})()`

// load opens a page over a connection, and waits until it shows the words, and the browser has nothing to do.
func (b shopperBrowser) load(path, words string) (how loading) {
	b.t.Helper()
	b.open(path)
	b.sees(words)
	b.until("the page is ready", func() (reply, bool) {
		return reply{}, evaluate[bool](b.tab, "ready > 0")
	})
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](
		`new Promise((done) => requestIdleCallback(() => done(0)))`, chromedp.EvalAwaitPromise)); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(evaluate[string](b.tab, howItLoaded)), &how); err != nil {
		b.t.Fatal(err)
	}
	return how
}

// Limits of a first load: what a phone may wait for, and how little may move. The time is not asserted: machines differ.
const (
	maxFirstRequests = 30
	maxFirstBytes    = 60_000
	maxShift         = 0.1 // "good", says https://web.dev/articles/cls
)

// A first visit over a phone's connection needs few and small files, and nothing moves while a page comes to be. The time is printed.
func TestTheFirstVisitOfTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	b.evaluateFirst(watchLoading)
	b.perform(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	b.connect(fourG)
	for path, words := range map[string]string{
		"/": "Opening soon", "/p/prd_demo-2-drop": "Opens in", "/login": "Password",
	} {
		how := b.load(path, words)
		t.Logf("%s: ready after %.0f ms with %d requests, %d bytes, shift %.3f", path, how.Ready, how.Requests, how.Bytes, how.Shift)
		if how.Requests > maxFirstRequests || how.Bytes > maxFirstBytes || how.Bytes < 10_000 {
			t.Errorf("%s: %d requests, %d bytes; want at most %d, %d", path, how.Requests, how.Bytes, maxFirstRequests, maxFirstBytes)
		}
		if how.Shift > maxShift {
			t.Errorf("%s: moves by %.3f: %q", path, how.Shift, how.Elements)
		}
	}
}

// Nothing moves on the pages of those who are logged in, either.
func TestNothingMovesInTheStorefront(t *testing.T) {
	for _, role := range []string{"shopper", "seller", "staff"} {
		t.Run(role, func(t *testing.T) {
			r := newHarness(t, shared(t).System)
			b := r.shopper()
			email, pages := r.pagesFor(role)
			b.evaluateFirst(watchLoading)
			b.logIn(email)
			b.perform(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
			for _, page := range pages {
				if how := b.load(page.path, page.en); how.Shift > maxShift {
					t.Errorf("%s moves by %.3f: %q", page.path, how.Shift, how.Elements)
				}
			}
		})
	}
}

// The page and its files are sent with security headers, the files are cached for a year and compressed.
func TestHeadersOfTheStorefront(t *testing.T) {
	r := shared(t)
	page := r.send("GET", "/", nil, "Accept", "text/html", "Accept-Encoding", "gzip")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
		"Content-Security-Policy": "require-trusted-types-for 'script'", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := page.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("the page's %s is %q, want %q", name, got, want)
		}
	}
	files := strings.Split(string(r.send("GET", "/", nil, "Accept", "text/html").rawBody), `"`)
	checked := 0
	for _, file := range files {
		if !strings.HasPrefix(file, "/w/") {
			continue
		}
		checked++
		got := r.send("GET", file, nil, "Accept-Encoding", "gzip")
		if got.Status != http.StatusOK || got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", file, got.Status, got.Header)
		}
		if len(got.rawBody) > 4000 && got.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", file)
		}
	}
	if checked < 15 {
		t.Errorf("%d files", checked)
	}
}

// No script can read a token: what is kept says only that there may be a session.
func TestNoTokenIsKeptInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	b.logIn(system.ShopperEmail)
	kept := evaluate[string](b.tab, `JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie, ...Object.fromEntries(
		Object.entries(globalThis).filter(([, v]) => typeof v === "string")) })`)
	if strings.Contains(kept, "eyJ") || strings.Contains(strings.ToLower(kept), "token") {
		t.Errorf("kept where scripts can read it: %s", kept)
	}
	if !strings.Contains(kept, `"session":"usr_`) {
		t.Errorf("after a login nothing says that there is a session: %s", kept)
	}
}
