package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// seller adds a brand with a delivery fee, and returns it with its seller.
func (s *shop) seller() (domain.BrandID, func(method, path, body string, headers ...string) answer) {
	s.t.Helper()
	u := s.account(storetest.ID("seller")+"@example.com", domain.RoleSeller)
	brand := domain.Brand{
		ID: domain.BrandID(storetest.ID(domain.BrandPrefix)), SellerID: u.ID, Name: "Hanok Works",
		DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000), LegalName: "Hanok Works Inc.", RegistrationNumber: "123-45-67890",
	}
	if err := s.store.AddBrand(s.t.Context(), brand); err != nil {
		s.t.Fatal(err)
	}
	return brand.ID, s.as(u.ID, domain.RoleSeller)
}

// sale is the body of a new product, with changes.
func sale(brand domain.BrandID, changes map[string]any) string {
	body := map[string]any{"brandId": brand, "name": "Moon Jar", "category": "ceramics", "price": 12000, "discount": 10, "quantity": 4}
	for name, value := range changes {
		body[name] = value
	}
	text, _ := json.Marshal(body)
	return string(text)
}

func TestASellerPutsAProductOnSaleAndAShopperBuysIt(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	created := seller("POST", "/v1/products", sale(brand, nil)).want(t, http.StatusCreated, map[string]any{
		"name": "Moon Jar", "price": 12000.0, "discount": 10.0, "discountedPrice": 10800.0, "limitPerShopper": 5.0, "isOpen": true, "breaker": "closed",
	})
	path := created.header.Get("Location")
	shown := s.as("", "")("GET", path, "").want(t, http.StatusOK, map[string]any{"id": created.body["id"]})
	shownBrand := shown.body["brand"].(map[string]any)
	if shownBrand["name"] != "Hanok Works" || shownBrand["deliveryFee"] != 3000.0 || shownBrand["freeDeliveryFrom"] != 50000.0 {
		t.Errorf("its brand is %v", shownBrand)
	}
	two := order(domain.ProductID(created.body["id"].(string)), "2")
	s.shopper()("POST", "/v1/orders", two, "Idempotency-Key", "k").
		want(t, http.StatusCreated, map[string]any{"totalAmount": 21600.0, "deliveryFee": 3000.0, "paymentAmount": 24600.0})
}

func TestOnlyTheBrandsSellerSells(t *testing.T) {
	s := newShop(t)
	brand, _ := s.seller()
	_, other := s.seller()
	other("POST", "/v1/products", sale(brand, nil)).problem(t, http.StatusNotFound, domain.CodeNotFound)
	other("POST", "/v1/products", sale("brd_none", nil)).problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.shopper()("POST", "/v1/products", sale(brand, nil)).problem(t, http.StatusForbidden, domain.CodeForbidden)
	s.as("", "")("POST", "/v1/products", sale(brand, nil)).problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
	if n := storetest.Count(t, s.store, "SELECT COUNT(*) FROM products WHERE brand_id = ?", brand); n != 0 {
		t.Errorf("%d products were written", n)
	}
}

func TestAProductIsValidated(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	yesterday, tomorrow := time.Now().Add(-24*time.Hour).Format(time.RFC3339), time.Now().Add(24*time.Hour).Format(time.RFC3339)
	for name, c := range map[string]struct {
		changes map[string]any
		pointer string
	}{
		"no name":                  {map[string]any{"name": ""}, "/name"},
		"a name of spaces":         {map[string]any{"name": "  "}, "/name"},
		"a price of nothing":       {map[string]any{"price": 0}, "/price"},
		"a discount of all":        {map[string]any{"discount": 100}, "/discount"},
		"units less than none":     {map[string]any{"quantity": -1}, "/quantity"},
		"an opening that is over":  {map[string]any{"orderingOpensAt": yesterday}, "/orderingOpensAt"},
		"an end that is over":      {map[string]any{"orderingClosesAt": yesterday}, "/orderingClosesAt"},
		"an end before the start":  {map[string]any{"orderingOpensAt": tomorrow, "orderingClosesAt": tomorrow}, "/orderingClosesAt"},
		"a field that is not ours": {map[string]any{"stock": 7}, "/stock"},
	} {
		t.Run(name, func(t *testing.T) {
			got := seller("POST", "/v1/products", sale(brand, c.changes)).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
			if !strings.Contains(got.text, `"pointer":"`+c.pointer+`"`) {
				t.Errorf("the fault is not at %s: %s", c.pointer, got.text)
			}
		})
	}
}

