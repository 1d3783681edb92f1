package e2e

import (
	"net/http"
	"sync"
	"testing"

	"runrun/deploy/dev/system"
	"runrun/domain/store/storetest"
)

// Fault 16 of the predecessor: connections to the database were held during remote calls, and ran out. Here eight payments wait for a slow
// gateway, and each process has two connections: another shopper orders meanwhile as if nothing was.
func TestNoConnectionIsHeldDuringARemoteCall(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.Store.MaxConnections, s.Worker.Store.MaxConnections = 2, 2 })
	const payments = 8
	product := r.product(payments + 1)
	shopper := r.logIn(system.ShopperEmail)
	r.script(map[string]any{"call": "confirm", "delayMs": 3000, "times": payments})
	var paying sync.WaitGroup
	orders := make([]reply, payments)
	for n := range orders {
		orders[n] = shopper.held(product)
		confirm := shopper.authorize(orders[n])
		paying.Go(func() { shopper.do("POST", "/v1/payments/confirm", confirm) })
	}
	for _, order := range orders {
		shopper.until("an open payment", func() (reply, bool) {
			got := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
			return got, got.str("status") == "PAYING" || got.str("status") == "PLACED"
		})
	}
	r.logIn(system.NumberedEmail(5)).held(product)
	paying.Wait()
	for _, order := range orders {
		shopper.await(order, "PLACED")
	}
	storetest.WantStock(t, r.Store, product, 0, 1, payments)
}
