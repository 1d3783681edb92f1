package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"runrun/domain"
)

// Fault 17 of the predecessor: requests that were a 500 there. Two products of one brand are an order; the others are told what is wrong.
func TestTheRequestsThatBrokeThePredecessor(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	product := func() string {
		return seller("POST", "/v1/products", sale(brand, nil)).want(t, http.StatusCreated, nil).body["id"].(string)
	}
	a, b := product(), product()
	body := func(items string) string {
		return `{"items":[` + items + `],"receiver":{"name":"Kim Minji","phone":"010-1234-5678","zipCode":"04524","address":"110 Sejong-daero, Seoul"}}`
	}
	line := func(id, quantity string) string { return fmt.Sprintf(`{"productId":%q,"quantity":%s}`, id, quantity) }
	minji := s.shopper()
	minji("POST", "/v1/orders", body(line(a, "1")+","+line(b, "1")), "Idempotency-Key", "two").
		want(t, http.StatusCreated, map[string]any{"totalAmount": 21600.0, "deliveryFee": 3000.0})
	for name, c := range map[string]struct {
		path, body string
		status     int
		code       domain.Code
	}{
		"a product twice":  {"/v1/orders", body(line(a, "1") + "," + line(a, "1")), http.StatusUnprocessableEntity, domain.CodeValidation},
		"no quantity":      {"/v1/orders", body(line(a, "null")), http.StatusUnprocessableEntity, domain.CodeValidation},
		"half a body":      {"/v1/orders", body(line(a, "1"))[:30], http.StatusBadRequest, "MALFORMED_REQUEST"},
		"an unknown path":  {"/v1/nonsense", "{}", http.StatusNotFound, domain.CodeNotFound},
		"a null for items": {"/v1/orders", `{"items":null}`, http.StatusUnprocessableEntity, domain.CodeValidation},
	} {
		got := minji("POST", c.path, c.body, "Idempotency-Key", "k")
		if got.status != c.status || got.body["code"] != string(c.code) {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.text, c.status, c.code)
		}
	}
}
