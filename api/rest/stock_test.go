package rest_test

import (
	"net/http"
	"testing"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

func TestStockIsCounted(t *testing.T) {
	s := newShop(t)
	product := storetest.Product(t, s.store, 5)
	storetest.Held(t, s.store, "usr_a", storetest.Item(product, 2))
	s.as("", "")("GET", "/v1/products/"+string(product.ID)+"/stock", "").want(t, http.StatusOK,
		map[string]any{"total": 5.0, "available": 3.0, "held": 2.0, "sold": 0.0})
	s.as("", "")("GET", "/v1/products/prd_none/stock", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
}

// Units that a seller adds are shown and sold at once, also after the product was sold out.
func TestAddedUnitsAreSoldAtOnce(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	product := storetest.Product(t, s.store, 0, func(p *domain.Product) { p.BrandID = brand })
	minji, path := s.shopper(), "/v1/products/"+string(product.ID)+"/stock"
	s.as("", "")("GET", path, "").want(t, http.StatusOK, map[string]any{"available": 0.0})
	minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k").problem(t, http.StatusConflict, domain.CodeSoldOut)
	seller("POST", path, `{"quantity":2}`).want(t, http.StatusOK, map[string]any{"available": 2.0, "total": 2.0})
	minji("POST", "/v1/orders", order(product.ID, "2"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
}

func TestStockIsTheSellersAndNeverBelowWhatIsHeld(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	_, other := s.seller()
	product := storetest.Product(t, s.store, 5, func(p *domain.Product) { p.BrandID = brand })
	path := "/v1/products/" + string(product.ID) + "/stock"
	storetest.Held(t, s.store, "usr_a", storetest.Item(product, 3))
	for name, c := range map[string]struct {
		by     func(method, path, body string, headers ...string) answer
		path   string
		body   string
		status int
		code   domain.Code
	}{
		"another seller":         {other, path, `{"quantity":1}`, http.StatusNotFound, domain.CodeNotFound},
		"a shopper":              {s.shopper(), path, `{"quantity":1}`, http.StatusForbidden, domain.CodeForbidden},
		"more than available":    {seller, path, `{"quantity":-3}`, http.StatusConflict, domain.CodeConflict},
		"more than there may be": {seller, path, `{"quantity":1000001}`, http.StatusUnprocessableEntity, domain.CodeValidation},
		"no product":             {seller, "/v1/products/prd_none/stock", `{"quantity":1}`, http.StatusNotFound, domain.CodeNotFound},
		"no quantity":            {seller, path, `{}`, http.StatusUnprocessableEntity, domain.CodeValidation},
	} {
		t.Run(name, func(t *testing.T) { c.by("POST", c.path, c.body).problem(t, c.status, c.code) })
	}
	storetest.WantStock(t, s.store, product.ID, 2, 3, 0)
	seller("POST", path, `{"quantity":-2}`).want(t, http.StatusOK, map[string]any{"available": 0.0, "held": 3.0})
}

func TestTheEventsOfAProductBeginWithItsStockAndFollowIt(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	product := storetest.Product(t, s.store, 5, func(p *domain.Product) { p.BrandID = brand })
	path := "/v1/products/" + string(product.ID)
	events := s.follow(path+"/events", nil)
	if got := events.next("stock"); got.data["available"] != 5.0 || got.id != "1" {
		t.Errorf("the first is %v", got)
	}
	seller("POST", path+"/stock", `{"quantity":4}`).want(t, http.StatusOK, nil)
	if got := events.next("stock"); got.data["available"] != 9.0 || got.id != "2" {
		t.Errorf("the second is %v", got)
	}
	s.as("", "")("GET", "/v1/products/prd_none/events", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
}

// One address may have only so many streams; a stream that ends makes room.
func TestTheStreamsOfAnAddressAreBounded(t *testing.T) {
	s := newShop(t)
	product := storetest.Product(t, s.store, 5)
	path := "/v1/products/" + string(product.ID) + "/events"
	first := s.follow(path, nil)
	s.follow(path, nil).next("stock")
	s.as("", "")("GET", path, "").problem(t, http.StatusTooManyRequests, domain.CodeTooManyRequests)
	first.next("stock")
	first.close()
	s.eventually(func() bool {
		third, status := s.open(path, nil)
		if status == http.StatusOK {
			third.next("stock")
		}
		return status == http.StatusOK
	})
}
