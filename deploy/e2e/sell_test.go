package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

func drop(change func(map[string]any)) map[string]any {
	body := map[string]any{
		"brandId":         system.DemoBrand,
		"name":            "Moon Jar",
		"category":        "ceramics",
		"price":           180000,
		"quantity":        1,
		"limitPerShopper": 1,
	}
	if change != nil {
		change(body)
	}
	return body
}

// A seller announces a drop; it sells out; more units come, and are sold.
func TestASellerMakesADrop(t *testing.T) {
	r := shared(t)
	seller, shopper, other := r.logIn(system.SellerEmail), r.logIn(system.NumberedEmail(6)), r.logIn(system.NumberedEmail(7))
	product := seller.want(http.StatusCreated, "POST", "/v1/products", drop(nil))
	id := domain.ProductID(product.str("id"))
	if product.Header.Get("Location") != "/v1/products/"+string(id) || product.Body["isOpen"] != true ||
		product.Body["discountedPrice"] != 180000.0 {
		t.Errorf("the drop: %s", product.rawBody)
	}
	shopper.held(id)
	wantCode(t, other.order(id), http.StatusConflict, domain.CodeSoldOut)
	path := "/v1/products/" + string(id) + "/stock"
	if stock := seller.want(http.StatusOK, "POST", path, map[string]any{"quantity": 2}); stock.Body["total"] != 3.0 ||
		stock.Body["available"] != 2.0 {
		t.Errorf("the stock: %s", stock.rawBody)
	}
	other.held(id)
	wantCode(t, seller.do("POST", path, map[string]any{"quantity": -2}), http.StatusConflict, domain.CodeConflict)
	seller.want(http.StatusOK, "POST", path, map[string]any{"quantity": -1})
	storetest.WantStock(t, r.Store, id, 0, 2, 0)
	wantCode(t, r.logIn(system.NumberedEmail(8)).order(id), http.StatusConflict, domain.CodeSoldOut)
}

func TestADropThatOpensLater(t *testing.T) {
	r := shared(t)
	seller, shopper := r.logIn(system.SellerEmail), r.logIn(system.NumberedEmail(9))
	opens := time.Now().Add(1500 * time.Millisecond)
	product := seller.want(http.StatusCreated, "POST", "/v1/products",
		drop(func(b map[string]any) { b["orderingOpensAt"] = opens.Format(time.RFC3339Nano) }))
	id := domain.ProductID(product.str("id"))
	wantCode(t, shopper.order(id), http.StatusConflict, domain.CodeNotOpenYet)
	shopper.until("the opening second", func() (reply, bool) {
		got := shopper.order(id)
		return got, got.Status == http.StatusCreated
	})
	if time.Now().Before(opens.Add(-50 * time.Millisecond)) {
		t.Error("an order was taken before the opening")
	}
}

func TestBadDrops(t *testing.T) {
	r := shared(t)
	seller, shopper := r.logIn(system.SellerEmail), r.logIn(system.ShopperEmail)
	past := time.Now().Add(-time.Hour).Format(time.RFC3339)
	wantCode(t, shopper.do("POST", "/v1/products", drop(nil)), http.StatusForbidden, domain.CodeForbidden)
	wantCode(t, r.send("POST", "/v1/products", drop(nil)), http.StatusUnauthorized, domain.CodeUnauthenticated)
	for pointer, change := range map[string]func(map[string]any){
		"/price":            func(b map[string]any) { b["price"] = -1 },
		"/quantity":         func(b map[string]any) { b["quantity"] = 1e9 },
		"/discount":         func(b map[string]any) { b["discount"] = 100 },
		"/name":             func(b map[string]any) { b["name"] = "" },
		"/orderingOpensAt":  func(b map[string]any) { b["orderingOpensAt"] = past },
		"/orderingClosesAt": func(b map[string]any) { b["orderingClosesAt"] = past },
		"/limitPerShopper":  func(b map[string]any) { b["limitPerShopper"] = "one" },
	} {
		got := seller.do("POST", "/v1/products", drop(change))
		wantCode(t, got, http.StatusUnprocessableEntity, domain.CodeValidation)
		if !strings.Contains(string(got.rawBody), `"pointer":"`+pointer+`"`) {
			t.Errorf("no pointer to %s: %s", pointer, got.rawBody)
		}
	}
	wantCode(t, seller.do("POST", "/v1/products", drop(func(b map[string]any) { b["brandId"] = "brd_of-another" })),
		http.StatusNotFound, domain.CodeNotFound)
	wantCode(t, seller.do("POST", "/v1/products/prd_none/stock", map[string]any{"quantity": 1}), http.StatusNotFound, domain.CodeNotFound)
	wantCode(t, shopper.do("POST", "/v1/products/prd_demo-4-tea/stock", map[string]any{"quantity": 1}),
		http.StatusForbidden, domain.CodeForbidden)
}
