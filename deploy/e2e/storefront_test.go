package e2e

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"runrun/api/web"
	"runrun/deploy/dev/system"
	pgmock "runrun/deploy/pgmock/server"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// orderOf is the newest order for a product.
func (r harness) orderOf(product domain.ProductID) (id string) {
	r.t.Helper()
	err := r.Store.DB().QueryRowContext(r.t.Context(), "SELECT order_id FROM order_items WHERE product_id = ? ORDER BY order_id DESC LIMIT 1",
		product).Scan(&id)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// A shopper finds a product, logs in, orders with one press, pays in the payment window and sees it placed; with a
// reload after each step and
// a step back at the end. It is one order and one payment.
func TestAShopperBuysInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(3, func(p *domain.Product) { p.Name = "Moon Lamp" })

	b.open("/")
	b.sees("Moon Lamp", "Open")
	b.press("a.card", "Moon Lamp")
	b.sees("3 left")
	b.press("button.rush", "Log in to order")
	b.fill("email", system.ShopperEmail)
	b.fill("password", system.DemoPassword)
	b.press("button.rush", "Log in")
	b.sees("3 left", "Log out", "Send to")
	b.reload()
	b.sees("Log out", "Send to") // the session survives
	b.press("button.rush", "Order")
	b.sees("These are yours for now", "Time left to pay")
	b.reload()
	b.sees("These are yours for now")
	b.back() // to the product, and to the order again
	b.sees("2 left", "Send to")
	evaluate[any](b.tab, `setTimeout(() => history.forward())`)
	b.sees("These are yours for now")
	b.press("button.rush", "Pay")
	b.sees("A mock: no money moves")
	b.reload()
	b.press("button[value=pay]", "Pay")
	b.sees("Your order is placed", "Receipt")
	b.reload()
	b.sees("Your order is placed")
	b.back() // to the payment window, where the same order is paid once more
	b.press("button[value=pay]", "Pay")
	b.sees("Your order is placed")
	b.open("/orders")
	b.sees("Moon Lamp", "Paid")

	order := r.orderOf(product)
	if n := r.approvals(order); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	storetest.WantStock(t, r.Store, product, 2, 0, 1)
}

// A shopper orders the cart, which is empty afterwards, and cancels the order.
func TestACartIsOrderedInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(5, func(p *domain.Product) { p.Name = "Paper Crane" })
	email := "cart@example.com"
	shopper := r.signUp(email, "CUSTOMER")
	b.logIn(email)
	b.open("/p/" + string(product))
	b.press("button", "Add to cart")
	b.sees("In your cart")
	b.press("main a", "Cart")
	b.sees("Paper Crane", "Total", "Send to")
	b.press("button.rush", "Order")
	b.sees("These are yours for now", "Kim Minji")
	if cart := shopper.want(http.StatusOK, "GET", "/v1/carts", nil); cart.Body["totalAmount"] != 0.0 {
		t.Errorf("the cart still has %s", cart.rawBody)
	}
	b.press("button", "Cancel the order")
	b.press(".question button", "Cancel the order")
	b.sees("This order was canceled")
	storetest.WantStock(t, r.Store, product, 5, 0, 0)
}

// A seller puts a product on sale, sees its units move, and adds some with a reason.
func TestASellerSellsInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	b.logIn(system.SellerEmail)
	b.press("nav a", "Sell")
	b.sees("Hanok Works")
	b.press("summary", "Put a product on sale")
	b.fillIn("details[open]", "name", "Brass Bell")
	b.fillIn("details[open]", "price", "30000")
	b.fillIn("details[open]", "quantity", "7")
	b.press("details[open] button.rush", "Put a product on sale")
	b.sees("Brass Bell", "Available 7", "first units", "Refused 0")
	b.fill("quantity", "3")
	b.fill("reason", "found in the attic")
	b.press("button", "Change the stock")
	b.sees("found in the attic", "= 10", "Available 10")
}

// A member of support staff comes from an order's id to its history, its money and its workflow.
func TestStaffFindAnOrderInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(1)
	order := r.logIn(system.ShopperEmail).held(product)
	b.logIn(system.StaffEmail)
	b.press("nav a", "Support")
	b.sees("Needs a person") // the page before has a field of that name too
	b.fill("q", order.str("id")+"\r")
	b.press("main li a", order.str("id"))
	b.sees("HELD", "RECEIVED", "Open it in Temporal", string(product)+" × 1")
	b.fill("note", "asked by phone")
	b.press("button", "Do it")
	b.sees("CANCELED", "asked by phone")
	storetest.WantStock(t, r.Store, product, 1, 0, 0)
}

