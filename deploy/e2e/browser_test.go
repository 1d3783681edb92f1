package e2e

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"runrun/deploy/dev/system"
)

// browserLimit is how long a browser may take for what a test does with it.
const browserLimit = 2 * time.Minute

// browser opens Debian's Chromium. With CI=true a missing one is a failure.
func browser(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium, and in CI the pages are looked at")
		}
		t.Skip("there is no chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox,
		chromedp.WindowSize(1500, 1000))
	for _, flag := range []string{
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-quic", "no-first-run",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	return ctx
}

// tab is a tab of a browser.
type tab struct {
	harness
	ctx context.Context
}

// do runs actions in the tab.
func (b tab) perform(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// evaluate runs a script in the tab's page and returns its value.
func evaluate[T any](b tab, script string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// sees waits until the page shows all texts.
func (b tab) sees(texts ...string) {
	b.t.Helper()
	b.until("the page shows "+strings.Join(texts, ", "), func() (reply, bool) {
		page, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`[document, ...[...document.querySelectorAll("iframe")].map(
			f => f.contentDocument)].map(d => d && d.body ? d.body.innerText : "").join(" ").replace(/\s+/g, " ")`)) // details are in frames
		shown := err == nil
		for _, text := range texts {
			shown = shown && strings.Contains(page, text)
		}
		return reply{rawBody: []byte(page)}, shown
	})
}

// press clicks, with the mouse, on the last visible element of the selector whose text begins with the given one.
func (b tab) press(selector, text string) {
	b.t.Helper()
	find := fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll(%q)].filter(e => e.getClientRects().length > 0 && e.innerText.trim().startsWith(%q));
		if (all.length === 0) { return [] }
		const e = all[all.length - 1];
		e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect();
		return r.width === 0 || e.disabled ? [] : [r.x + r.width / 2, r.y + r.height / 2];
	})()`, selector, text)
	var at, before []float64
	b.until("something to press: "+selector+" "+text, func() (reply, bool) {
		at, _ = chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](find))
		still := len(at) == 2 && len(before) == 2 && at[0] == before[0] && at[1] == before[1] // dialogs slide in
		before = at
		return reply{}, still
	})
	if _, err := chromedp.Run(b.ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
		b.t.Fatal(err)
	}
}

// focus presses an input until it has the focus.
func (b tab) focus(selector string) {
	b.t.Helper()
	b.until("the focus of "+selector, func() (reply, bool) {
		b.press(selector, "")
		has, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf(`!!document.activeElement && !!document.activeElement.closest(%q)`, selector)))
		return reply{}, err == nil && has
	})
}

// types types into what has the focus.
func (b tab) types(text string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.KeyEvent(text)); err != nil {
		b.t.Fatal(err)
	}
}

// picture keeps what the page looks like, as the file with the name below the top of the repository.
func (b tab) picture(name string) {
	b.t.Helper()
	if !*screenshots {
		return
	}
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	page, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, few(page)); err != nil {
		b.t.Fatal(err)
	}
	top, err := system.Root()
	if err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(top, name+".png")
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// few paints a picture with the 256 colors it has most of, which makes a third of the bytes, for a repository.
func few(page image.Image) image.Image {
	counts := map[color.RGBA]int{}
	bounds := page.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.RGBAModel.Convert(page.At(x, y)).(color.RGBA)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return counts[b] - counts[a] })
	var most color.Palette
	for _, c := range colors[:min(len(colors), 256)] {
		most = append(most, c)
	}
	small := image.NewPaletted(bounds, most)
	draw.Draw(small, bounds, page, bounds.Min, draw.Src)
	return small
}
