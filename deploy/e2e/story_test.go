package e2e

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// signUp makes an account by the code in its mail, and logs in.
func (r harness) signUp(email, role string) as {
	r.t.Helper()
	want := func(status int, method, path string, body any) reply {
		r.t.Helper()
		got := r.send(method, path, body)
		if got.Status != status {
			r.t.Fatalf("%s %s: %d %s, want %d", method, path, got.Status, got.rawBody, status)
		}
		return got
	}
	want(http.StatusAccepted, "POST", "/v1/users/email-auths", map[string]string{"email": email})
	want(http.StatusNoContent, "POST", "/v1/users/email-auths/verify", map[string]string{"email": email, "code": r.code(email)})
	want(http.StatusCreated, "POST", "/v1/users/signup", map[string]string{
		"email": email, "password": system.DemoPassword, "name": "Kim Minji", "phone": "010-1234-5678", "role": role,
		"zipCode": "04524", "address": "110 Sejong-daero, Seoul",
	})
	return r.logIn(email)
}

// A new seller puts something on sale and a new shopper buys it: from the sign-up, over the mail with its code, to the receipt.
func TestFromSignUpToAPaidOrder(t *testing.T) {
	r := shared(t)
	seller := r.signUp(uuid.NewString()+"@seller.test", "SELLER")
	brand := seller.want(http.StatusCreated, "POST", "/v1/brands", map[string]any{
		"name": "달빛공방", "legalName": "Moonlight Inc.", "registrationNumber": "123-45-67890", "deliveryFee": 2500, "freeDeliveryFrom": 30000,
	})
	product := seller.want(http.StatusCreated, "POST", "/v1/products", map[string]any{
		"brandId": brand.str("id"), "name": "달항아리", "category": "도자기", "price": 20000, "discount": 10, "quantity": 5, "limitPerShopper": 2,
		"manufacturer": "달빛공방", "country": "Korea", "contact": "02-123-4567",
	})
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 1600, 1600))); err != nil {
		t.Fatal(err)
	}
	path := "/v1/products/" + product.str("id")
	shown := seller.want(http.StatusOK, "PUT", path+"/images/thumbnail", picture.String(), "Content-Type", "image/png")
	if got := r.send("GET", shown.str("thumbnail"), nil); got.Status != http.StatusOK || got.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the image: %d %v", got.Status, got.Header)
	}

	shopper := r.signUp(uuid.NewString()+"@shopper.test", "CUSTOMER")
	found := r.send("GET", "/v1/products?q=%ED%95%AD%EC%95%84%EB%A6%AC&category=cat_home&brand="+brand.str("id"), nil)
	if items, _ := found.Body["items"].([]any); len(items) != 1 || items[0].(map[string]any)["available"] != 5.0 {
		t.Fatalf("the product is not found: %s", found.rawBody)
	}
	shopper.want(http.StatusOK, "PUT", path+"/like", nil)
	inCart := shopper.want(http.StatusOK, "POST", "/v1/carts", map[string]any{"productId": product.str("id"), "quantity": 1})
	addresses := shopper.want(http.StatusOK, "GET", "/v1/users/addresses", nil).Body["items"].([]any)
	order := shopper.want(http.StatusCreated, "POST", "/v1/orders", map[string]any{
		"items":     []any{map[string]any{"productId": product.str("id"), "quantity": 1}},
		"addressId": addresses[0].(map[string]any)["id"], "removeFromCart": true,
	}, "Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
	if order.Body["paymentAmount"] != 20500.0 || inCart.Body["paymentAmount"] != order.Body["paymentAmount"] {
		t.Errorf("the order costs %v, the cart says %v", order.Body["paymentAmount"], inCart.Body["paymentAmount"])
	}
	if left := shopper.want(http.StatusOK, "GET", "/v1/carts", nil); left.Body["totalAmount"] != 0.0 {
		t.Errorf("what was ordered is still in the cart: %s", left.rawBody)
	}
	paid := shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	receipt := paid.Body["payment"].(map[string]any)
	if paid.str("status") != "PLACED" || receipt["method"] != "카드" || !strings.Contains(receipt["receiptUrl"].(string), "/receipt/") {
		t.Errorf("the receipt: %s", paid.rawBody)
	}
	mine := shopper.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
	if mine.Body["receiver"].(map[string]any)["address"] != "110 Sejong-daero, Seoul" {
		t.Errorf("the receiver: %s", mine.rawBody)
	}
	actions, _ := mine.Body["actions"].([]any)
	if len(actions) != 1 || actions[0].(map[string]any)["action"] != "cancel" || actions[0].(map[string]any)["until"] == nil {
		t.Errorf("what may be done: %v", actions)
	}
	storetest.WantStock(t, r.Store, domain.ProductID(product.str("id")), 4, 0, 1)
}
