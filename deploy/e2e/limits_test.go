package e2e

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

// usual are the limits as they are without configuration, with the given changes.
func usual(t *testing.T, change func(*system.Settings)) harness {
	t.Helper()
	return own(t, nil, func(s *system.Settings) {
		s.API.Limits.OrderRate, s.API.Limits.OrderBurst, s.API.Limits.OpenOrders, s.API.Limits.OpenUnits = 10, 50, 50, 200
		if change != nil {
			change(s)
		}
	})
}

// counted asks for the same many times at once, and counts the answers.
func counted(times int, ask func(n int) reply) map[string]int {
	var mu sync.Mutex
	var asking sync.WaitGroup
	counts := map[string]int{}
	for n := range times {
		asking.Go(func() {
			got := ask(n)
			mu.Lock()
			defer mu.Unlock()
			counts[strconv.Itoa(got.Status)+" "+got.str("code")]++
		})
	}
	asking.Wait()
	return counts
}

// One login cannot hold everything without paying, however fast it asks; what it gives back it may hold again.
func TestOneShopperCannotHoldEverything(t *testing.T) {
	r := usual(t, func(s *system.Settings) { s.API.Limits.OpenOrders, s.API.Limits.OpenUnits = 5, 300 })
	product := r.product(1000)
	greedy := r.mint("usr_greedy")
	counts := counted(10, func(int) reply {
		return greedy.do("POST", "/v1/orders", orderOf(product, 100), "Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
	})
	if counts["201 "] != 3 || counts["409 LIMIT_EXCEEDED"] != 7 {
		t.Errorf("ten times a hundred units: %v, want three held", counts)
	}
	r.mint("usr_other").held(product)
	small := r.mint("usr_small")
	if counts := counted(10, func(int) reply { return small.order(product) }); counts["201 "] != 5 || counts["409 LIMIT_EXCEEDED"] != 5 {
		t.Errorf("ten orders of one unit: %v, want five held", counts)
	}
	list := small.want(http.StatusOK, "GET", "/v1/orders", nil)
	first := list.Body["items"].([]any)[0].(map[string]any)["id"].(string)
	small.want(http.StatusOK, "POST", "/v1/orders/"+first+"/cancel", nil)
	small.held(product)
}

// Orders have a rate for each shopper, who is told what is left and when to come again; others do not notice.
func TestTheRateOfOrders(t *testing.T) {
	for name, redis := range map[string]bool{"with Redis": true, "without Redis": false} {
		t.Run(name, func(t *testing.T) {
			if !redis {
				ownRedis(t)
			}
			r := usual(t, func(s *system.Settings) { s.API.Limits.OrderRate, s.API.Limits.OrderBurst = 1, 5 })
			product := r.product(0)
			if !redis {
				r.Redis.Close()
			}
			fast := r.mint("usr_fast")
			first := fast.order(product)
			if first.Header.Get("RateLimit-Policy") != `"orders";q=5;w=5` || first.Header.Get("RateLimit") == "" {
				t.Errorf("the headers: %v", first.Header)
			}
			counts := counted(40, func(int) reply { return fast.order(product) })
			if counts["409 SOLD_OUT"] > 8 || counts["429 TOO_MANY_REQUESTS"] < 30 {
				t.Errorf("forty orders at once: %v", counts)
			}
			refused := fast.order(product)
			wantCode(t, refused, http.StatusTooManyRequests, domain.CodeTooManyRequests)
			if refused.Header.Get("Retry-After") == "" {
				t.Errorf("it does not say when to come again: %v", refused.Header)
			}
			wantCode(t, r.mint("usr_slow").order(product), http.StatusConflict, domain.CodeSoldOut)
		})
	}
}

// A product whose seller sets no limit gets the shop's; no limit at all has to be asked for.
func TestADropHasALimitByDefault(t *testing.T) {
	r := usual(t, nil)
	seller := r.logIn(system.SellerEmail)
	for name, c := range map[string]struct {
		change func(map[string]any)
		want   any
	}{
		"absent": {func(b map[string]any) { delete(b, "limitPerShopper") }, 10.0},
		"three":  {func(b map[string]any) { b["limitPerShopper"] = 3 }, 3.0},
		"none":   {func(b map[string]any) { b["limitPerShopper"] = 0 }, nil},
	} {
		if got := seller.want(http.StatusCreated, "POST", "/v1/products", drop(c.change)); got.Body["limitPerShopper"] != c.want {
			t.Errorf("%s: %v, want %v", name, got.Body["limitPerShopper"], c.want)
		}
	}
}

// Passwords cannot be tried out: after a few failures an account and an address have to wait, also those that do not exist; the right
// password does not help then, and another account from elsewhere is served.
func TestFailedLogins(t *testing.T) {
	ownRedis(t) // which remembers no failures of an earlier run
	r := usual(t, func(s *system.Settings) {
		s.API.Limits.AddressHeader = "X-Test-Address"
		s.API.Limits.AccountTries, s.API.Limits.AddressTries = 3, 8
	})
	try := func(email, password, address string) reply {
		return r.send("POST", "/v1/users/login", map[string]string{"email": email, "password": password}, "X-Test-Address", address)
	}
	for _, email := range []string{system.NumberedEmail(50), "nobody@runrun.test"} {
		for n := range 3 {
			wantCode(t, try(email, "wrong", fmt.Sprint("10.0.0.", n)), http.StatusUnauthorized, domain.CodeLoginFailed)
		}
		paused := try(email, system.DemoPassword, "10.0.0.9")
		wantCode(t, paused, http.StatusTooManyRequests, domain.CodeTooManyRequests)
		if seconds, err := strconv.Atoi(paused.Header.Get("Retry-After")); err != nil || seconds < 10 {
			t.Errorf("Retry-After %q, want a pause that is felt", paused.Header.Get("Retry-After"))
		}
	}
	for n := range 8 {
		wantCode(t, try(system.NumberedEmail(n+1), "wrong", "10.0.1.1"), http.StatusUnauthorized, domain.CodeLoginFailed)
	}
	wantCode(t, try(system.NumberedEmail(20), system.DemoPassword, "10.0.1.1"), http.StatusTooManyRequests, domain.CodeTooManyRequests)
	if got := try(system.NumberedEmail(20), system.DemoPassword, "10.0.1.2"); got.Status != http.StatusOK {
		t.Errorf("another address: %d %s", got.Status, got.rawBody)
	}
}

// Failures at the same time are counted like those one after another.
func TestFailedLoginsAtTheSameTime(t *testing.T) {
	r := usual(t, func(s *system.Settings) {
		s.API.Limits.AddressHeader = "X-Test-Address"
		s.API.Limits.AccountTries = 3
	})
	email, address := uuid.NewString()+"@runrun.test", uuid.NewString() // of this run only: Redis may remember failures of an earlier one
	var wrong atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got := r.send("POST", "/v1/users/login", map[string]string{"email": email, "password": "wrong"}, "X-Test-Address", address)
			if got.Status == http.StatusUnauthorized {
				wrong.Add(1)
			} else {
				wantCode(t, got, http.StatusTooManyRequests, domain.CodeTooManyRequests)
			}
		})
	}
	all.Wait()
	if wrong.Load() != 3 {
		t.Errorf("%d passwords were tried, want 3", wrong.Load())
	}
}

