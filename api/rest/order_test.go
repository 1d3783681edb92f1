package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

func TestAnOrderIsHeldAndShown(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 3), s.shopper()
	placed := minji("POST", "/v1/orders", order(product.ID, "2"), "Idempotency-Key", "first", "Prefer", "wait=5").
		want(t, http.StatusCreated, map[string]any{
			"status": "HELD", "totalAmount": 2000.0, "paymentAmount": 2000.0, "currency": "KRW", "ticket": 1.0,
		})
	id, _ := placed.body["id"].(string)
	if placed.header.Get("Location") != "/v1/orders/"+id || placed.header.Get("Preference-Applied") != "wait=5" ||
		placed.body["payBy"] == nil {
		t.Errorf("the answer lacks something: %v %s", placed.header, placed.text)
	}
	shown := minji("GET", "/v1/orders/"+id, "").want(t, http.StatusOK, map[string]any{"id": id, "status": "HELD", "name": "Sneaker"})
	minji("GET", "/v1/orders/"+id, "", "If-None-Match", shown.header.Get("ETag")).want(t, http.StatusNotModified, nil)
	s.shopper()("GET", "/v1/orders/"+id, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	storetest.WantStock(t, s.store, product.ID, 1, 2, 0)
}

func TestTheSameKeyIsTheSameOrder(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 3), s.shopper()
	first := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
	again := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", `"k"`).
		want(t, http.StatusCreated, map[string]any{"id": first.body["id"]})
	if first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" {
		t.Error("a replay cannot be told from an order")
	}
	minji("POST", "/v1/orders", order(product.ID, "2"), "Idempotency-Key", "k").problem(t, 422, domain.CodeIdempotencyReused)
	minji("POST", "/v1/orders", order(product.ID, "1")).problem(t, http.StatusBadRequest, domain.CodeIdempotencyMissing)
	// Keys are each shopper's own.
	s.shopper()("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
	storetest.WantStock(t, s.store, product.ID, 1, 2, 0)
	// The order has moved on: its replay is a 200 and shows it as it is.
	minji("POST", "/v1/orders/"+first.body["id"].(string)+"/cancel", "").want(t, http.StatusOK, map[string]any{"status": "CANCELED"})
	minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k").want(t, http.StatusOK, map[string]any{"status": "CANCELED"})
}

func TestRefusalsSayWhy(t *testing.T) {
	s := newShop(t)
	none, limited := storetest.Product(t, s.store, 0), storetest.Product(t, s.store, 9, storetest.Limit(1))
	for name, c := range map[string]struct {
		product domain.ProductID
		units   string
		status  int
		code    domain.Code
	}{
		"sold out":        {none.ID, "1", http.StatusConflict, domain.CodeSoldOut},
		"over the limit":  {limited.ID, "2", http.StatusConflict, domain.CodeLimitExceeded},
		"no such product": {"prd_none", "1", http.StatusUnprocessableEntity, domain.CodeUnknownProduct},
		"no units":        {limited.ID, "0", http.StatusUnprocessableEntity, domain.CodeValidation},
		"half a unit":     {limited.ID, "0.5", http.StatusUnprocessableEntity, domain.CodeValidation},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.shopper()("POST", "/v1/orders", order(c.product, c.units), "Idempotency-Key", "k").problem(t, c.status, c.code)
			if got.header.Get("Location") != "" || got.body["detail"] == "" {
				t.Errorf("%v %s", got.header, got.text)
			}
		})
	}
	storetest.WantStock(t, s.store, limited.ID, 9, 0, 0)
}

