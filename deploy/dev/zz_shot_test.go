package main

import (
	"context"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestShot(t *testing.T) {
	r := own(t, nil, nil)
	shopper := r.mint("usr_ui")
	held := shopper.held(r.product(1))
	t.Log(held.str("id"), r.Temporal.UI)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.WindowSize(1500, 1000))
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	defer cancel()
	ctx, cancel2 := chromedp.NewContext(alloc)
	defer cancel2()
	ctx, cancel3 := context.WithTimeout(ctx, 60*time.Second)
	defer cancel3()
	q := `OrderAttention IS NULL AND OrderStatus = "HELD" AND ExecutionStatus = "Running"`
	var png []byte
	var text string
	if err := chromedp.Run(ctx, chromedp.Navigate(r.Temporal.UI+"/namespaces/default/workflows?query="+url.QueryEscape(q)),
		chromedp.Sleep(6*time.Second), chromedp.FullScreenshot(&png, 90), chromedp.Text("body", &text)); err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/shot/a.png", png, 0o644)
	t.Log(text)
	if err := chromedp.Run(ctx, chromedp.Navigate(r.Temporal.UI+"/namespaces/default/workflows/order%2F"+held.str("id")), chromedp.Sleep(5*time.Second), chromedp.FullScreenshot(&png, 90)); err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/shot/b.png", png, 0o644)
}