// Nobody writes the address that counts, unless a proxy is trusted to.
func TestForwardedAddressesAreNotTrusted(t *testing.T) {
	ownRedis(t) // every test's failed logins come from this address
	r := usual(t, func(s *system.Settings) { s.API.Limits.AddressTries = 4 })
	refused := 0
	for n := range 8 {
		got := r.send("POST", "/v1/users/login", map[string]string{"email": fmt.Sprintf("nobody%d@runrun.test", n), "password": "wrong"},
			"X-Forwarded-For", fmt.Sprint("10.0.0.", n), "X-Real-Ip", fmt.Sprint("10.0.0.", n), "CF-Connecting-IP", fmt.Sprint("10.0.0.", n))
		if got.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 4 {
		t.Errorf("%d of 8 were refused, want those after the fourth", refused)
	}
}

// Strangers who watch a product take no place of shoppers who follow their orders, and one address does not take all.
func TestStrangersDoNotTakeAllStreams(t *testing.T) {
	r := usual(t, func(s *system.Settings) {
		s.API.Watchers, s.API.WatchersEach, s.API.Streams, s.API.StreamsEach = 6, 4, 4, 2
		s.API.Limits.AddressHeader = "X-Test-Address"
	})
	product := r.product(2)
	open := func(path string, headers ...string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.API.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp.StatusCode
	}
	watch := func(address string) int {
		return open("/v1/products/"+string(product)+"/events", "X-Test-Address", address)
	}
	var got []int
	for range 5 {
		got = append(got, watch("10.0.0.1"))
	}
	for range 3 {
		got = append(got, watch("10.0.0.2"))
	}
	if want := fmt.Sprint([]int{200, 200, 200, 200, 429, 200, 200, 503}); fmt.Sprint(got) != want {
		t.Errorf("strangers got %v, want %s", got, want)
	}
	shopper := r.mint("usr_follows")
	order := shopper.held(product)
	follow := func() int {
		return open("/v1/orders/"+order.str("id")+"/events", "Authorization", "Bearer "+shopper.token)
	}
	if a, b, c := follow(), follow(), follow(); a != 200 || b != 200 || c != 429 {
		t.Errorf("the shopper's streams: %d, %d, %d", a, b, c)
	}
}
