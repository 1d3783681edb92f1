package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/sync/errgroup"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// offlineFor is how long the connection of a shopper is gone.
const offlineFor = 10 * time.Second

// awaitOffline waits until the page has said for ten seconds that its connection is gone.
func (b shopperBrowser) awaitOffline() {
	b.t.Helper()
	b.sees("The connection is gone")
	since := time.Now()
	b.until("ten seconds offline", func() (reply, bool) {
		b.sees("The connection is gone")
		return reply{}, time.Since(since) >= offlineFor
	})
}

// A shopper whose connection is gone for ten seconds, first with the order on its way and then while it is held, has one order, and sees
// what has become of it.
func TestTenSecondsOfflineInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(2, func(p *domain.Product) { p.Name = "Tin Robot" })
	b.logIn(system.ShopperEmail)
	b.open("/p/" + string(product))
	b.sees("2 left", "Send to")
	b.connect(connection{offline: true})
	b.press("button.rush", "Order")
	b.awaitOffline()
	b.connect(connection{})
	b.sees("These are yours for now")
	storetest.WantStock(t, r.Store, product, 1, 1, 0)

	b.connect(connection{offline: true})
	b.awaitOffline()
	r.logIn(system.ShopperEmail).want(http.StatusOK, "POST", "/v1/orders/"+r.orderOf(product)+"/cancel", nil)
	b.sees("These are yours for now")
	b.connect(connection{})
	b.sees("This order was canceled")
	storetest.WantStock(t, r.Store, product, 2, 0, 0)
}

// Two tabs of one shopper show the same order, and pay for it once; who logs out in one is logged out in the other.
func TestTwoTabsOfTheStorefront(t *testing.T) {
	r := shared(t)
	first := r.shopper()
	product := r.product(1, func(p *domain.Product) { p.Name = "Clay Whistle" })
	first.logIn(system.ShopperEmail)
	first.open("/p/" + string(product))
	first.sees("1 left", "Send to")
	first.press("button.rush", "Order")
	first.sees("These are yours for now")
	order := r.orderOf(product)
	second := first.another(false)
	second.open("/orders/" + order)
	second.sees("These are yours for now", "Log out")
	for _, b := range []shopperBrowser{first, second} {
		b.press("button.rush", "Pay")
		b.sees("A mock: no money moves")
	}
	for _, b := range []shopperBrowser{first, second} {
		b.press("button[value=pay]", "Pay")
		b.sees("Your order is placed")
	}
	if n := r.approvals(order); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	first.press("nav button", "Log out")
	first.sees("Log in")
	second.sees("Log in", "Password")
}

// A browser opens six connections to a host, and a shopper more tabs than that: one reads for all, and when it is closed another does.
func TestManyTabsOfOneShopperInTheStorefront(t *testing.T) {
	r := shared(t)
	product := r.product(20)
	tabs := []shopperBrowser{r.shopper()}
	tabs[0].open("/") // starts the browser
	for range 9 {
		tabs = append(tabs, tabs[0].another(false))
	}
	for _, b := range tabs { // as windows side by side
		b.evaluateFirst(`Object.defineProperty(document, "visibilityState", { get: () => "visible" });
			globalThis.streams = [];
			globalThis.EventSource = class extends EventSource { constructor(...of) { super(...of); streams.push(this); } };`)
		b.open("/p/" + string(product))
		b.sees("20 left")
	}
	shopper := r.logIn(system.ShopperEmail)
	for left := 19; left > 17; left-- {
		shopper.held(product)
		for _, b := range tabs {
			b.sees(fmt.Sprint(left, " left"))
		}
		var reading []int
		for n, b := range tabs {
			if evaluate[int](b.tab, `streams.filter((s) => s.readyState !== EventSource.CLOSED).length`) > 0 {
				reading = append(reading, n)
			}
		}
		if len(reading) != 1 {
			t.Fatalf("%d tabs read, want 1", len(reading))
		}
		tabs[reading[0]].open("/login")
		tabs = slices.Delete(tabs, reading[0], reading[0]+1)
	}
}

// The API is killed and started again while a shopper waits in line: the page says so, and the order goes on.
func TestTheAPIIsRestartedBehindTheStorefront(t *testing.T) {
	r := own(t, func(c *system.Config) { c.Workers = false }, func(s *system.Settings) {
		s.API.SweepEvery = time.Hour // the other API starts the workflows
	})
	address := freeAddress(t)
	api := r.startAPIProcess(address, "WORKFLOW_STARTS=1", "SWEEP_EVERY=1h")
	b := r.shopper()
	b.shop = "http://" + address
	product := r.product(lineLength+1, func(p *domain.Product) { p.Name = "Straw Hat" })
	r.standInLine(b.shop, product)
	b.logIn(system.ShopperEmail)
	b.open("/p/" + string(product))
	b.sees("Send to")
	b.press("button.rush", "Order")
	b.sees("You are in line", "ahead of you", "updated")
	b.reload()
	b.sees("You are in line", "ahead of you")
	api.kill()
	b.sees("The connection is gone", "You are in line")
	r.startAPIProcess(address, "SWEEP_EVERY=1s")
	r.startWorkerProcess()
	b.sees("These are yours for now")
	storetest.WantStock(t, r.Store, product, 0, lineLength+1, 0)
}

