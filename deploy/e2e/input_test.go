package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"runrun/api/rest"
	api "runrun/api/server"
	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// Every bad order gets an error of its own kind, and nothing is written.
func TestBadOrders(t *testing.T) {
	r := shared(t)
	product := r.product(5)
	future := r.product(5, func(p *domain.Product) { p.OpensAt = time.Now().Add(time.Hour) })
	closed := r.product(5, func(p *domain.Product) { p.ClosesAt = time.Now().Add(-time.Hour) })
	shopper := r.logIn(system.NumberedEmail(40))
	before := ordersIn(t, r)
	items := func(list ...any) map[string]any { return map[string]any{"items": list, "receiver": receiver} }
	item := func(id any, quantity any) map[string]any {
		return map[string]any{"productId": id, "quantity": quantity}
	}
	for name, c := range map[string]struct {
		body    any
		status  int
		code    domain.Code
		pointer string
	}{
		"unknown product":   {orderOf("prd_no-such", 1), 422, domain.CodeUnknownProduct, "/items/0/productId"},
		"not a product id":  {orderOf("x", 1), 422, domain.CodeValidation, "/items/0/productId"},
		"quantity 0":        {orderOf(product, 0), 422, domain.CodeValidation, "/items/0/quantity"},
		"quantity -1":       {orderOf(product, -1), 422, domain.CodeValidation, "/items/0/quantity"},
		"quantity 10^9":     {orderOf(product, 1_000_000_000), 422, domain.CodeValidation, "/items/0/quantity"},
		"quantity 10^30":    {`{"items":[{"productId":"` + string(product) + `","quantity":1e30}]}`, 422, domain.CodeValidation, ""},
		"quantity 1.5":      {orderOf(product, 1.5), 422, domain.CodeValidation, "/items/0/quantity"},
		"quantity null":     {orderOf(product, nil), 422, domain.CodeValidation, "/items/0/quantity"},
		"quantity a string": {orderOf(product, "1"), 422, domain.CodeValidation, "/items/0/quantity"},
		"a product twice":   {items(item(product, 1), item(product, 1)), 422, domain.CodeValidation, "/items/1/productId"},
		"no items":          {items(), 422, domain.CodeValidation, "/items"},
		"no receiver":       {map[string]any{"items": []any{item(product, 1)}}, 422, domain.CodeValidation, ""},
		"a bad phone":       {map[string]any{"items": []any{item(product, 1)}, "receiver": map[string]string{"name": "Kim", "phone": "12", "zipCode": "04524", "address": "110 Sejong-daero"}}, 422, domain.CodeValidation, "/receiver/phone"},
		"an unknown field":  {map[string]any{"items": []any{item(product, 1)}, "receiver": receiver, "price": 1}, 422, domain.CodeValidation, "/price"},
		"malformed JSON":    {`{"items":[`, 400, rest.CodeMalformedRequest, ""},
		"not an object":     {`[]`, 422, domain.CodeValidation, ""},
		"no body":           {"", 400, rest.CodeMalformedRequest, ""},
		"a megabyte":        {`{"items":"` + strings.Repeat("x", 1<<20) + `"}`, 413, rest.CodePayloadTooLarge, ""},
		"not open yet":      {orderOf(future, 1), 409, domain.CodeNotOpenYet, ""},
		"closed":            {orderOf(closed, 1), 409, domain.CodeClosed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := shopper.do("POST", "/v1/orders", c.body, "Idempotency-Key", uuid.NewString())
			wantCode(t, got, c.status, c.code)
			if c.pointer != "" && !strings.Contains(string(got.rawBody), `"pointer":"`+c.pointer+`"`) {
				t.Errorf("no pointer to %s: %s", c.pointer, got.rawBody)
			}
			if got.str("traceId") == "" || strings.Contains(string(got.rawBody), "runrun/") {
				t.Errorf("the problem: %s", got.rawBody)
			}
			if c.code == domain.CodeNotOpenYet && got.str("orderingOpensAt") == "" {
				t.Errorf("it does not say when it opens: %s", got.rawBody)
			}
		})
	}
	t.Run("no idempotency key", func(t *testing.T) {
		wantCode(t, shopper.do("POST", "/v1/orders", orderOf(product, 1)), 400, domain.CodeIdempotencyMissing)
	})
	t.Run("a long idempotency key", func(t *testing.T) {
		wantCode(t, shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", strings.Repeat("k", 201)), 422,
			domain.CodeValidation)
	})
	t.Run("not JSON", func(t *testing.T) {
		wantCode(t,
			shopper.do("POST", "/v1/orders", "items=1", "Idempotency-Key", "k", "Content-Type", "application/x-www-form-urlencoded"),
			415, rest.CodeUnsupportedMediaType)
	})
	if after := ordersIn(t, r); after != before {
		t.Errorf("%d orders were written", after-before)
	}
	storetest.WantStock(t, r.Store, product, 5, 0, 0)
}

