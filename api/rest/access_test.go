package rest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"runrun/api/rest"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// operation is one of the description.
type operation struct {
	id, method, path string
	types            []string // of its body
}

func openAPI(t testing.TB) []byte {
	t.Helper()
	text, err := rest.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// operations lists all of the description.
func operations(t *testing.T) (all []operation) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			RequestBody struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(openAPI(t), &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			all = append(all, operation{op.OperationID, strings.ToUpper(method), path, slices.Sorted(maps.Keys(op.RequestBody.Content))})
		}
	}
	return all
}

// estate is what a seller and a shopper own.
type estate struct {
	product domain.ProductID
	ids     map[string]string // path parameters, by name and, of ids, by the first noun of the path
	bodies  map[string]string // good bodies, by operation id
}

// own gives a seller a brand with a product, and a shopper an address and an order.
func (s *shop) own() (seller, shopper domain.UserID, e estate) {
	s.t.Helper()
	owner := s.account(storetest.ID("seller")+"@example.com", domain.RoleSeller).ID
	brand := domain.Brand{
		ID: domain.BrandID(storetest.ID(domain.BrandPrefix)), SellerID: owner, Name: "Hanok", DeliveryFee: domain.Won(0), FreeFrom: domain.Won(0),
		LegalName: "Hanok Inc.", RegistrationNumber: "123-45-67890",
	}
	if err := s.store.AddBrand(s.t.Context(), brand); err != nil {
		s.t.Fatal(err)
	}
	product := storetest.Product(s.t, s.store, 5, func(p *domain.Product) { p.BrandID = brand.ID })
	shopper = s.account(storetest.ID("shopper")+"@example.com", domain.RoleCustomer).ID
	address := domain.Address{ID: domain.AddressID(storetest.ID(domain.AddressPrefix)), UserID: shopper, Receiver: domain.Receiver{
		Name: "Kim Minji", Phone: "010-1234-5678", ZipCode: "04524", Address: "110 Sejong-daero, Seoul",
	}}
	if err := s.store.AddAddress(s.t.Context(), address); err != nil {
		s.t.Fatal(err)
	}
	order := string(storetest.Held(s.t, s.store, shopper, storetest.Item(product, 1)))
	return owner, shopper, estate{product.ID, map[string]string{
		"products": string(product.ID), "brands": string(brand.ID), "orders": order, "orderId": order, "users": string(address.ID),
		"admin": order, "kind": "thumbnail", "action": "retry", "name": "img_00.jpg",
	}, map[string]string{
		"changeAddress":   `{"name":"Lee Jun","phone":"010-9999-0000","zipCode":"12345","address":"1 Haeundae-ro, Busan"}`,
		"createProduct":   sale(brand.ID, nil),
		"changeProduct":   `{"name":"Sun Jar","price":15000,"limitPerShopper":1}`,
		"changeBrand":     brandTerms,
		"setBrandImage":   pictureOf(s.t, 4, 4, "png"),
		"setProductImage": pictureOf(s.t, 4, 4, "png"),
		"changeStock":     `{"quantity":1}`,
		"confirmPayment":  fmt.Sprintf(`{"orderId":%q,"paymentKey":"k","amount":1000}`, order),
	}}
}

// fill puts the ids of an estate into a path.
func (e estate) fill(op operation) string {
	path := op.path
	for name, value := range e.ids {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	noun := strings.Split(path, "/")[2]
	return strings.ReplaceAll(path, "{id}", e.ids[noun])
}

// The table of rules and the description speak of the same operations.
func TestEveryOperationHasARule(t *testing.T) {
	known := rest.Rules()
	for _, op := range operations(t) {
		if _, there := known[op.id]; !there {
			t.Errorf("%s has no rule", op.id)
		}
		delete(known, op.id)
	}
	for id := range known {
		t.Errorf("there is a rule for %s, and no operation", id)
	}
}

// Every operation, called without a token, with the wrong role, and by somebody who does not own what it is about: 401, 403, 404. Nothing
// of the owner's changes by it.
func TestEveryOperationIsForWhomTheTableSays(t *testing.T) {
	s := newShop(t)
	seller, shopper, mine := s.own()
	otherSeller, otherShopper, _ := s.own()
	_ = seller
	walked := map[string]int{}
	for _, op := range operations(t) {
		rule, path := rest.Rules()[op.id], mine.fill(op)
		if op.id == "followStock" {
			path = "/v1/products/prd_none/events" // the stream of one that exists does not end
		}
		if strings.Contains(path, "{") {
			t.Errorf("%s: nothing is known for %s", op.id, path)
		}
		call := func(user domain.UserID, role domain.Role) answer {
			headers := []string{}
			if len(op.types) > 0 {
				headers = append(headers, "Content-Type", strings.Replace(op.types[0], "*", "png", 1))
			}
			return s.as(user, role)(op.method, path, mine.bodies[op.id], headers...)
		}
		nobody := call("", "")
		if !rule.Token {
			if nobody.status == http.StatusForbidden || nobody.status == http.StatusUnauthorized && op.id != "login" && op.id != "refreshToken" {
				t.Errorf("%s is for anybody, who is told %d", op.id, nobody.status)
			}
			continue
		}
		walked["no token"]++
		nobody.problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
		for _, role := range []domain.Role{domain.RoleCustomer, domain.RoleSeller, domain.RoleStaff} {
			if len(rule.Roles) > 0 && !slices.Contains(rule.Roles, role) {
				walked["wrong role"]++
				call(shopper, role).problem(t, http.StatusForbidden, domain.CodeForbidden)
			}
		}
		if rule.Owned {
			walked["other owner"]++
			other := otherShopper
			if slices.Contains(rule.Roles, domain.RoleSeller) {
				other = otherSeller
			}
			got := call(other, append(rule.Roles, domain.RoleCustomer)[0])
			if got.status != http.StatusNotFound || got.body["code"] != "NOT_FOUND" {
				t.Errorf("%s by another owner: %d %s, want 404", op.id, got.status, got.text)
			}
		}
	}
	if walked["no token"] < 30 || walked["wrong role"] < 20 || walked["other owner"] < 15 {
		t.Errorf("only %v were walked", walked)
	}
	storetest.WantStock(t, s.store, mine.product, 4, 1, 0)
	if n := storetest.Count(t, s.store, "SELECT COUNT(*) FROM orders WHERE status = 'HELD'"); n != 2 {
		t.Errorf("%d orders are held, want both", n)
	}
}

// Fault 15 of the predecessor: whoever set a header was that user. Identity is the token's alone.
func TestIdentityIsTheTokensAlone(t *testing.T) {
	s := newShop(t)
	minji := s.signUp("minji@example.com", "CUSTOMER")
	id, _ := minji("GET", "/v1/users/me", "").want(t, http.StatusOK, nil).body["id"].(string)
	for _, header := range []string{"X-User-Id", "User-Id", "X-User", "X-Forwarded-User", "X-Auth-Request-User", "X-User-Role"} {
		s.as("", "")("GET", "/v1/users/me", "", header, id).problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
		got := s.signUpOther(header)("GET", "/v1/users/me", "", header, id).want(t, http.StatusOK, nil)
		if got.body["id"] == id {
			t.Errorf("%s makes a caller another", header)
		}
	}
}

// signUpOther makes an account of its own for a header.
func (s *shop) signUpOther(header string) func(method, path, body string, headers ...string) answer {
	s.t.Helper()
	return s.signUp(strings.ToLower(header)+"@example.com", "CUSTOMER")
}
