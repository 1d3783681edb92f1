package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// Fault 17 of the predecessor: two products of one brand were a 500. They share one fee here, which is 0 from a sum on.
func TestACartIsShownByBrandWithFees(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	product := func(name string, price int) string {
		return seller("POST", "/v1/products", sale(brand, map[string]any{"name": name, "price": price, "discount": 0})).
			want(t, http.StatusCreated, nil).body["id"].(string)
	}
	jar, bowl := product("Jar", 20000), product("Bowl", 10000)
	elsewhere := string(storetest.Product(t, s.store, 3).ID)
	minji := s.shopper()
	line := func(id string, n int) string { return fmt.Sprintf(`{"productId":%q,"quantity":%d}`, id, n) }
	minji("POST", "/v1/carts", line(jar, 1)).want(t, http.StatusOK, map[string]any{"totalAmount": 20000.0,
		"deliveryFee": 3000.0, "paymentAmount": 23000.0})
	minji("POST", "/v1/carts", line(jar, 1)).want(t, http.StatusOK, map[string]any{"totalAmount": 40000.0, "deliveryFee": 3000.0})
	minji("POST", "/v1/carts", line(bowl, 1)).want(t, http.StatusOK, map[string]any{"totalAmount": 50000.0, "deliveryFee": 0.0})
	minji("POST", "/v1/carts", line(elsewhere, 2)).want(t, http.StatusOK, map[string]any{"totalAmount": 52000.0})
	shown := minji("PUT", "/v1/carts", line(bowl, 3)).want(t, http.StatusOK, map[string]any{"totalAmount": 72000.0, "paymentAmount": 72000.0})
	brands := shown.body["brands"].([]any)
	if len(brands) != 2 || len(brands[0].(map[string]any)["items"].([]any)) != 2 || brands[0].(map[string]any)["totalAmount"] != 70000.0 {
		t.Errorf("by brand: %s", shown.text)
	}
	seller("DELETE", "/v1/products/"+jar, "").want(t, http.StatusNoContent, nil)
	after := minji("GET", "/v1/carts", "").want(t, http.StatusOK, map[string]any{"totalAmount": 32000.0, "deliveryFee": 3000.0})
	if !strings.Contains(after.text, `"state":"UNAVAILABLE"`) {
		t.Errorf("a product that is gone is not shown as unavailable: %s", after.text)
	}
	minji("DELETE", "/v1/carts?productId="+jar, "").want(t, http.StatusNoContent, nil)
	minji("DELETE", "/v1/carts", "").want(t, http.StatusNoContent, nil)
	minji("GET", "/v1/carts", "").want(t, http.StatusOK, map[string]any{"totalAmount": 0.0, "paymentAmount": 0.0})
	minji("PUT", "/v1/carts", line(bowl, 1)).problem(t, http.StatusNotFound, domain.CodeNotFound)
	minji("POST", "/v1/carts", line("prd_none", 1)).problem(t, http.StatusUnprocessableEntity, domain.CodeUnknownProduct)
	minji("POST", "/v1/carts", line(bowl, 101)).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	s.as("", "")("GET", "/v1/carts", "").problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
}