// lineLength is how many shoppers stand in line before the one whose page is looked at.
const lineLength = 25

// standInLine orders for as many shoppers, at an API that starts one workflow at a time while no worker decides.
func (r harness) standInLine(shop string, product domain.ProductID) {
	r.t.Helper()
	for n := range lineLength {
		r.mint(domain.UserID(fmt.Sprint("usr_line-", n))).
			want(http.StatusAccepted, "POST", shop+"/v1/orders", orderOf(product, 1), "Idempotency-Key", "line", "Prefer", "wait=0")
	}
}

// Who leaves the line gives the place to the next.
func TestAShopperLeavesTheLineInTheStorefront(t *testing.T) {
	r := own(t, func(c *system.Config) { c.Workers = false }, nil)
	b := r.shopper()
	product := r.product(1)
	b.logIn(system.ShopperEmail)
	b.open("/p/" + string(product))
	b.sees("Send to")
	b.press("button.rush", "Order")
	b.sees("You are in line")
	r.startWorkerProcess(fmt.Sprintf("QUEUES=%s", "payments")) // nobody decides yet
	b.press("button", "Leave the line")
	b.press(".question button", "Leave the line")
	r.startWorkerProcess()
	b.sees("This order was canceled")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

// dropTabs is how many shoppers come to a drop, each with a browser of their own, and dropUnits what there is for them.
const (
	dropTabs  = system.DemoShoppers
	dropUnits = 20
)

// Sixty people stand before a drop of twenty units, and press when it opens: twenty have one each, and everybody else is told.
func TestSixtyTabsOfADropInTheStorefront(t *testing.T) {
	r := shared(t)
	first := shopperBrowser{tab{r, browser(t, 4*time.Minute)}, r.API.URL()}
	product := r.product(dropUnits, func(p *domain.Product) {
		p.Name, p.LimitPerShopper, p.OpensAt = "Sixty Kites", 1, time.Now().Add(20*time.Second).Truncate(time.Second)
	})
	first.open("/p/" + string(product))
	first.sees("Sixty Kites", "Opens in")
	tabs := first.sixty(product)
	inAll := func(what, script string) (counts map[string]int) {
		counts = map[string]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, b := range tabs {
			all.Go(func() {
				answer, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					answer = fmt.Sprint(what, ": ", err)
				}
				counts[answer]++
			})
		}
		all.Wait()
		return counts
	}
	var counts map[string]int
	untilAll := func(what, script string, want map[string]int) {
		t.Helper()
		r.until(what, func() (reply, bool) {
			counts = inAll(what, script)
			for answer, n := range want {
				if counts[answer] != n {
					return reply{rawBody: fmt.Append(nil, counts)}, false
				}
			}
			return reply{}, true
		})
	}
	untilAll("every button is ready", `document.querySelector("select[name=addressId]") && document.querySelector("button.rush:not([disabled])") ? "ready" : "not yet"`,
		map[string]int{"ready": dropTabs})
	inAll("press", `(setTimeout(() => document.querySelector("button.rush").click()), "")`)
	untilAll("everybody is told", `document.querySelector("[role=alert]")?.innerText ?? document.querySelector(".story")?.innerText ?? "waiting"`,
		map[string]int{"These are yours for now": dropUnits, "It is sold out. Nothing was ordered.": dropTabs - dropUnits})
	storetest.WantStock(t, r.Store, product, 0, dropUnits, 0)
	if n := len(r.ordersFor(product)); n != dropUnits {
		t.Errorf("%d orders hold units, want %d", n, dropUnits)
	}
}

// sixty opens a product's page for every demo shopper, a few at a time.
func (b shopperBrowser) sixty(product domain.ProductID) []shopperBrowser {
	b.t.Helper()
	tabs := make([]shopperBrowser, dropTabs)
	var opening errgroup.Group
	opening.SetLimit(4)
	for n := range tabs {
		tabs[n] = b.another(true)
		login := b.send("POST", "/v1/users/login", map[string]string{"email": system.NumberedEmail(n + 1), "password": system.DemoPassword})
		as{b.harness, login.str("accessToken")}.want(http.StatusCreated, "POST", "/v1/users/addresses", receiver)
		opening.Go(func() error { return tabs[n].resume(login, "/p/"+string(product)) })
	}
	if err := opening.Wait(); err != nil {
		b.t.Fatal(err)
	}
	return tabs
}

// ordersFor are the shoppers who hold units of a product.
func (r harness) ordersFor(product domain.ProductID) (users []string) {
	r.t.Helper()
	rows, err := r.Store.DB().QueryContext(r.t.Context(),
		"SELECT DISTINCT user_id FROM reservations WHERE product_id = ? AND status = 'HELD'", product)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var user string
		if err := rows.Scan(&user); err != nil {
			r.t.Fatal(err)
		}
		users = append(users, strings.TrimSpace(user))
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return users
}
