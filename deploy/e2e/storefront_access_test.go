package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// axe is the checker of accessibility, as npm brings it. With CI=true a missing npm is a failure.
func axe(t *testing.T) string {
	t.Helper()
	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(top, ".ci", "web", "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(file); err != nil {
		if _, err := exec.LookPath("npm"); err != nil && os.Getenv("CI") != "true" {
			t.Skip("npm is not installed")
		}
		install := exec.CommandContext(t.Context(), "make", "-s", "web-tools")
		install.Dir = top
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("make web-tools: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// violation is what axe finds fault with.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
	}
}

// violations runs axe over the page.
func (b shopperBrowser) violations(axe string) []violation {
	b.t.Helper()
	evaluate[any](b.tab, axe+";0")
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run().then(({violations}) => JSON.stringify(violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var found []violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	return found
}

// viewed is a page, and what it shows when it is there.
type viewed struct{ path, ko, en string }

// pagesFor are the pages of a role, with data on them.
func (r harness) pagesFor(role string) (email string, pages []viewed) {
	r.t.Helper()
	product := string(r.product(9))
	shopper := r.logIn(system.ShopperEmail)
	held := shopper.held(domain.ProductID(product)).str("id")
	switch role {
	case "shopper":
		placed := shopper.held(domain.ProductID(product))
		shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(placed))
		gone := shopper.held(domain.ProductID(product)).str("id")
		shopper.want(http.StatusOK, "POST", "/v1/orders/"+gone+"/cancel", nil)
		return system.ShopperEmail, []viewed{
			{"/p/" + product, "배송지", "Send to"}, {"/cart", "합계", "Total"}, {"/orders", "결제 완료", "Paid"},
			{"/orders/" + held, "남은 결제 시간", "Time left to pay"}, {"/orders/" + placed.str("id"), "영수증", "Receipt"},
			{"/orders/" + gone, "취소된 주문", "This order was canceled"}, {"/account", "프로필", "Profile"},
			{"/pay/fail?code=PAY_PROCESS_CANCELED&order=" + held, "결제창을 닫았습니다", "You closed the payment window"},
		}
	case "seller":
		return system.SellerEmail, []viewed{{"/sell", "상품 올리기", "Put a product on sale"}, {"/sell/" + product, "재고 기록", "Ledger of the stock"}}
	case "staff":
		return system.StaffEmail, []viewed{{"/staff", "상태", "Status"}, {"/staff/" + held, "할 수 있는 일", "What you can do"}}
	}
	return "", []viewed{
		{"/", "곧 열립니다", "Opening soon"}, {"/p/prd_demo-2-drop", "오픈까지", "Opens in"}, {"/p/prd_demo-1-sold-out", "품절", "Sold out"},
		{"/login", "비밀번호", "Password"}, {"/signup", "인증 코드 받기", "Send me a code"}, {"/nowhere", "찾을 수 없습니다", "There is nothing here"},
		{r.PGMock.URL() + "/window?orderId=ord_self_1&amount=180000&orderName=Moon+Jar&language=", "결제 금액", "Amount"},
	}
}

// Every page can be used by everybody, in both languages and both themes, as far as a program can see.
func TestAccessibilityOfTheStorefront(t *testing.T) {
	r, script := shared(t), axe(t)
	for _, role := range []string{"nobody", "shopper", "seller", "staff"} {
		t.Run(role, func(t *testing.T) {
			r := newHarness(t, r.System)
			b := r.shopper()
			email, pages := r.pagesFor(role)
			b.open("/login")
			if email != "" {
				b.logIn(email)
			}
			for _, language := range []string{"ko", "en"} {
				for _, page := range pages {
					b.open("/icon-of-nothing") // of the storefront, where its language can be set
					b.looks("light", language)
					if strings.HasPrefix(page.path, "http") {
						b.perform(chromedp.Navigate(page.path + language))
					} else {
						b.open(page.path)
					}
					b.sees(map[string]string{"ko": page.ko, "en": page.en}[language])
					for _, theme := range []string{"light", "dark"} {
						b.theme(theme)
						for _, found := range b.violations(script) {
							t.Errorf("%s, %s, %s: %s: %s\n%s\n%s", page.path, language, theme, found.ID, found.Help, found.Nodes[0].HTML,
								found.Nodes[0].FailureSummary)
						}
					}
				}
			}
		})
	}
}

// focused is what has the focus: its words, and whether it can be seen.
type focused struct {
	Words string
	Seen  bool
}

const whatIsFocused = `(() => {
	const e = document.activeElement;
	const words = (e.labels?.[0]?.innerText ?? "") + " " + (e.innerText ?? "");
	return { Words: e === document.body ? "nothing" : words.trim(), Seen: getComputedStyle(e).outlineStyle !== "none" };
})()`

// tabTo presses the tab key until what begins with the words has the focus, which must be seen on the way.
func (b shopperBrowser) tabTo(words string) {
	b.t.Helper()
	var passed []string
	for range 60 {
		b.perform(chromedp.KeyEvent(kb.Tab))
		at := evaluate[focused](b.tab, whatIsFocused)
		if !at.Seen && at.Words != "nothing" {
			b.t.Errorf("the focus on %q is not seen", at.Words)
		}
		if strings.HasPrefix(at.Words, words) {
			return
		}
		passed = append(passed, at.Words)
	}
	b.t.Fatalf("the tab key does not lead to %q, but to %q", words, passed)
}

// keepsFocus demands that the focus is not lost to the page.
func (b shopperBrowser) keepsFocus(when string) {
	b.t.Helper()
	b.until("the focus is kept "+when, func() (reply, bool) {
		at := evaluate[focused](b.tab, whatIsFocused)
		return reply{rawBody: fmt.Append(nil, at)}, at.Words != "nothing"
	})
}

// A shopper without a mouse logs in, orders, changes their mind, orders again and pays.
func TestTheKeyboardIsEnoughInTheStorefront(t *testing.T) {
	r := shared(t)
	b := r.shopper()
	product := r.product(2, func(p *domain.Product) { p.Name, p.HoldExtension = "Wooden Top", time.Minute })
	b.open("/p/" + string(product))
	b.sees("2 left")
	b.tabTo("Skip to content")
	b.tabTo("Log in to order")
	b.types(kb.Enter)
	b.sees("E-mail")
	b.keepsFocus("on a new page")
	b.tabTo("E-mail")
	b.types(system.ShopperEmail)
	b.tabTo("Password")
	b.types(system.DemoPassword + kb.Enter)
	b.sees("Send to")
	for _, pays := range []bool{false, true} {
		b.tabTo("Order")
		b.types(kb.Enter)
		b.sees("Time left to pay")
		b.keepsFocus("on the order")
		if pays {
			b.tabTo("I need more time")
			b.types(kb.Enter)
			b.sees("You have more time now")
			b.keepsFocus("when the button is gone")
			break
		}
		b.tabTo("Cancel the order")
		b.types(kb.Enter)
		b.sees("The units go back on sale")
		b.keepsFocus("on the question")
		b.types(kb.Enter)
		b.sees("This order was canceled")
		b.keepsFocus("when the question is gone")
		b.tabTo("Back to the product")
		b.types(kb.Enter)
		b.sees("Send to")
	}
	b.tabTo("Pay ")
	b.types(kb.Enter)
	b.sees("A mock: no money moves")
	b.tabTo("Pay ")
	b.types(kb.Enter)
	b.sees("Your order is placed")
	storetest.WantStock(t, r.Store, product, 1, 0, 1)
}

// A screen reader is told the minutes at five, one and none, and not every second: the timer is silent.
func TestATimerIsSilentAndTheMinutesAreSaidInTheStorefront(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.PayWithin = 64 * time.Second })
	b := r.shopper()
	order := r.logIn(system.ShopperEmail).held(r.product(1)).str("id")
	b.logIn(system.ShopperEmail)
	b.open("/orders/" + order)
	b.sees("Time left to pay")
	evaluate[any](b.tab, `globalThis.said = []; globalThis.ticks = 0; new MutationObserver((changes) => {
		for (const { target } of changes) {
			const at = target instanceof Element ? target : target.parentElement;
			const status = at?.closest("[role=status], [role=alert], [aria-live=polite]");
			if (status) said.push(status.textContent.trim());
			if (at?.closest("[role=timer]")) ticks++;
		}
	}).observe(document.body, { childList: true, characterData: true, subtree: true }); 0`)
	b.until("the last minute is said, and the timer goes on", func() (reply, bool) {
		said, ticks := evaluate[[]string](b.tab, "said"), evaluate[int](b.tab, "ticks")
		return reply{rawBody: fmt.Append(nil, said, ticks)}, len(said) > 0 && ticks >= 8
	})
	if said := evaluate[[]string](b.tab, "said"); len(said) != 1 || said[0] != "1 minute left to pay" {
		t.Errorf("said: %q", said)
	}
	if live := evaluate[string](b.tab, `document.querySelector("[role=timer]").getAttribute("aria-live")`); live != "off" {
		t.Errorf("the timer is %s", live)
	}
}