// A quote is what the order then costs, and holds nothing.
func TestAQuoteIsWhatTheOrderCosts(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	made := seller("POST", "/v1/products", sale(brand, map[string]any{"price": 9999, "discount": 33})).want(t, http.StatusCreated, nil)
	id, plain := made.body["id"].(string), storetest.Product(t, s.store, 4)
	items := fmt.Sprintf(`{"items":[{"productId":%q,"quantity":2},{"productId":%q,"quantity":3}]`, id, plain.ID)
	quote := s.as("", "")("POST", "/v1/quotes", items+"}").want(t, http.StatusOK, map[string]any{
		"orderName": "Moon Jar 외 1건", "totalAmount": 2*6699.0 + 3000, "deliveryFee": 3000.0, "currency": "KRW",
	})
	if stock, err := s.store.Stock(t.Context(), plain.ID); err != nil || stock.Held != 0 {
		t.Errorf("a quote holds %+v, %v", stock, err)
	}
	placed := s.shopper()("POST", "/v1/orders", items+`,"receiver":{"name":"Kim Minji","phone":"010-1234-5678","zipCode":"04524","address":"110 Sejong-daero, Seoul"}}`,
		"Idempotency-Key", "a").want(t, http.StatusCreated, nil)
	for _, name := range []string{"totalAmount", "deliveryFee", "paymentAmount"} {
		if placed.body[name] != quote.body[name] {
			t.Errorf("%s: the order costs %v, the quote says %v", name, placed.body[name], quote.body[name])
		}
	}
	if placed.body["name"] != quote.body["orderName"] {
		t.Errorf("the order is %v, the quote %v", placed.body["name"], quote.body["orderName"])
	}
	for name, body := range map[string]string{
		"nothing": `{"items":[]}`, "twice": fmt.Sprintf(`{"items":[{"productId":%q,"quantity":1},{"productId":%q,"quantity":1}]}`, id, id),
		"none of it": fmt.Sprintf(`{"items":[{"productId":%q,"quantity":0}]}`, id), "null": `{"items":[{"productId":null,"quantity":null}]}`,
	} {
		if got := s.as("", "")("POST", "/v1/quotes", body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// An order names an address of its shopper, or brings its own, which it may save; what was ordered leaves the cart.
func TestAnOrderWithAnAddressOutOfTheCart(t *testing.T) {
	s := newShop(t)
	product := storetest.Product(t, s.store, 10)
	minji, other := s.signUp("minji@example.com", "CUSTOMER"), s.signUp("yuna@example.com", "CUSTOMER")
	address := minji("GET", "/v1/users/addresses", "").want(t, http.StatusOK, nil).body["items"].([]any)[0].(map[string]any)["id"].(string)
	minji("POST", "/v1/carts", fmt.Sprintf(`{"productId":%q,"quantity":3}`, product.ID)).want(t, http.StatusOK, nil)
	body := fmt.Sprintf(`{"items":[{"productId":%q,"quantity":2}],"addressId":%q,"removeFromCart":true}`, product.ID, address)
	placed := minji("POST", "/v1/orders", body, "Idempotency-Key", "a").want(t, http.StatusCreated, nil)
	path := "/v1/orders/" + placed.body["id"].(string)
	shown := minji("GET", path, "").want(t, http.StatusOK, nil)
	receiver, _ := shown.body["receiver"].(map[string]any)
	if receiver["name"] != "Kim Minji" || receiver["zipCode"] != "04524" {
		t.Errorf("the receiver is %v", receiver)
	}
	if line := shown.body["items"].([]any)[0].(map[string]any); line["lineAmount"] != 2000.0 {
		t.Errorf("the line is %v", line)
	}
	minji("GET", "/v1/carts", "").want(t, http.StatusOK, map[string]any{"totalAmount": 1000.0})
	other("GET", path, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	other("POST", "/v1/orders", body, "Idempotency-Key", "a").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)

	own := strings.Replace(order(product.ID, "1"), `"receiver"`, `"saveAddress":true,"receiver"`, 1)
	own = strings.Replace(own, "Kim Minji", "Lee Jun", 1)
	for key := range 2 { // the same address twice is one
		minji("POST", "/v1/orders", own, "Idempotency-Key", fmt.Sprint("own", key)).want(t, http.StatusCreated, nil)
	}
	list := minji("GET", "/v1/users/addresses", "").want(t, http.StatusOK, nil).body["items"].([]any)
	if len(list) != 2 || list[1].(map[string]any)["name"] != "Lee Jun" {
		t.Errorf("the addresses are %v", list)
	}
	minji("PUT", "/v1/users/addresses/"+list[1].(map[string]any)["id"].(string)+"/default", "").want(t, http.StatusNoContent, nil)
	minji("DELETE", "/v1/users/addresses/"+address, "").want(t, http.StatusNoContent, nil)
	minji("POST", "/v1/orders", body, "Idempotency-Key", "a").want(t, http.StatusCreated, map[string]any{"id": placed.body["id"]}) // a replay
	minji("POST", "/v1/orders", body, "Idempotency-Key", "b").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	for name, bad := range map[string]string{
		"no receiver": fmt.Sprintf(`{"items":[{"productId":%q,"quantity":1}]}`, product.ID),
		"two of them": strings.Replace(order(product.ID, "1"), `"receiver"`, `"addressId":"`+address+`","receiver"`, 1),
	} {
		if got := minji("POST", "/v1/orders", bad, "Idempotency-Key", name[:2]); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// A shopper sees what may be done with an order, and until when; and lists those of one status.
func TestAnOrderSaysWhatMayBeDone(t *testing.T) {
	s := newShop(t)
	product := storetest.Product(t, s.store, 10)
	minji := s.shopper()
	placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "a").want(t, http.StatusCreated, nil)
	path := "/v1/orders/" + placed.body["id"].(string)
	actions := placed.body["actions"].([]any)
	if len(actions) != 2 || actions[0].(map[string]any)["action"] != "pay" || actions[0].(map[string]any)["until"] != placed.body["payBy"] ||
		actions[1].(map[string]any)["action"] != "cancel" {
		t.Errorf("a held order: %v", actions)
	}
	canceled := minji("POST", path+"/cancel", "").want(t, http.StatusOK, nil)
	if actions := canceled.body["actions"].([]any); len(actions) != 0 {
		t.Errorf("a canceled order: %v", actions)
	}
	minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "b").want(t, http.StatusCreated, nil)
	for status, n := range map[string]int{"HELD": 1, "CANCELED": 1, "PLACED": 0} {
		if got := minji("GET", "/v1/orders?status="+status, "").want(t, http.StatusOK, nil); len(got.body["items"].([]any)) != n {
			t.Errorf("%s: %s", status, got.text)
		}
	}
	minji("GET", "/v1/orders?status=LOST", "").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}