func ordersIn(t *testing.T, r harness) int {
	t.Helper()
	var n int
	if err := r.Store.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM orders").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBadPayments(t *testing.T) {
	r := shared(t)
	product := r.product(2)
	owner, other := r.logIn(system.NumberedEmail(41)), r.logIn(system.NumberedEmail(42))
	order := owner.held(product)
	id, amount := order.str("id"), order.Body["paymentAmount"]
	body := func(id, key, amount any) map[string]any {
		return map[string]any{"orderId": id, "paymentKey": key, "amount": amount}
	}
	for name, c := range map[string]struct {
		who    as
		body   any
		status int
		code   domain.Code
	}{
		"another's order": {other, body(id, "pay_x", amount), 404, domain.CodeNotFound},
		"no such order":   {owner, body("ord_none", "pay_x", amount), 404, domain.CodeNotFound},
		"wrong amount":    {owner, body(id, "pay_x", 1), 422, domain.CodeAmountMismatch},
		"no key":          {owner, body(id, "", amount), 422, domain.CodeValidation},
		"a long key":      {owner, body(id, strings.Repeat("k", 201), amount), 422, domain.CodeValidation},
		"a strange key":   {owner, body(id, "schlüssel\n", amount), 422, domain.CodeValidation},
		"malformed":       {owner, `{`, 400, rest.CodeMalformedRequest},
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, c.who.do("POST", "/v1/payments/confirm", c.body), c.status, c.code)
		})
	}
	for _, path := range []string{"/v1/orders/" + id, "/v1/checkout/" + id, "/v1/orders/" + id + "/events"} {
		wantCode(t, other.do("GET", path, nil), 404, domain.CodeNotFound)
	}
	wantCode(t, other.do("POST", "/v1/orders/"+id+"/cancel", nil), 404, domain.CodeNotFound)
	payments, err := r.Store.Payments(t.Context(), domain.OrderID(id))
	if err != nil || len(payments) != 0 {
		t.Errorf("payments were written: %v, %v", payments, err)
	}
	if len(owner.want(200, "GET", "/v1/orders/"+id, nil).rawBody) == 0 || r.approvals(id) != 0 {
		t.Error("money moved")
	}
}

