package rest_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

const brandTerms = `{"name":"Hanok Works","legalName":"Hanok Works Inc.","registrationNumber":"123-45-67890","deliveryFee":3000,` +
	`"freeDeliveryFrom":50000,"introduction":"조용한 집을 위한 물건"}`

func TestASellerFoundsBrands(t *testing.T) {
	s := newShop(t)
	seller, other := s.signUp("seller@example.com", "SELLER"), s.signUp("other@example.com", "SELLER")
	made := seller("POST", "/v1/brands", brandTerms).want(t, http.StatusCreated, map[string]any{"name": "Hanok Works", "deliveryFee": 3000.0})
	path := made.header.Get("Location")
	anybody := s.as("", "")
	anybody("GET", path, "").want(t, http.StatusOK, map[string]any{"introduction": "조용한 집을 위한 물건"})
	renamed := strings.Replace(brandTerms, "Hanok Works", "Hanok House", 1)
	other("PUT", path, renamed).problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.shopper()("PUT", path, renamed).problem(t, http.StatusForbidden, domain.CodeForbidden)
	seller("PUT", path, renamed).want(t, http.StatusOK, map[string]any{"name": "Hanok House"})
	for pointer, bad := range map[string]string{
		"/registrationNumber": strings.Replace(brandTerms, "123-45-67890", "12-345-67890", 1),
		"/deliveryFee":        strings.Replace(brandTerms, ":3000", ":100001", 1),
		"/introduction":       strings.Replace(brandTerms, "조용한", strings.Repeat("조", 200), 1),
	} {
		if got := seller("POST", "/v1/brands", bad).problem(t, http.StatusUnprocessableEntity,
			domain.CodeValidation); !strings.Contains(got.text, pointer) {
			t.Errorf("%s is not named: %s", pointer, got.text)
		}
	}
	for range domain.MaxBrands - 1 {
		seller("POST", "/v1/brands", brandTerms).want(t, http.StatusCreated, nil)
	}
	seller("POST", "/v1/brands", brandTerms).problem(t, http.StatusConflict, domain.CodeLimitExceeded)
	if mine := seller("GET", "/v1/users/me/brands", "").want(t, http.StatusOK, nil).body["items"].([]any); len(mine) != domain.MaxBrands {
		t.Errorf("%d brands are mine", len(mine))
	}
	all := anybody("GET", "/v1/brands?limit=3", "").want(t, http.StatusOK, nil)
	rest := anybody("GET", "/v1/brands?cursor="+all.body["nextCursor"].(string), "").want(t, http.StatusOK, nil)
	if len(all.body["items"].([]any))+len(rest.body["items"].([]any)) != domain.MaxBrands {
		t.Errorf("the pages are %s and %s", all.text, rest.text)
	}
}

