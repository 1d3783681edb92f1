package e2e

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

// shopperBrowser is a shopper before the storefront.
type shopperBrowser struct {
	tab
	shop string // where the storefront is
}

// shopper opens a browser before the storefront.
func (r harness) shopper() shopperBrowser {
	return shopperBrowser{tab{r, browser(r.t.(*testing.T), browserLimit)}, r.API.URL()}
}

// another opens another tab of the same browser, which must have opened a page; with apart, as somebody else's.
func (b shopperBrowser) another(apart bool) shopperBrowser {
	var options []chromedp.ContextOption
	if apart {
		options = append(options, chromedp.WithNewBrowserContext())
	}
	ctx, cancel := chromedp.NewContext(b.ctx, options...)
	b.t.Cleanup(cancel)
	return shopperBrowser{tab{b.harness, ctx}, b.shop}
}

// open opens a page of the storefront.
func (b shopperBrowser) open(path string) {
	b.t.Helper()
	b.perform(chromedp.Navigate(b.shop + path))
}

// reload loads the page anew, as impatient people do.
func (b shopperBrowser) reload() {
	b.t.Helper()
	b.perform(chromedp.Reload())
}

// back goes back. A page that the browser has kept is not loaded again, so there is no load to wait for.
func (b shopperBrowser) back() {
	b.t.Helper()
	evaluate[any](b.tab, `setTimeout(() => history.back())`)
}

// fill types into the field with the name.
func (b shopperBrowser) fill(name, text string) {
	b.t.Helper()
	b.fillIn("", name, text)
}

// fillIn types into the field with the name in what the selector finds.
func (b shopperBrowser) fillIn(selector, name, text string) {
	b.t.Helper()
	b.focus(selector + " input[name=" + name + "]")
	b.types(text)
}

// logIn logs an account in, with the keyboard.
func (b shopperBrowser) logIn(email string) {
	b.t.Helper()
	b.open("/login")
	b.fill("email", email)
	b.fill("password", system.DemoPassword)
	b.press("button.rush", "Log in")
	b.sees("Log out")
}

// orders opens a product's page and orders a unit, which is held then.
func (b shopperBrowser) orders(product domain.ProductID) {
	b.t.Helper()
	b.open("/p/" + string(product))
	b.sees("Send to")
	b.press("button.rush", "Order")
	b.sees("These are yours for now")
}

// evaluateFirst runs a script in every page, before its own.
func (b shopperBrowser) evaluateFirst(script string) {
	b.t.Helper()
	b.perform(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// resume opens a page as a shopper who has logged in before: with the refresh cookie of that login.
func (b shopperBrowser) resume(login reply, path string) error {
	resp := http.Response{Header: login.Header}
	cookie := resp.Cookies()[0]
	return chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{
			Name: cookie.Name, Value: cookie.Value, URL: b.shop, Path: cookie.Path, HTTPOnly: new(true), SameSite: network.CookieSameSiteStrict,
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: `localStorage.setItem("session", "1")`})
		return err
	}), chromedp.Navigate(b.shop+path))
}

// connection is how the browser is connected.
type connection struct {
	offline       bool
	latency       float64 // milliseconds from a request to the begin of its answer
	down, up      float64 // bytes a second
	withoutCaches bool
}

// fourG is a phone in a city: 9 Mbit/s, 85 ms.
var fourG = connection{latency: 85, down: 9e6 / 8, up: 1.5e6 / 8, withoutCaches: true}

// connect changes the connection; the zero value is that of the machine.
func (b shopperBrowser) connect(c connection) {
	b.t.Helper()
	if c.down == 0 {
		c.down, c.up = -1, -1
	}
	b.perform(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, t, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: c.withoutCaches}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: c.offline, Latency: c.latency, DownloadThroughput: c.down, UploadThroughput: c.up,
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{
				{Latency: c.latency, DownloadThroughput: c.down, UploadThroughput: c.up, Offline: c.offline},
			},
		})
		return err
	}))
}

// looks sets what the page is shown as: a theme, light or dark, and from the next page on a language, ko or en.
func (b shopperBrowser) looks(theme, language string) {
	b.t.Helper()
	b.theme(theme)
	evaluate[any](b.tab, fmt.Sprintf(`localStorage.setItem("language", %q)`, language))
}

// theme shows the page light or dark.
func (b shopperBrowser) theme(name string) {
	b.t.Helper()
	b.perform(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	}))
}
