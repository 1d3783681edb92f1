package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

func TestPeopleChangeTheirProfile(t *testing.T) {
	s := newShop(t)
	minji := s.signUp("minji@example.com", "CUSTOMER")
	minji("PATCH", "/v1/users/me", `{"phone":"02-123-4567"}`).want(t, http.StatusOK, map[string]any{"name": "Kim Minji", "phone": "02-123-4567"})
	minji("PATCH", "/v1/users/me", `{"name":"Lee"}`).want(t, http.StatusOK, map[string]any{"name": "Lee", "phone": "02-123-4567"})
	minji("PATCH", "/v1/users/me", `{"name":"L"}`).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	minji("PATCH", "/v1/users/me", `{"role":"STAFF"}`).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}

// Of an erased account nothing can be read or used any more; its orders stay, without personal data.
func TestAnErasedAccount(t *testing.T) {
	s := newShop(t)
	product := storetest.Product(t, s.store, 5)
	minji := s.signUp("minji@example.com", "CUSTOMER")
	_, cookie := s.logIn("minji@example.com", "Runrun-2024!")
	placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "a").want(t, http.StatusCreated, nil)
	path := "/v1/orders/" + placed.body["id"].(string)
	erase := func(password string) answer {
		return minji("POST", "/v1/users/me/erasure", `{"password":"`+password+`"}`)
	}
	erase("Runrun-2024!").problem(t, http.StatusConflict, domain.CodeOrderState)
	minji("POST", path+"/cancel", "").want(t, http.StatusOK, nil)
	erase("wrong").problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
	erase("Runrun-2024!").want(t, http.StatusNoContent, nil)

	minji("GET", "/v1/users/me", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	minji("GET", path, "").want(t, http.StatusOK, map[string]any{"status": "CANCELED"})
	anybody := s.as("", "")
	anybody("POST", "/v1/users/login", `{"email":"minji@example.com","password":"Runrun-2024!"}`).
		problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
	anybody("POST", "/v1/users/token", "", "Cookie", cookie).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	for what, n := range map[string]int{
		"SELECT COUNT(*) FROM users WHERE LENGTH(email) + LENGTH(name) + LENGTH(phone) > 0": 0, "SELECT COUNT(*) FROM addresses": 0,
		"SELECT COUNT(*) FROM orders WHERE LENGTH(receiver) > 0": 0, "SELECT COUNT(*) FROM orders": 1, "SELECT COUNT(*) FROM sessions": 0,
	} {
		if got := storetest.Count(t, s.store, what); got != n {
			t.Errorf("%s: %d, want %d", what, got, n)
		}
	}
	s.signUp("minji@example.com", "CUSTOMER") // somebody else may have the address now
}

func TestAddressesOverHTTP(t *testing.T) {
	s := newShop(t)
	minji, other := s.signUp("minji@example.com", "CUSTOMER"), s.signUp("yuna@example.com", "CUSTOMER")
	const path = "/v1/users/addresses"
	body := `{"name":"Lee Jun","phone":"010-9999-0000","zipCode":"12345","address":"1 Haeundae-ro, Busan"}`
	added := minji("POST", path, body).want(t, http.StatusCreated, map[string]any{"default": false, "name": "Lee Jun"})
	one := path + "/" + added.body["id"].(string)
	if added.header.Get("Location") != one {
		t.Errorf("Location %s", added.header.Get("Location"))
	}
	for _, call := range []struct{ method, path, body string }{
		{"PUT", one, body}, {"PUT", one + "/default", ""}, {"DELETE", one, ""},
	} {
		other(call.method, call.path, call.body).problem(t, http.StatusNotFound, domain.CodeNotFound)
	}
	minji("PUT", one, strings.Replace(body, "12345", "123", 1)).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	minji("PUT", one, strings.Replace(body, "12345", "54321", 1)).want(t, http.StatusOK, map[string]any{"zipCode": "54321"})
	minji("PUT", one+"/default", "").want(t, http.StatusNoContent, nil)
	first := minji("GET", path, "").want(t, http.StatusOK, nil).body["items"].([]any)
	if len(first) != 2 || first[0].(map[string]any)["id"] != added.body["id"] || first[1].(map[string]any)["default"] != false {
		t.Errorf("the default is not first: %v", first)
	}
	minji("DELETE", one, "").want(t, http.StatusNoContent, nil)
	left := minji("GET", path, "").want(t, http.StatusOK, nil).body["items"].([]any)[0].(map[string]any)
	if left["default"] != true {
		t.Errorf("after the default is deleted, the next is: %v", left)
	}
	minji("DELETE", path+"/"+left["id"].(string), "").problem(t, http.StatusConflict, domain.CodeConflict)
}
