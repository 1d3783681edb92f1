package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// The database fails for one product: only that product's circuit breaker opens, with a 503 that says when to come again; the shop
// stays open, and the breaker closes when the database is well.
func TestSystemFailuresOpenOnlyThatProductsBreaker(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.BreakerFor = 2 * time.Second })
	sick, well := r.product(1000), r.product(1000)
	shopper := r.logIn(system.ShopperEmail)
	repair := r.breakProduct(sick)
	refused := reply{}
	for n := 0; n < 200 && refused.Status != http.StatusServiceUnavailable; n++ {
		if refused = shopper.order(sick); refused.Status != http.StatusInternalServerError && refused.Status != http.StatusServiceUnavailable {
			t.Fatalf("order %d: %d %s", n, refused.Status, refused.rawBody)
		}
	}
	wantCode(t, refused, http.StatusServiceUnavailable, domain.CodeBreakerOpen)
	if refused.Header.Get("Retry-After") == "" || refused.Body["retryable"] != true {
		t.Errorf("it does not say when to come again: %v %s", refused.Header, refused.rawBody)
	}
	if got := r.send("GET", "/v1/products/"+string(sick), nil); got.str("breaker") != "open" {
		t.Errorf("the product: %s", got.rawBody)
	}
	shopper.held(well)
	storetest.WantStock(t, r.Store, sick, 1000, 0, 0)
	repair()
	shopper.until("the door to open", func() (reply, bool) {
		got := shopper.order(sick)
		return got, got.Status == http.StatusCreated
	})
}

// breakProduct makes the database refuse every order of a product. It returns the repair.
func (r harness) breakProduct(product domain.ProductID) (repair func()) {
	r.t.Helper()
	statement := `CREATE TRIGGER sick BEFORE INSERT ON order_items FOR EACH ROW IF NEW.product_id = '%s' THEN SIGNAL SQLSTATE '45000'; END IF`
	if r.Store.Dialect() == "sqlite" {
		statement = `CREATE TRIGGER sick BEFORE INSERT ON order_items WHEN NEW.product_id = '%s' BEGIN SELECT RAISE(ABORT, 'sick'); END`
	}
	storetest.Exec(r.t, r.Store, fmt.Sprintf(statement, product))
	return func() { storetest.Exec(r.t, r.Store, "DROP TRIGGER sick") }
}
