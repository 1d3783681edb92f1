package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// Who needs more time gets it, on the real server: the order outlives its first deadline, and is paid after it.
func TestAnOrderIsPaidInTheTimeThatWasAdded(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.PayWithin = 2 * time.Second })
	product := r.product(1, func(p *domain.Product) { p.HoldExtension = time.Minute })
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	path := "/v1/orders/" + order.str("id")
	first, err := time.Parse(time.RFC3339Nano, order.str("payBy"))
	if err != nil {
		t.Fatal(err)
	}
	var clicks sync.WaitGroup
	for range 20 { // at once
		clicks.Go(func() { shopper.do("POST", path+"/extend", nil) })
	}
	clicks.Wait()
	extended := shopper.want(http.StatusOK, "POST", path+"/extend", nil)
	if again := shopper.want(http.StatusOK, "POST", path+"/extend", nil); again.str("payBy") != extended.str("payBy") ||
		extended.str("payBy") != first.Add(time.Minute).Format(time.RFC3339Nano) {
		t.Errorf("held until %s, then %s, then %s", order.str("payBy"), extended.str("payBy"), again.str("payBy"))
	}
	r.until("the first deadline has passed", func() (reply, bool) {
		got := shopper.want(http.StatusOK, "GET", path, nil)
		now, err := r.Store.Now(t.Context())
		return got, err == nil && now.After(first.Add(time.Second))
	})
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	r.finished(order.str("id"), "extended_then_paid")
	storetest.WantStock(t, r.Store, product, 0, 0, 1)
}
