package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

// shot takes the page's picture on a phone and on a desktop, for the README.
func (b shopperBrowser) shot(name string) {
	b.t.Helper()
	for device, size := range map[string][2]int64{"phone": {390, 780}, "desktop": {1280, 780}} {
		b.perform(chromedp.EmulateViewport(size[0], size[1]))
		evaluate[any](b.tab, "scrollTo(0, 0)")
		b.until("the pictures are there", func() (reply, bool) {
			return reply{}, evaluate[bool](b.tab, "[...document.images].every((i) => i.complete || i.getBoundingClientRect().top > innerHeight)")
		})
		b.picture("api/web/pictures/" + name + "-" + device)
	}
}

// The pictures of the README: from the drop to the receipt, and behind the counter.
func TestPicturesOfTheStorefront(t *testing.T) {
	if !*screenshots {
		t.Skip("make screenshots")
	}
	r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) { s.API.Starts = 1 })
	b := shopperBrowser{tab{r, browser(t, 4*time.Minute)}, r.API.URL()}
	b.open("/login")
	b.looks("light", "en")
	b.open("/")
	b.sees("Opening soon", "Hanok Sneaker")
	b.shot("drops")
	b.open("/p/prd_demo-2-drop")
	b.sees("Opens in")
	b.logIn(system.ShopperEmail)
	b.open("/p/prd_demo-2-drop")
	b.sees("Opens in", "Send to")
	b.shot("drop")

	const drop = domain.ProductID("prd_demo-5-sneaker")
	r.standInLine(r.API.URL(), drop)
	b.open("/p/" + string(drop))
	b.sees("Send to")
	b.press("button.rush", "Order")
	b.sees("You are in line", "ahead of you")
	b.shot("line")
	r.startWorkerProcess()
	b.sees("These are yours for now")
	b.shot("hold")
	b.press("button.rush", "Pay")
	b.sees("A mock: no money moves")
	b.shot("pay")
	b.press("button[value=pay]", "Pay")
	b.sees("Your order is placed", "Receipt")
	b.shot("placed")

	order := r.orderOf(drop)
	b.press("nav button", "Log out")
	b.logIn(system.SellerEmail)
	b.open("/sell/" + string(drop))
	b.sees("Orders taken", "Refused")
	for n := range 5 { // they want more than a shopper may have
		greedy := r.mint(domain.UserID("usr_greedy"))
		greedy.do("POST", "/v1/orders", orderOf(drop, 50+n), "Idempotency-Key", "greedy", "Prefer", "wait=0")
	}
	b.sees("a second")
	b.shot("seller")
	r.logIn(system.StaffEmail).want(http.StatusOK, "GET", "/v1/admin/orders/"+order, nil)
	b.press("nav button", "Log out")
	b.logIn(system.StaffEmail)
	b.open("/staff/" + order)
	b.sees("Open it in Temporal", "What you can do")
	b.shot("staff")
}