// An order that the row refuses although the gate let it in keeps its key: the same request would be refused again.
func TestAnOrderRefusedByItsRowIsNotRetryable(t *testing.T) {
	s := newShop(t)
	product := storetest.Product(t, s.store, 1)
	s.undecided = true
	minji := s.shopper()
	minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k", "Prefer", "wait=0").want(t, http.StatusAccepted, nil)
	storetest.Held(t, s.store, "usr_other", storetest.Item(product, 1))
	found, err := s.store.OrdersOf(t.Context(), s.ownerOf(product.ID), "", "", 1)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	s.decide(found[0])
	refused := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k").problem(t, http.StatusConflict, domain.CodeSoldOut)
	if refused.body["retryable"] == true || refused.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%v %s", refused.header, refused.text)
	}
}

// ownerOf is whose order of the product is not decided.
func (s *shop) ownerOf(product domain.ProductID) (user domain.UserID) {
	s.t.Helper()
	err := s.store.DB().QueryRowContext(s.t.Context(), `SELECT o.user_id FROM orders o JOIN order_items i ON i.order_id = o.id
		WHERE i.product_id = ? AND o.status = 'RECEIVED'`, product).Scan(&user)
	if err != nil {
		s.t.Fatal(err)
	}
	return user
}

func TestAnOrderWithoutADecisionIsAcceptedAndFollowed(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 3), s.shopper()
	s.undecided, s.position = true, 7
	placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k", "Prefer", "wait=0").
		want(t, http.StatusAccepted, map[string]any{"status": "RECEIVED", "position": 7.0, "estimatedWait": 7.0})
	if placed.header.Get("Retry-After") != "2" || placed.header.Get("Preference-Applied") != "wait=0" {
		t.Errorf("%v", placed.header)
	}
	id, _ := placed.body["id"].(string)
	waiting := make(chan answer, 1)
	go func() {
		waiting <- minji("GET", "/v1/orders/"+id+"?wait=20s", "", "If-None-Match", placed.header.Get("ETag"))
	}()
	found, err := s.store.OrdersByID(t.Context(), []domain.OrderID{domain.OrderID(id)})
	if err != nil {
		t.Fatal(err)
	}
	s.decide(found[domain.OrderID(id)])
	got := <-waiting
	got.want(t, http.StatusOK, map[string]any{"status": "HELD"})
	if got.body["position"] != nil {
		t.Errorf("an order that is decided has a place in the queue: %s", got.text)
	}
}

func TestOrdersAreListedNewestFirstInPages(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 9), s.shopper()
	var ids []string
	for n := range 3 {
		placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", fmt.Sprint(n)).want(t, http.StatusCreated, nil)
		ids = append(ids, placed.body["id"].(string))
	}
	s.shopper()("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
	first := minji("GET", "/v1/orders?limit=2", "").want(t, http.StatusOK, map[string]any{"nextCursor": ids[1]})
	if link := first.header.Get("Link"); link != "</v1/orders?cursor="+ids[1]+"&limit=2>; rel=\"next\"" {
		t.Errorf("the next page is at %s", link)
	}
	second := minji("GET", "/v1/orders?limit=2&cursor="+ids[1], "").want(t, http.StatusOK, map[string]any{"nextCursor": nil})
	got := append(idsOf(first), idsOf(second)...)
	if strings.Join(got, " ") != strings.Join([]string{ids[2], ids[1], ids[0]}, " ") {
		t.Errorf("the pages have %v of %v", got, ids)
	}
	minji("GET", "/v1/orders?limit=0", "").problem(t, 422, domain.CodeValidation)
	minji("GET", "/v1/orders?limit=101", "").problem(t, 422, domain.CodeValidation)
}

func idsOf(page answer) (ids []string) {
	items, _ := page.body["items"].([]any)
	for _, item := range items {
		ids = append(ids, item.(map[string]any)["id"].(string))
	}
	return ids
}