// Somebody new signs up by the code in the mail.
func TestSomebodySignsUpInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	const email = "new-shopper@example.com"
	b.open("/signup")
	b.fill("email", email)
	b.press("button.rush", "Send me a code")
	b.sees("Code")
	b.fill("code", r.code(email))
	b.press("button.rush", "Confirm")
	for name, text := range map[string]string{
		"password": system.DemoPassword, "name": "Kim Minji", "phone": "010-1234-5678", "zipCode": "04524", "address": "110 Sejong-daero, Seoul",
	} {
		b.fill(name, text)
	}
	b.press("button.rush", "Sign up")
	b.sees("Drops", "Log out")
	r.logIn(email)
}

// loseAnswers lets the answers to orders be lost, from the page's point of view, until hearAnswers.
const (
	loseAnswers = `{ const real = fetch; globalThis.fetch = async (path, request) => {
		const answer = await real(path, request);
		const ordered = request?.method === "POST" && path.endsWith("/v1/orders");
		if (ordered && !sessionStorage.getItem("heard")) throw new TypeError("the answer is lost");
		return answer;
	} }`
	hearAnswers = `sessionStorage.setItem("heard", "yes")`
)

// The answer to an order is lost, and the page is reloaded while the order is sent again: it is one order.
func TestALostAnswerIsOneOrderInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(5)
	b.evaluateFirst(loseAnswers)
	b.logIn(system.ShopperEmail)
	b.open("/p/" + string(product))
	b.sees("5 left", "Send to")
	b.press("button.rush", "Order")
	b.sees("The connection is gone. Trying again")
	b.reload()
	b.sees("Ordering…", "The connection is gone. Trying again")
	evaluate[any](b.tab, hearAnswers)
	b.sees("These are yours for now")
	storetest.WantStock(t, r.Store, product, 4, 1, 0)
}

// A card is refused in the window and then by the bank; the page says what is left, and the next card pays.
func TestADeclinedCardInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(1)
	b.logIn(system.ShopperEmail)
	b.orders(product)
	b.press("button.rush", "Pay")
	b.press("summary", "Test")
	b.press("button[value=decline]", "Let the card be refused")
	b.sees("The card company refused the card")
	b.reload()
	b.sees("Nothing was charged")
	b.press("main a", "Back to the order")
	b.press("button.rush", "Pay")
	b.press("button[value=close]", "Cancel and go back")
	b.sees("You closed the payment window")
	b.back() // to the window
	r.script(map[string]any{"call": "confirm", "code": "REJECT_CARD_PAYMENT"})
	b.press("button[value=pay]", "Pay")
	b.sees("The payment was declined and nothing was charged", "you can try 2 more times")
	b.reload()
	b.sees("you can try 2 more times")
	b.press("main a", "Back to the order")
	b.sees("Time left to pay", "The last payment was declined")
	b.press("button.rush", "Pay")
	b.press("button[value=pay]", "Pay")
	b.sees("Your order is placed")
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// A payment that fails by a fault of the shop is not sent again and again: the shopper pays anew.
func TestAFaultOfOursInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(1)
	b.logIn(system.ShopperEmail)
	b.orders(product)
	b.press("button.rush", "Pay")
	b.sees("A mock: no money moves")
	r.script(map[string]any{"call": "confirm", "code": "UNAUTHORIZED_KEY"})
	b.press("button[value=pay]", "Pay")
	b.sees("by a fault of ours. Nothing was charged, and your units are still held")
	b.press("main a", "Back to the order")
	b.press("button.rush", "Pay")
	b.press("button[value=pay]", "Pay")
	b.sees("Your order is placed")
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}

// A cart whose order has no answer is ordered once, also when the cart is empty by now.
func TestALostAnswerToACartInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(3)
	const email = "lost-cart@example.com"
	r.signUp(email, "CUSTOMER").want(http.StatusOK, "POST", "/v1/carts", map[string]any{"productId": product, "quantity": 2})
	b.evaluateFirst(loseAnswers)
	b.logIn(email)
	b.open("/cart")
	b.sees("Total", "Send to")
	b.press("button.rush", "Order")
	b.sees("The connection is gone. Trying again")
	b.reload()
	b.sees("Ordering…")
	evaluate[any](b.tab, hearAnswers)
	b.sees("These are yours for now")
	storetest.WantStock(t, r.Store, product, 1, 2, 0)
}

// An order without an answer is the shopper's who wanted it: another who logs in afterwards does not send it.
func TestAnIntentIsItsShoppersInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(5)
	b.evaluateFirst(loseAnswers)
	b.logIn(system.ShopperEmail)
	b.open("/p/" + string(product))
	b.sees("Send to")
	b.press("button.rush", "Order")
	b.sees("The connection is gone. Trying again")
	b.press("nav button", "Log out")
	b.sees("Log in")
	b.logIn(system.SellerEmail)
	evaluate[any](b.tab, hearAnswers)
	b.open("/p/" + string(product))
	b.sees("4 left", "New address")
	if busy := evaluate[string](b.tab, `document.querySelector("button.rush").getAttribute("aria-disabled")`); busy != "false" {
		t.Error("the order of another shopper is being sent")
	}
	if said := evaluate[string](b.tab, `document.querySelector("[role=alert]")?.innerText ?? ""`); said != "" {
		t.Errorf("the order of another shopper was sent: %s", said)
	}
	storetest.WantStock(t, r.Store, product, 4, 1, 0)
}