func TestAProductIsChangedAndDeleted(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	_, other := s.seller()
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	made := seller("POST", "/v1/products", sale(brand, map[string]any{"orderingOpensAt": tomorrow, "manufacturer": "Hanok",
		"category": "도자기"})).
		want(t, http.StatusCreated, map[string]any{"state": "UPCOMING", "available": 4.0, "category": "Ceramics", "manufacturer": "Hanok"})
	path := made.header.Get("Location")
	steps, _ := json.Marshal(made.body["categoryPath"])
	if !strings.Contains(string(steps), `"cat_home"`) || !strings.HasSuffix(string(steps), `"nameKo":"도자기"}]`) {
		t.Errorf("the path of its category is %s", steps)
	}
	const terms = `{"name":"Sun Jar","category":"cat_ceramics","price":15000,"discount":0,"limitPerShopper":1}`
	other("PUT", path, terms).problem(t, http.StatusNotFound, domain.CodeNotFound)
	other("DELETE", path, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	seller("PUT", path, strings.Replace(terms, "cat_ceramics", "cat_nonsense", 1)).problem(t, http.StatusUnprocessableEntity,
		domain.CodeValidation)
	seller("PUT", path, terms).want(t, http.StatusOK, map[string]any{
		"name": "Sun Jar", "price": 15000.0, "limitPerShopper": 1.0, "state": "UPCOMING", "available": 4.0, "orderingOpensAt": tomorrow,
	})
	s.as("", "")("GET", path, "").want(t, http.StatusOK, map[string]any{"name": "Sun Jar"})
	seller("DELETE", path, "").want(t, http.StatusNoContent, nil)
	s.as("", "")("GET", path, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	seller("DELETE", path, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	if list := s.as("", "")("GET", "/v1/products?brand="+string(brand), "").want(t, http.StatusOK, nil); len(list.body["items"].([]any)) != 0 {
		t.Errorf("a deleted product is listed: %s", list.text)
	}
}

// A change reaches the gate at once: who orders under the old limit or price a moment later does not get them.
func TestAChangeReachesTheGateAtOnce(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	made := seller("POST", "/v1/products", sale(brand, map[string]any{"quantity": 100, "limitPerShopper": 5})).want(t, http.StatusCreated, nil)
	id, path := domain.ProductID(made.body["id"].(string)), made.header.Get("Location")
	first := s.shopper()("POST", "/v1/orders", order(id, "5"), "Idempotency-Key", "a").want(t, http.StatusCreated,
		map[string]any{"totalAmount": 54000.0})
	terms := `{"name":"Moon Jar","category":"ceramics","price":20000,"discount":0,"limitPerShopper":2}`
	seller("PUT", path, terms).problem(t, http.StatusConflict, domain.CodeConflict)
	if _, err := s.store.Release(t.Context(), domain.Release{OrderID: domain.OrderID(first.body["id"].(string)),
		End: domain.StatusCanceled}); err != nil {
		t.Fatal(err)
	}
	seller("PUT", path, terms).want(t, http.StatusOK, map[string]any{"limitPerShopper": 2.0, "price": 20000.0})
	s.shopper()("POST", "/v1/orders", order(id, "3"), "Idempotency-Key", "b").problem(t, http.StatusConflict, domain.CodeLimitExceeded)
	s.shopper()("POST", "/v1/orders", order(id, "2"), "Idempotency-Key", "c").want(t, http.StatusCreated,
		map[string]any{"totalAmount": 40000.0})
	soon := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
	seller("PUT", path, strings.Replace(terms, `"limitPerShopper"`, `"orderingClosesAt":"`+soon+`","limitPerShopper"`, 1)).want(t, http.StatusOK, nil)
	s.closed(id)
	seller("DELETE", path, "").want(t, http.StatusNoContent, nil)
	s.shopper()("POST", "/v1/orders", order(id, "1"), "Idempotency-Key", "d").want(t, http.StatusConflict, map[string]any{"code": "CLOSED"})
}

// closed waits until a product takes no orders any more.
func (s *shop) closed(id domain.ProductID) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got := s.shopper()("POST", "/v1/orders", order(id, "1"), "Idempotency-Key", "k")
		if got.status == http.StatusConflict && got.body["code"] == "CLOSED" {
			return
		}
	}
	s.t.Fatal("the product is still open")
}

func TestProductsAreFound(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	for _, name := range []string{"Moon Jar", "Sun Jar", "Tea Bowl"} {
		seller("POST", "/v1/products", sale(brand, map[string]any{"name": name})).want(t, http.StatusCreated, nil)
	}
	anybody := s.as("", "")
	for query, want := range map[string]int{
		"q=jar": 2, "q=JAR&limit=1": 1, "category=cat_home": 3, "category=cat_food": 0, "state=OPEN": 3, "state=UPCOMING": 0,
		"brand=" + string(brand): 3, "brand=brd_none": 0, "sort=price&q=bowl": 1,
	} {
		got := anybody("GET", "/v1/products?"+query, "").want(t, http.StatusOK, nil)
		if n := len(got.body["items"].([]any)); n != want {
			t.Errorf("%s: %d products, want %d", query, n, want)
		}
	}
	page := anybody("GET", "/v1/products?q=jar&limit=1&sort=-price", "").want(t, http.StatusOK, nil)
	if link := page.header.Get("Link"); !strings.Contains(link, "q=jar") || !strings.Contains(link, "sort=-price") {
		t.Errorf("the way to the next page is %s", link)
	}
	seller("POST", "/v1/products", sale(brand, map[string]any{"name": "newest of all"})).want(t, http.StatusCreated, nil)
	seller("POST", "/v1/products", sale(brand, map[string]any{"name": "newest but one"})).want(t, http.StatusCreated, nil)
	if link := anybody("GET", "/v1/products?q=newest&limit=1", "").want(t, http.StatusOK,
		nil).header.Get("Link"); !strings.Contains(link, "q=newest") {
		t.Errorf("the next page has lost its filter: %s", link)
	}
	for _, bad := range []string{"cursor=x", "cursor=prd_1", "cursor=1_ord_2", "state=open", "sort=name", "limit=0", "color=red"} {
		anybody("GET", "/v1/products?"+bad, "").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	}
	anybody("GET", "/v1/categories", "").want(t, http.StatusOK, nil)
}

func TestLikesOverHTTP(t *testing.T) {
	s := newShop(t)
	path := "/v1/products/" + string(storetest.Product(t, s.store, 1).ID) + "/like"
	minji := s.shopper()
	for range 2 {
		minji("PUT", path, "").want(t, http.StatusOK, map[string]any{"likes": 1.0})
	}
	s.shopper()("PUT", path, "").want(t, http.StatusOK, map[string]any{"likes": 2.0})
	minji("DELETE", path, "").want(t, http.StatusOK, map[string]any{"likes": 1.0})
	s.as("", "")("PUT", path, "").problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
	minji("PUT", "/v1/products/prd_none/like", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
}

func TestTheLedgerOverHTTP(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	_, other := s.seller()
	path := seller("POST", "/v1/products", sale(brand, nil)).want(t, http.StatusCreated, nil).header.Get("Location")
	seller("POST", path+"/stock", `{"quantity":3,"reason":"second delivery"}`).want(t, http.StatusOK, map[string]any{"total": 7.0})
	seller("POST", path+"/stock", `{"quantity":-9}`).problem(t, http.StatusConflict, domain.CodeConflict)
	got := seller("GET", path+"/stock/changes", "").want(t, http.StatusOK, nil)
	lines := got.body["items"].([]any)
	if len(lines) != 2 || lines[0].(map[string]any)["reason"] != "second delivery" || lines[0].(map[string]any)["total"] != 7.0 {
		t.Errorf("the ledger is %s", got.text)
	}
	other("GET", path+"/stock/changes", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.shopper()("GET", path+"/stock/changes", "").problem(t, http.StatusForbidden, domain.CodeForbidden)
}

// A seller sees how many orders were taken and refused; nobody else does.
func TestTheDemandIsForItsSeller(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	_, other := s.seller()
	path := seller("POST", "/v1/products", sale(brand, map[string]any{"quantity": 1, "limitPerShopper": 1})).
		want(t, http.StatusCreated, nil).header.Get("Location")
	id := domain.ProductID(path[len("/v1/products/"):])
	s.shopper()("POST", "/v1/orders", order(id, "1"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
	for range 2 {
		s.shopper()("POST", "/v1/orders", order(id, "1"), "Idempotency-Key", "k").problem(t, http.StatusConflict, domain.CodeSoldOut)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) { // counts are handed on every second
		got := seller("GET", path+"/demand", "").want(t, http.StatusOK, nil)
		if got.body["ordered"] == 1.0 && got.body["refused"] == 2.0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the demand is %s", got.text)
		}
	}
	other("GET", path+"/demand", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.shopper()("GET", path+"/demand", "").problem(t, http.StatusForbidden, domain.CodeForbidden)
}

// picture is an image of a size and a form.
func pictureOf(t testing.TB, width, height int, form string) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	img.Set(1, 1, color.RGBA{R: 255, A: 255})
	var out bytes.Buffer
	err := png.Encode(&out, img)
	if form == "jpeg" {
		out.Reset()
		err = jpeg.Encode(&out, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestImagesAreMadeAnewAndOldOnesRemoved(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	_, other := s.seller()
	path := seller("POST", "/v1/products", sale(brand, nil)).want(t, http.StatusCreated, nil).header.Get("Location")
	upload := path + "/images/thumbnail"
	first := seller("PUT", upload, pictureOf(t, 2000, 1000, "png"), "Content-Type", "image/png").want(t, http.StatusOK, nil)
	shown := s.as("", "")("GET", first.body["thumbnail"].(string), "").want(t, http.StatusOK, nil)
	img, form, err := image.DecodeConfig(strings.NewReader(shown.text))
	if err != nil || form != "jpeg" || img.Width != 800 || img.Height != 400 {
		t.Errorf("it is shown as %s of %d × %d, %v", form, img.Width, img.Height, err)
	}
	if shown.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(shown.header.Get("Cache-Control"), "immutable") {
		t.Errorf("it is sent with %v", shown.header)
	}
	second := seller("PUT", upload, pictureOf(t, 10, 10, "jpeg"), "Content-Type", "image/jpeg").want(t, http.StatusOK, nil)
	if second.body["thumbnail"] == first.body["thumbnail"] {
		t.Error("another picture has the same name")
	}
	s.as("", "")("GET", first.body["thumbnail"].(string), "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.as("", "")("GET", path, "").want(t, http.StatusOK, map[string]any{"thumbnail": second.body["thumbnail"]})
	seller("PUT", path+"/images/description", pictureOf(t, 10, 10, "png"), "Content-Type", "image/png").want(t, http.StatusOK, nil)
	seller("PUT", "/v1/brands/"+string(brand)+"/image", pictureOf(t, 10, 10, "png"), "Content-Type", "image/png").want(t, http.StatusOK, nil)
	other("PUT", upload, pictureOf(t, 10, 10, "png"), "Content-Type", "image/png").problem(t, http.StatusNotFound, domain.CodeNotFound)
	other("PUT", "/v1/brands/"+string(brand)+"/image", pictureOf(t, 10, 10, "png"), "Content-Type", "image/png").
		problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.as("", "")("GET", "/v1/images/secret.jpg", "").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}

// Uploads that are not pictures are refused, whatever their content type says, and nothing of them is kept.
func TestWhatIsNoPictureIsRefused(t *testing.T) {
	s := newShop(t)
	brand, seller := s.seller()
	path := "/v1/brands/" + string(brand) + "/image"
	for name, upload := range map[string]string{
		"text": "<script>alert(1)</script>", "half a picture": pictureOf(t, 50, 50, "png")[:100], "nothing": " ",
		"too many pixels": pictureOf(t, 30_000, 1000, "png"), "an SVG": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
	} {
		got := seller("PUT", path, upload, "Content-Type", "image/png")
		if got.status != http.StatusUnprocessableEntity || got.body["code"] != "VALIDATION" {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	seller("PUT", path, strings.Repeat("x", 6<<20), "Content-Type", "image/png").problem(t, http.StatusRequestEntityTooLarge,
		"PAYLOAD_TOO_LARGE")
	if b := s.as("", "")("GET", "/v1/brands/"+string(brand), "").want(t, http.StatusOK, nil); b.body["image"] != nil {
		t.Errorf("an image was kept: %s", b.text)
	}
}

// A new fee is charged at once: caches keep brands with their products.
func TestANewFeeIsChargedAtOnce(t *testing.T) {
	s := newShop(t)
	seller := s.signUp("seller@example.com", "SELLER")
	path := seller("POST", "/v1/brands", brandTerms).want(t, http.StatusCreated, nil).header.Get("Location")
	brand := domain.BrandID(strings.TrimPrefix(path, "/v1/brands/"))
	product := seller("POST", "/v1/products", sale(brand, nil)).want(t, http.StatusCreated, nil).body["id"].(string)
	quote := func(fee float64) {
		t.Helper()
		s.as("", "")("POST", "/v1/quotes", `{"items":[{"productId":"`+product+`","quantity":1}]}`).
			want(t, http.StatusOK, map[string]any{"deliveryFee": fee})
	}
	quote(3000)
	seller("PUT", path, strings.Replace(brandTerms, ":3000", ":5000", 1)).want(t, http.StatusOK, nil)
	quote(5000)
}

// Erasing a seller removes the legal data of the brands. An access token that is still valid cannot sell anything.
func TestAnErasedSellerSellsNothing(t *testing.T) {
	s := newShop(t)
	seller := s.signUp("seller@example.com", "SELLER")
	path := seller("POST", "/v1/brands", brandTerms).want(t, http.StatusCreated, nil).header.Get("Location")
	brand := domain.BrandID(strings.TrimPrefix(path, "/v1/brands/"))
	product := seller("POST", "/v1/products", sale(brand, nil)).want(t, http.StatusCreated, nil).header.Get("Location")
	liked := storetest.Product(t, s.store, 1).ID
	seller("PUT", "/v1/products/"+string(liked)+"/like", "").want(t, http.StatusOK, map[string]any{"likes": 1.0})
	const erasure = "/v1/users/me/erasure"
	seller("POST", erasure, `{"password":"Runrun-2024!"}`).problem(t, http.StatusConflict, domain.CodeConflict)
	seller("DELETE", product, "").want(t, http.StatusNoContent, nil)
	seller("POST", erasure, `{"password":"Runrun-2024!"}`).want(t, http.StatusNoContent, nil)
	seller("POST", "/v1/products", sale(brand, nil)).problem(t, http.StatusNotFound, domain.CodeNotFound)
	seller("POST", "/v1/brands", brandTerms).problem(t, http.StatusNotFound, domain.CodeNotFound)
	s.as("", "")("GET", path, "").want(t, http.StatusOK, map[string]any{"legalName": "", "registrationNumber": ""})
	if list := s.as("", "")("GET", "/v1/brands", "").want(t, http.StatusOK, nil); len(list.body["items"].([]any)) != 0 {
		t.Errorf("a brand of nobody is listed: %s", list.text)
	}
	if n := storetest.Count(t, s.store, "SELECT COUNT(*) FROM products WHERE likes > 0"); n != 0 {
		t.Error("the like of an erased account counts")
	}
}