func TestACancellationGivesUnitsBack(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 3), s.shopper()
	placed := minji("POST", "/v1/orders", order(product.ID, "3"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
	path := "/v1/orders/" + placed.body["id"].(string) + "/cancel"
	s.shopper()("POST", path, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	minji("POST", path, "").want(t, http.StatusOK, map[string]any{"status": "CANCELED", "reason": "CANCELED_BY_SHOPPER"})
	storetest.WantStock(t, s.store, product.ID, 3, 0, 0)
	minji("POST", path, "").want(t, http.StatusOK, map[string]any{"status": "CANCELED"})
}

// A shopper who needs the time gets it once, as the product allows.
func TestTheTimeToPayIsExtendedOverHTTP(t *testing.T) {
	s := newShop(t)
	minji := s.shopper()
	for seconds, allowed := range map[int]bool{90: true, 0: false} {
		product := storetest.Product(t, s.store, 3, func(p *domain.Product) { p.HoldExtension = time.Duration(seconds) * time.Second })
		minji("GET", "/v1/products/"+string(product.ID), "").want(t, http.StatusOK, map[string]any{"holdExtension": float64(seconds)})
		placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", uuid.NewString()).want(t, http.StatusCreated, nil)
		path := "/v1/orders/" + placed.body["id"].(string) + "/extend"
		s.shopper()("POST", path, "").problem(t, http.StatusNotFound, domain.CodeNotFound)
		if offered := strings.Contains(placed.text, `"extend"`); offered != allowed {
			t.Errorf("%d seconds: extend is offered: %t in %s", seconds, offered, placed.text)
		}
		if !allowed {
			minji("POST", path, "").problem(t, http.StatusConflict, domain.CodeOrderState)
			continue
		}
		before, err := time.Parse(time.RFC3339Nano, placed.body["payBy"].(string))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got := minji("POST", path, "").want(t, http.StatusOK, map[string]any{
				"status": "HELD", "reason": domain.ReasonExtended, "payBy": before.Add(90 * time.Second).Format(time.RFC3339Nano),
			})
			if strings.Contains(got.text, `"extend"`) {
				t.Errorf("offered again: %s", got.text)
			}
		}
	}
}

// A delivered order may be returned until its time is over; the money follows the goods.
func TestAReturnIsAcceptedAndFollowed(t *testing.T) {
	s := newShop(t)
	product, minji := storetest.Product(t, s.store, 3), s.shopper()
	placed := minji("POST", "/v1/orders", order(product.ID, "3"), "Idempotency-Key", "k").want(t, http.StatusCreated, nil)
	id := placed.body["id"].(string)
	storetest.Exec(t, s.store, "UPDATE orders SET status = 'DELIVERED', return_by = 1 WHERE id = ?", id)
	minji("POST", "/v1/orders/"+id+"/return", "").problem(t, http.StatusConflict, domain.CodeOrderState)
	storetest.Exec(t, s.store, "UPDATE orders SET return_by = 4000000000000 WHERE id = ?", id)
	shown := minji("GET", "/v1/orders/"+id, "").want(t, http.StatusOK, map[string]any{"status": "DELIVERED"})
	if shown.body["returnBy"] == nil {
		t.Errorf("a delivered order: %s", shown.text)
	}
	s.shopper()("POST", "/v1/orders/"+id+"/return", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
	for range 2 {
		got := minji("POST", "/v1/orders/"+id+"/return", "").want(t, http.StatusAccepted, map[string]any{"status": "RETURNING"})
		if got.header.Get("Location") != "/v1/orders/"+id || got.header.Get("Retry-After") == "" || got.body["nextAt"] == nil {
			t.Errorf("accepted: %v %s", got.header, got.text)
		}
	}
}

// Who has the most orders that are not paid is refused the next, and told what to do.
func TestOpenOrdersAreBounded(t *testing.T) {
	s := newShop(t, func(with *settings) { with.limits.OpenOrders = 1 })
	product, minji := storetest.Product(t, s.store, 9), s.shopper()
	placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "1").want(t, http.StatusCreated, nil)
	minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "2").problem(t, http.StatusConflict, domain.CodeLimitExceeded)
	minji("POST", "/v1/orders/"+placed.body["id"].(string)+"/cancel", "").want(t, http.StatusOK, nil)
	minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "2").want(t, http.StatusCreated, nil)
}
