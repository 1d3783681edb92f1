package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// paidOrder places an order of a shopper and pays it.
func (s *shop) paidOrder(t *testing.T, product domain.ProductID, as func(method, path, body string, headers ...string) answer) string {
	t.Helper()
	id := as("POST", "/v1/orders", order(product, "1"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil).body["id"].(string)
	if _, _, err := s.store.RecordIntent(t.Context(), domain.OrderID(id), "pay_1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Place(t.Context(), domain.Placement{
		OrderID: domain.OrderID(id), PaymentKey: "pay_1", Paid: domain.PaymentResult{ApprovedAt: time.Now()}, ShipAfter: time.Hour,
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSupportStaffFindOrders(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 3), s.as("usr_minji", domain.RoleCustomer)
	paid := s.paidOrder(t, product.ID, minji)
	held := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "2").want(t, http.StatusCreated, nil).body["id"].(string)
	if _, err := s.store.SetAttention(t.Context(),
		domain.AttentionChange{OrderID: domain.OrderID(held), Attention: domain.AttentionStepFailing}); err != nil {
		t.Fatal(err)
	}
	mina := s.as("usr_mina", domain.RoleStaff)
	for query, want := range map[string][]string{
		"": {held, paid}, "?status=PLACED": {paid}, "?attention=ANY": {held}, "?attention=REFUND_FAILED": {}, "?user=usr_minji": {held, paid},
		"?q=pay_1": {paid}, "?q=" + held: {held}, "?product=" + string(product.ID) + "&status=HELD": {held}, "?user=usr_other": {},
	} {
		list := mina("GET", "/v1/admin/orders"+query, "").want(t, http.StatusOK, nil)
		got := []string{}
		for _, item := range list.body["items"].([]any) {
			got = append(got, item.(map[string]any)["id"].(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	page := mina("GET", "/v1/admin/orders?limit=1&user=usr_minji", "").want(t, http.StatusOK, nil)
	if link := page.header.Get("Link"); !strings.Contains(link, "user=usr_minji") || !strings.Contains(link, "cursor="+held) {
		t.Errorf("the next page is at %s", link)
	}
	for _, path := range []string{"/v1/admin/orders", "/v1/admin/orders/" + paid} {
		minji("GET", path, "").problem(t, http.StatusForbidden, domain.CodeForbidden)
		s.as("", "")("GET", path, "").want(t, http.StatusUnauthorized, nil)
	}
	mina("GET", "/v1/admin/orders/ord_none", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	mina("GET", "/v1/admin/orders?status=LOST", "").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}

// All that the shop knows, from the database alone, and what staff do is kept with their name.
func TestSupportStaffReadAndActOnAnOrder(t *testing.T) {
	s := newShop(t)
	product, minji, mina := storetest.Product(t, s.store, 3), s.shopper(), s.as("usr_mina", domain.RoleStaff)
	id := s.paidOrder(t, product.ID, minji)
	path := "/v1/admin/orders/" + id
	seen := mina("GET", path, "").want(t, http.StatusOK, map[string]any{
		"status": "PLACED", "webUi": "https://temporal.test/namespaces/shop/workflows/order%2F" + id,
	})
	for name, count := range map[string]int{"events": 4, "payments": 1, "refunds": 0, "reservations": 1} {
		if got := len(seen.body[name].([]any)); got != count {
			t.Errorf("%d %s, want %d: %s", got, name, count, seen.text)
		}
	}
	minji("POST", path+"/refund", `{"note":"mine"}`).problem(t, http.StatusForbidden, domain.CodeForbidden)
	mina("POST", path+"/retry", `{"note":"the gateway is back"}`).problem(t, http.StatusConflict, domain.CodeOrderState)
	mina("POST", path+"/refund", `{}`).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	mina("POST", path+"/sell", `{"note":"no"}`).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	after := mina("POST", path+"/refund", `{"note":"lost in the post","amount":0}`).want(t, http.StatusOK, map[string]any{"status": "CANCELING"})
	events := after.body["events"].([]any)
	last := events[len(events)-1].(map[string]any)
	if last["actor"] != "usr_mina" || last["note"] != "lost in the post" {
		t.Errorf("the last event is %v", last)
	}
	want := []domain.StaffAction{
		{Name: domain.StaffRetry, By: "usr_mina", Note: "the gateway is back"}, {Name: domain.StaffRefund, By: "usr_mina", Note: "lost in the post"},
	}
	if diff := cmp.Diff(want, s.acts); diff != "" {
		t.Errorf("what was asked for (-want +got):\n%s", diff)
	}
}