// The seller's word on the limit holds, also if it is none; the shop's default stands where there is no word.
func TestTheLimitPerShopper(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	for name, c := range map[string]struct {
		changes map[string]any
		want    any
	}{
		"the shop's": {nil, 5.0}, "the seller's": {map[string]any{"limitPerShopper": 2}, 2.0}, "none": {map[string]any{"limitPerShopper": 0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			seller("POST", "/v1/products", sale(brand, c.changes)).want(t, http.StatusCreated, map[string]any{"limitPerShopper": c.want})
		})
	}
}

func TestAProductThatOpensLaterTakesNoOrders(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	opens := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	created := seller("POST", "/v1/products", sale(brand, map[string]any{"orderingOpensAt": opens})).
		want(t, http.StatusCreated, map[string]any{"isOpen": false, "orderingOpensAt": opens.Format(time.RFC3339)})
	got := s.shopper()("POST", "/v1/orders", order(domain.ProductID(created.body["id"].(string)), "1"), "Idempotency-Key", "k").
		problem(t, http.StatusConflict, domain.CodeNotOpenYet)
	if got.body["orderingOpensAt"] != opens.Format(time.RFC3339) {
		t.Errorf("when it opens is not said: %s", got.text)
	}
}

func TestAProductIsKeptByReadersUntilItChanges(t *testing.T) {
	s := newShop(t)
	product, anybody := storetest.Product(t, s.store, 1), s.as("", "")
	path := "/v1/products/" + string(product.ID)
	first := anybody("GET", path, "").want(t, http.StatusOK, nil)
	if first.header.Get("Cache-Control") != "public, max-age=1" {
		t.Errorf("it may be kept: %s", first.header.Get("Cache-Control"))
	}
	anybody("GET", path, "", "If-None-Match", first.header.Get("ETag")).want(t, http.StatusNotModified, nil)
	anybody("GET", path, "", "If-None-Match", `W/"another"`).want(t, http.StatusOK, nil)
	anybody("GET", "/v1/products/prd_none", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	anybody("GET", "/v1/products/%C3%A9", "").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}

// A row that today's rules would refuse is left out of the list, and hides no other.
func TestARowThatCannotBeShownHidesNoOther(t *testing.T) {
	s := newShop(t)
	good, bad := storetest.Product(t, s.store, 1), storetest.Product(t, s.store, 1)
	storetest.Exec(t, s.store, "UPDATE products SET discount = 150 WHERE id = ?", bad.ID)
	got := idsOf(s.as("", "")("GET", "/v1/products", "").want(t, http.StatusOK, nil))
	if len(got) != 1 || got[0] != string(good.ID) {
		t.Errorf("the list has %v, want %s", got, good.ID)
	}
}

func TestProductsAreListedNewestFirstInPages(t *testing.T) {
	s := newShop(t)
	var want []string
	for range 5 {
		want = append([]string{string(storetest.Product(t, s.store, 1).ID)}, want...)
	}
	var got []string
	for path := "/v1/products?limit=2"; path != ""; {
		page := s.as("", "")("GET", path, "").want(t, http.StatusOK, nil)
		got = append(got, idsOf(page)...)
		path, _, _ = strings.Cut(strings.TrimPrefix(page.header.Get("Link"), "<"), ">")
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the pages have %v, want %v", got, want)
	}
}
