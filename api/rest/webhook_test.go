package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

func webhook(kind, order, key, status string) string {
	return fmt.Sprintf(`{"eventType":%q,"createdAt":"2026-01-02T14:46:59.65327","data":{"orderId":%q,"paymentKey":%q,"status":%q,"mId":"x"}}`,
		kind, order, key, status)
}

// Anybody can send a webhook: it is answered at once, and only says where to look.
func TestWebhooksOnlySayWhereToLook(t *testing.T) {
	s := newShop(t)
	product, minji, gateway := storetest.Product(t, s.store, 3), s.shopper(), s.as("", "")
	id := s.paidOrder(t, product.ID, minji)
	post := func(body string) answer { return gateway("POST", "/v1/webhooks/payments", body) }
	for _, body := range []string{
		webhook("DEPOSIT_CALLBACK", id, "pay_2", "DONE"), webhook("PAYMENT_STATUS_CHANGED", "ord_nobody", "pay_2", "DONE"),
		webhook("PAYMENT_STATUS_CHANGED", id, "pay_1", "DONE"), webhook("PAYMENT_STATUS_CHANGED", id, "not a key\n", "DONE"),
		webhook("PAYMENT_STATUS_CHANGED", id, "pay_2", "DONE"), // a second payment
	} {
		post(body).want(t, http.StatusOK, nil)
	}
	if got := <-s.notices; got != "check pay_2" {
		t.Errorf("it led to %q", got)
	}
	if shown := minji("GET", "/v1/orders/"+id, "").want(t, http.StatusOK, nil); shown.body["status"] != "PLACED" {
		t.Errorf("the order is %s", shown.text)
	}
	post(`{"eventType"`).want(t, http.StatusBadRequest, nil)
	post(`{"eventType":"PAYMENT_STATUS_CHANGED"}`).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	for range 20 { // ten at once are allowed
		if got := post(webhook("PAYMENT_STATUS_CHANGED", "ord_nobody", "pay_2", "DONE")); got.status == http.StatusTooManyRequests {
			got.problem(t, http.StatusTooManyRequests, domain.CodeTooManyRequests)
			return
		}
	}
	t.Error("one address may send as many as it likes")
}