// RFC 8725: one algorithm, one type, every claim.
func TestBadTokens(t *testing.T) {
	r := shared(t)
	key, err := base64.StdEncoding.DecodeString(api.DevelopmentJWTKey)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	good := func() jwt.MapClaims {
		return jwt.MapClaims{
			"iss":  "runrun",
			"aud":  "runrun-api",
			"sub":  "usr_a-token",
			"role": "CUSTOMER",
			"jti":  "1",
			"iat":  now.Unix(),
			"exp":  now.Add(time.Minute).Unix(),
		}
	}
	sign := func(method jwt.SigningMethod, key any, typ string, change func(jwt.MapClaims)) string {
		claims := good()
		if change != nil {
			change(claims)
		}
		token := jwt.NewWithClaims(method, claims)
		token.Header["typ"] = typ
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	hs := func(change func(jwt.MapClaims)) string { return sign(jwt.SigningMethodHS256, key, "at+jwt", change) }
	if got := (as{r, hs(nil)}).do("GET", "/v1/orders", nil); got.Status != http.StatusOK {
		t.Fatalf("a good token that anyone with the key may mint: %d %s", got.Status, got.rawBody)
	}
	for name, c := range map[string]struct {
		token string
		code  domain.Code
	}{
		"expired":             {hs(func(c jwt.MapClaims) { c["exp"] = now.Add(-time.Minute).Unix() }), domain.CodeTokenExpired},
		"without end":         {hs(func(c jwt.MapClaims) { delete(c, "exp") }), domain.CodeTokenInvalid},
		"of another issuer":   {hs(func(c jwt.MapClaims) { c["iss"] = "x" }), domain.CodeTokenInvalid},
		"for another":         {hs(func(c jwt.MapClaims) { c["aud"] = "x" }), domain.CodeTokenInvalid},
		"from the future":     {hs(func(c jwt.MapClaims) { c["iat"] = now.Add(time.Hour).Unix() }), domain.CodeTokenInvalid},
		"without a user":      {hs(func(c jwt.MapClaims) { delete(c, "sub") }), domain.CodeTokenInvalid},
		"of an unknown role":  {hs(func(c jwt.MapClaims) { c["role"] = "KING" }), domain.CodeTokenInvalid},
		"alg none":            {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "at+jwt", nil), domain.CodeTokenInvalid},
		"HS512":               {sign(jwt.SigningMethodHS512, key, "at+jwt", nil), domain.CodeTokenInvalid},
		"another key":         {sign(jwt.SigningMethodHS256, []byte("another key, of at least 32 bytes"), "at+jwt", nil), domain.CodeTokenInvalid},
		"RS256 in name":       {rename(t, hs(nil), "RS256"), domain.CodeTokenInvalid},
		"a refresh token JWT": {sign(jwt.SigningMethodHS256, key, "rt+jwt", nil), domain.CodeTokenInvalid},
		"a plain JWT":         {sign(jwt.SigningMethodHS256, key, "JWT", nil), domain.CodeTokenInvalid},
		"an opaque token":     {"rt_" + uuid.NewString(), domain.CodeTokenInvalid},
		"nothing":             {"", domain.CodeUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			got := (as{r, c.token}).do("GET", "/v1/orders", nil)
			wantCode(t, got, http.StatusUnauthorized, c.code)
			if got.Header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	got := r.send("GET", "/v1/orders", nil, "X-User-Id", "usr_demo-shopper", "Authorization", "Basic x")
	wantCode(t, got, http.StatusUnauthorized, domain.CodeUnauthenticated)
}

// rename puts another algorithm into a token's header: the confusion of HS and RS.
func rename(t *testing.T, token, algorithm string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	parts[0] = base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"alg":%q,"typ":"at+jwt"}`, algorithm)))
	return strings.Join(parts, ".")
}

func TestBadLogins(t *testing.T) {
	r := shared(t)
	for name, c := range map[string]struct {
		body   any
		status int
		code   domain.Code
	}{
		"wrong password":  {map[string]string{"email": system.ShopperEmail, "password": "wrong"}, 401, domain.CodeLoginFailed},
		"no such account": {map[string]string{"email": "nobody@runrun.test", "password": system.DemoPassword}, 401, domain.CodeLoginFailed},
		"not an address":  {map[string]string{"email": "x", "password": "y"}, 422, domain.CodeValidation},
		"no password":     {map[string]string{"email": system.ShopperEmail}, 422, domain.CodeValidation},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, r.send("POST", "/v1/users/login", c.body), c.status, c.code) })
	}
	if r.logIn("SHOPPER@runrun.test").token == "" {
		t.Error("an address in capitals does not log in")
	}
}

func TestUnknownPlaces(t *testing.T) {
	r := shared(t)
	wantCode(t, r.send("GET", "/v1/nothing", nil), 404, domain.CodeNotFound)
	wantCode(t, r.send("DELETE", "/v1/products", nil), 405, rest.CodeMethodNotAllowed)
	wantCode(t, r.send("GET", "/v1/products/prd_none", nil), 404, domain.CodeNotFound)
	wantCode(t, r.send("GET", "/v1/products/prd_none/stock", nil), 404, domain.CodeNotFound)
	wantCode(t, r.send("GET", "/v1/products?limit=0", nil), 422, domain.CodeValidation)
	shopper := r.logIn(system.ShopperEmail)
	wantCode(t, shopper.do("GET", "/v1/orders/ord_none", nil), 404, domain.CodeNotFound)
	for _, place := range []string{ // no id is like this
		"/v1/products/%C3%A9", "/v1/products/%C3%A9/stock", "/v1/products/%C3%A9/events", "/v1/products?cursor=%C3%A9",
	} {
		wantCode(t, r.send("GET", place, nil), 422, domain.CodeValidation)
	}
	for _, place := range []string{"/v1/orders/%C3%A9", "/v1/orders/%C3%A9/events", "/v1/orders?cursor=%C3%A9", "/v1/checkout/%C3%A9"} {
		wantCode(t, shopper.do("GET", place, nil), 422, domain.CodeValidation)
	}
	order := shopper.held(r.product(1))
	wantCode(t, shopper.do("GET", "/v1/orders/"+order.str("id")+"?wait=soon", nil), 422, domain.CodeValidation)
}

// Every reader of a body sees the same: a second spelling of a key, and a key that is named twice, are refused, and nothing is
// written.
func TestAKeyHasOneSpellingAndOneValue(t *testing.T) {
	r := shared(t)
	product := r.product(20)
	shopper, seller := r.logIn(system.NumberedEmail(43)), r.logIn(system.SellerEmail)
	text := func(body any) string {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	// with adds members to an object whose first member is given.
	with := func(body, first, more string) string { return strings.Replace(body, first, more+","+first, 1) }
	order, sale := text(orderOf(product, 1)), text(drop(nil))
	orders, products := ordersIn(t, r), storetest.Count(t, r.Store, "SELECT COUNT(*) FROM products")
	for name, c := range map[string]struct {
		who              as
		path, body, want string
	}{
		"quantity in capitals":  {shopper, "/v1/orders", with(order, `"quantity"`, `"Quantity":5`), "/items/0/Quantity"},
		"only in capitals":      {shopper, "/v1/orders", strings.Replace(order, `"quantity"`, `"QUANTITY"`, 1), "/items/0/QUANTITY"},
		"quantity twice":        {shopper, "/v1/orders", with(order, `"quantity"`, `"quantity":5`), "/items/0/quantity"},
		"items twice":           {shopper, "/v1/orders", with(order, `"items"`, `"items":[]`), "/items"},
		"a huge second address": {shopper, "/v1/orders", with(order, `"address"`, `"Address":"`+strings.Repeat("‹", 20000)+`"`), "/receiver/Address"},
		"a long address":        {shopper, "/v1/orders", strings.Replace(order, "110 Sejong", strings.Repeat("‹", 400), 1), "/receiver/address"},
		"a negative price":      {seller, "/v1/products", with(sale, `"price"`, `"Price":-50000`), "/Price"},
		"a large discount":      {seller, "/v1/products", with(sale, `"price"`, `"Discount":250`), "/Discount"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.body == order || c.body == sale {
				t.Fatal("the body was not changed")
			}
			got := c.who.do("POST", c.path, c.body, "Idempotency-Key", uuid.NewString())
			wantCode(t, got, http.StatusUnprocessableEntity, domain.CodeValidation)
			if !strings.Contains(string(got.rawBody), `"pointer":"`+c.want+`"`) {
				t.Errorf("no pointer to %s: %s", c.want, got.rawBody)
			}
		})
	}
	wantCode(t, shopper.do("POST", "/v1/orders", "{\"items\":\"\xff\"}", "Idempotency-Key", "k"), 400, rest.CodeMalformedRequest)
	if ordersIn(t, r) != orders || storetest.Count(t, r.Store, "SELECT COUNT(*) FROM products") != products {
		t.Error("something was written")
	}
}

// Names and addresses of people are kept in one form, and can be read.
func TestReceivers(t *testing.T) {
	r := shared(t)
	product := r.product(20)
	shopper := r.logIn(system.NumberedEmail(44))
	place := func(field, value string) reply {
		changed := maps.Clone(receiver)
		changed[field] = value
		return shopper.do("POST", "/v1/orders",
			map[string]any{"items": []any{map[string]any{"productId": product, "quantity": 1}}, "receiver": changed},
			"Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
	}
	for _, phone := range []string{"02-123-4567", "02-1234-5678", "031-123-4567", "0505-123-4567", "070-1234-5678", "010-1234-5678"} {
		if got := place("phone", phone); got.Status != http.StatusCreated {
			t.Errorf("%s: %d %s", phone, got.Status, got.rawBody)
		}
	}
	for field, values := range map[string][]string{
		"phone":   {"000-1234-5678", "01-123-4567", "010 1234 5678", "010-1234-567"},
		"name":    {"\u200b\u200b\u200b", "Kim\u202eijniM", "Kim\x00", "ㅤㅤ", "--", "   Kim   \n\t K" + strings.Repeat("i", 40)},
		"address": {strings.Repeat(" ", 20), strings.Repeat("\u00ad", 10)},
	} {
		for _, value := range values {
			got := place(field, value)
			wantCode(t, got, http.StatusUnprocessableEntity, domain.CodeValidation)
			if !strings.Contains(string(got.rawBody), `"pointer":"/receiver/`+field+`"`) {
				t.Errorf("%s %q: %s", field, value, got.rawBody)
			}
		}
	}
	composed, decomposed := "김민지", "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u1175"
	got := place("name", "  "+decomposed+" ")
	kept, err := r.Store.Receiver(t.Context(), domain.OrderID(got.str("id")))
	if err != nil || kept.Name != composed {
		t.Errorf("kept as %q, %v", kept.Name, err)
	}
}

// A product that no rule of today would let in does not hide the others.
func TestOneBadRowHidesNobody(t *testing.T) {
	r := shared(t)
	good := r.product(1)
	bad := r.product(1)
	storetest.Exec(t, r.Store, "UPDATE products SET discount = 250 WHERE id = ?", bad)
	defer storetest.Exec(t, r.Store, "UPDATE products SET discount = 0 WHERE id = ?", bad)
	seen := map[string]bool{}
	for cursor := ""; ; {
		page := r.send("GET", "/v1/products?limit=1&cursor="+cursor, nil)
		if page.Status != http.StatusOK {
			t.Fatalf("the list: %d %s", page.Status, page.rawBody)
		}
		for _, item := range page.Body["items"].([]any) {
			seen[item.(map[string]any)["id"].(string)] = true
		}
		if cursor = page.str("nextCursor"); cursor == "" {
			break
		}
	}
	if !seen[string(good)] || seen[string(bad)] {
		t.Errorf("the list shows the good product: %t, the bad one: %t", seen[string(good)], seen[string(bad)])
	}
}