// A session that ends elsewhere sends its pages to the login, and back to where they were.
func TestAnEndedSessionInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	b.logIn(system.ShopperEmail)
	other := b.another(false)
	other.open("/orders")
	other.sees("My orders", "Log out")
	b.press("nav button", "Log out")
	other.sees("E-mail", "Password")
	other.fill("email", system.ShopperEmail)
	other.fill("password", system.DemoPassword)
	other.press("button.rush", "Log in")
	other.sees("My orders", "Log out")
	b.sees("Log out") // the first tab hears of it
}

// A hold that runs out says what happened to units and money, and where to go on; who pays too late is told the same.
func TestAnExpiredHoldInTheStorefront(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.PayWithin = 6 * time.Second })
	b := r.shopper()
	product := r.product(1, func(p *domain.Product) { p.Name = "Ice Lantern" })
	b.logIn(system.ShopperEmail)
	b.orders(product)
	b.press("button.rush", "Pay")
	b.sees("A mock: no money moves")
	shopper := r.logIn(system.ShopperEmail)
	order := r.orderOf(product)
	r.until("the order expires", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order, nil)
		return got, got.str("status") == "EXPIRED"
	})
	b.press("button[value=pay]", "Pay")
	b.sees("The time to pay is over, and the units went back on sale. Nothing was charged")
	b.reload()
	b.sees("Nothing was charged")
	b.press("main a", "Back to the product")
	b.sees("Ice Lantern", "1 left")
	if n := r.approvals(order); n != 0 {
		t.Errorf("%d approvals of an order that expired", n)
	}
}

// A drop counts down by the server's clock, whatever the browser's says, and its button opens by itself.
func TestADropOpensInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	b.evaluateFirst(`{ const real = Date.now; Date.now = () => real() - 3_600_000; }`) // an hour behind
	product := r.product(3, func(p *domain.Product) { p.OpensAt = time.Now().Add(8 * time.Second).Truncate(time.Second) })
	b.logIn(system.ShopperEmail)
	b.open("/p/" + string(product))
	b.sees("Opens in 0:0", "Send to")
	b.sees("Open 3 left")
	b.press("button.rush:not([disabled])", "Order")
	b.sees("These are yours for now")
}

// Without a stream the stock is asked for: it moves all the same.
func TestStockWithoutAStreamInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	b.evaluateFirst(`EventSource.prototype.addEventListener = () => null; Object.defineProperty(EventSource.prototype, "readyState", { get: () => 2 });`)
	product := r.product(5)
	b.open("/p/" + string(product))
	b.sees("5 left")
	r.logIn(system.ShopperEmail).held(product)
	b.sees("4 left")
}

// The storefront works from an origin of its own: it speaks with the API of another, with the session's cookie.
func TestAnotherOriginOfTheStorefront(t *testing.T) {
	shop := httptest.NewUnstartedServer(nil)
	r := own(t, nil, func(s *system.Settings) {
		s.API.CORSOrigins = []string{"http://" + shop.Listener.Addr().String()}
		s.API.Web.Web = false
	})
	gateway := web.Config{API: r.API.URL(), ClientKey: pgmock.ClientKey, SDK: r.PGMock.URL() + pgmock.SDKPath}
	site, err := web.New(gateway)
	if err != nil {
		t.Fatal(err)
	}
	shop.Config.Handler = site
	shop.Start()
	t.Cleanup(shop.Close)
	r.PGMock.ReturnTo(shop.URL)
	b := r.shopper()
	b.shop = shop.URL
	product := r.product(2, func(p *domain.Product) { p.Name = "Far Away Bell" })
	b.logIn(system.ShopperEmail)
	b.reload()
	b.sees("Log out")
	b.open("/p/" + string(product))
	b.sees("2 left", "Send to")
	b.press("button.rush", "Order")
	b.sees("These are yours for now")
	b.press("button.rush", "Pay")
	b.press("button[value=pay]", "Pay")
	b.sees("Your order is placed")
	storetest.WantStock(t, r.Store, product, 1, 0, 1)
}

// A browser that opens an address gets the page, and a program that calls one is told that there is nothing.
func TestPagesAreForBrowsers(t *testing.T) {
	r := shared(t)
	if page := r.send("GET", "/orders/ord_1", nil, "Accept", "text/html,*/*;q=0.8"); page.Status != http.StatusOK ||
		page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("a page: %d %v", page.Status, page.Header)
	}
	wantCode(t, r.send("GET", "/orders/ord_1", nil), http.StatusNotFound, domain.CodeNotFound)
	wantCode(t, r.send("GET", "/v1/nothing", nil, "Accept", "text/html"), http.StatusNotFound, domain.CodeNotFound)
}
