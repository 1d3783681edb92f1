package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// Routes of the shop and of the gateway's mock.
const (
	sellRoute      = "POST /v1/products"
	addStockRoute  = "POST /v1/products/{id}/stock"
	stockRoute     = "GET /v1/products/{id}/stock"
	placeRoute     = "POST /v1/orders"
	listRoute      = "GET /v1/orders"
	followRoute    = "GET /v1/orders/{id}"
	returnRoute    = "POST /v1/orders/{id}/return"
	cancelRoute    = "POST /v1/orders/{id}/cancel"
	checkoutRoute  = "GET /v1/checkout/{id}"
	confirmRoute   = "POST /v1/payments/confirm"
	authorizeRoute = "POST /mock/authorizations"
	ledgerRoute    = "GET /mock/ledger"
	scriptRoute    = "POST /mock/script"
	unscriptRoute  = "DELETE /mock/script"
)

type fakeItem struct {
	ProductID string `json:"productId"`
	Quantity  int64  `json:"quantity"`
}

type fakeOrder struct {
	ID            string     `json:"id"`
	Status        string     `json:"status"`
	Ticket        int64      `json:"ticket,omitempty"`
	PaymentAmount int64      `json:"paymentAmount"`
	PayBy         *time.Time `json:"payBy,omitempty"`
	NextAt        *time.Time `json:"nextAt,omitempty"`
	CreatedAt     time.Time  `json:"createdAt"`
	UpdatedAt     time.Time  `json:"updatedAt"`
	Items         []fakeItem `json:"items"`

	user, paidWith string
	declines       int
}

type fakeStock struct {
	ProductID string `json:"productId"`
	Total     int64  `json:"total"`
	Available int64  `json:"available"`
	Held      int64  `json:"held"`
	Sold      int64  `json:"sold"`
}

type fakeMovement struct {
	OrderID string `json:"orderId"`
	Amount  int64  `json:"amount"`
}

// fakeShop is a shop and its gateway, as their documentation describes them. An order that is still to be paid when it is listed
// runs out: nobody comes any more then.
type fakeShop struct {
	http.Handler
	recorded
	undecided  bool // orders are accepted, and decided when they are looked at
	ticketless bool // Redis is gone
	delivers   bool // paid orders are delivered when they are looked at
	page       int  // most orders on a page; 0 is 100
	orders     []*fakeOrder
	keys       map[string]*fakeOrder // by shopper and Idempotency-Key
	stocks     map[string]*fakeStock
	windows    map[string]string // the order of a payment key
	approvals  []fakeMovement
	cancels    []fakeMovement
}

func newFakeShop() *fakeShop {
	s := &fakeShop{keys: map[string]*fakeOrder{}, stocks: map[string]*fakeStock{}, windows: map[string]string{}}
	s.all, s.scripts, s.rules = map[string][]heard{}, map[string][]script{}, map[string]script{}
	mux := http.NewServeMux()
	for route, serve := range map[string]http.HandlerFunc{
		sellRoute: s.sell, addStockRoute: s.addStock, stockRoute: s.showStock, placeRoute: s.place, listRoute: s.list,
		followRoute: s.show, cancelRoute: s.cancel, returnRoute: s.takeBack,
		checkoutRoute: s.checkout, confirmRoute: s.confirm, authorizeRoute: s.authorize,
		ledgerRoute: func(w http.ResponseWriter, _ *http.Request) {
			reply(w, http.StatusOK, map[string]any{"approvals": s.approvals, "cancels": s.cancels})
		},
		scriptRoute:   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		unscriptRoute: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	} {
		mux.HandleFunc(route, s.scripted(route, serve))
	}
	s.Handler = mux
	return s
}

// start opens the shop on 127.0.0.1.
func (s *fakeShop) start(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

func (s *fakeShop) sell(w http.ResponseWriter, r *http.Request) {
	if _, role := caller(r); role != "SELLER" {
		problem(w, http.StatusForbidden, "FORBIDDEN")
		return
	}
	id := fmt.Sprint("prd_", len(s.stocks)+1)
	s.stocks[id] = &fakeStock{ProductID: id}
	reply(w, http.StatusCreated, map[string]any{"id": id})
}

func (s *fakeShop) addStock(w http.ResponseWriter, r *http.Request) {
	var in fakeItem
	stock := s.stocks[r.PathValue("id")]
	if _, role := caller(r); role != "SELLER" || stock == nil || json.NewDecoder(r.Body).Decode(&in) != nil {
		problem(w, http.StatusForbidden, "FORBIDDEN")
		return
	}
	stock.Total, stock.Available = stock.Total+in.Quantity, stock.Available+in.Quantity
	reply(w, http.StatusOK, stock)
}

func (s *fakeShop) showStock(w http.ResponseWriter, r *http.Request) {
	if stock := s.stocks[r.PathValue("id")]; stock != nil {
		reply(w, http.StatusOK, stock)
		return
	}
	problem(w, http.StatusNotFound, "NOT_FOUND")
}

func (s *fakeShop) place(w http.ResponseWriter, r *http.Request) {
	user, role := caller(r)
	key := user + " " + r.Header.Get("Idempotency-Key")
	if o := s.keys[key]; o != nil {
		w.Header().Set("Idempotent-Replayed", "true")
		reply(w, http.StatusCreated, o)
		return
	}
	var in struct {
		Items []fakeItem `json:"items"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Items) != 1 || role != "CUSTOMER" || r.Header.Get("Idempotency-Key") == "" {
		problem(w, http.StatusUnprocessableEntity, "VALIDATION")
		return
	}
	stock := s.stocks[in.Items[0].ProductID]
	if stock == nil || stock.Available < in.Items[0].Quantity {
		problem(w, http.StatusConflict, "SOLD_OUT")
		return
	}
	stock.Available, stock.Held = stock.Available-in.Items[0].Quantity, stock.Held+in.Items[0].Quantity
	now := time.Now()
	payBy := now.Add(time.Minute)
	o := &fakeOrder{
		ID: fmt.Sprint("ord_", len(s.orders)+1), Status: "HELD", Ticket: int64(len(s.orders) + 1), PaymentAmount: 48_000, PayBy: &payBy,
		CreatedAt: now, UpdatedAt: now, Items: in.Items, user: user,
	}
	if s.ticketless {
		o.Ticket = 0
	}
	s.orders, s.keys[key] = append(s.orders, o), o
	if !s.undecided && r.Header.Get("Prefer") != "wait=0" {
		reply(w, http.StatusCreated, o)
		return
	}
	w.Header().Set("Retry-After", "2")
	w.Header().Set("ETag", `W/"received"`)
	shown := *o
	shown.Status, shown.PayBy = "RECEIVED", nil
	reply(w, http.StatusAccepted, shown)
}

// find is an order of the caller; the answer is written already if there is none.
func (s *fakeShop) find(w http.ResponseWriter, r *http.Request, id string) *fakeOrder {
	user, _ := caller(r)
	for _, o := range s.orders {
		if o.ID == id && o.user == user {
			return o
		}
	}
	problem(w, http.StatusNotFound, "NOT_FOUND")
	return nil
}

// move lets an order go on, and its units with it.
func (s *fakeShop) move(o *fakeOrder, status string) {
	for _, item := range o.Items {
		stock := s.stocks[item.ProductID]
		if o.Status == "PLACED" {
			stock.Sold -= item.Quantity
		} else {
			stock.Held -= item.Quantity
		}
		if status == "PLACED" {
			stock.Sold += item.Quantity
		} else {
			stock.Available += item.Quantity
		}
	}
	o.Status, o.UpdatedAt = status, time.Now()
}

func (s *fakeShop) show(w http.ResponseWriter, r *http.Request) {
	o := s.find(w, r, r.PathValue("id"))
	if o == nil {
		return
	}
	if s.delivers && o.Status == "PLACED" {
		o.Status = "DELIVERED"
	}
	reply(w, http.StatusOK, o)
}

func (s *fakeShop) takeBack(w http.ResponseWriter, r *http.Request) {
	o := s.find(w, r, r.PathValue("id"))
	switch {
	case o == nil:
	case o.Status != "DELIVERED":
		problem(w, http.StatusConflict, "ORDER_STATE")
	default:
		s.cancels = append(s.cancels, fakeMovement{o.ID, o.PaymentAmount})
		o.Status = "PLACED" // whose units are sold
		s.move(o, "RETURNED")
		reply(w, http.StatusAccepted, o)
	}
}

func (s *fakeShop) list(w http.ResponseWriter, r *http.Request) {
	user, _ := caller(r)
	mine := []*fakeOrder{}
	for _, o := range s.orders {
		if o.user != user {
			continue
		}
		if o.Status == "HELD" {
			s.move(o, "EXPIRED")
		}
		mine = append(mine, o)
	}
	size := s.page
	if size == 0 {
		size = 100
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	end, next := min(from+size, len(mine)), ""
	if end < len(mine) {
		next = strconv.Itoa(end)
	}
	reply(w, http.StatusOK, map[string]any{"items": mine[from:end], "nextCursor": next})
}

func (s *fakeShop) cancel(w http.ResponseWriter, r *http.Request) {
	o := s.find(w, r, r.PathValue("id"))
	if o == nil {
		return
	}
	if o.Status != "CANCELED" {
		if o.Status == "PLACED" {
			s.cancels = append(s.cancels, fakeMovement{o.ID, o.PaymentAmount})
		}
		s.move(o, "CANCELED")
	}
	reply(w, http.StatusOK, o)
}

func (s *fakeShop) checkout(w http.ResponseWriter, r *http.Request) {
	o := s.find(w, r, r.PathValue("id"))
	switch {
	case o == nil:
	case o.Status != "HELD":
		problem(w, http.StatusConflict, "ORDER_STATE")
	default:
		reply(w, http.StatusOK, map[string]any{"orderId": o.ID, "status": o.Status, "amount": o.PaymentAmount})
	}
}

func (s *fakeShop) authorize(w http.ResponseWriter, r *http.Request) {
	var in fakeMovement
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Amount <= 0 {
		reply(w, http.StatusBadRequest, map[string]any{"code": "INVALID_REQUEST"})
		return
	}
	key := fmt.Sprint("pay_", len(s.windows)+1)
	s.windows[key] = in.OrderID
	reply(w, http.StatusCreated, map[string]any{"paymentKey": key})
}

func (s *fakeShop) confirm(w http.ResponseWriter, r *http.Request) {
	var in struct {
		fakeMovement
		PaymentKey string `json:"paymentKey"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	o := s.find(w, r, in.OrderID)
	switch {
	case o == nil:
	case o.Status == "PLACED" && o.paidWith == in.PaymentKey:
		reply(w, http.StatusOK, o)
	case o.Status != "HELD":
		problem(w, http.StatusConflict, "ORDER_STATE")
	case in.Amount != o.PaymentAmount:
		problem(w, http.StatusUnprocessableEntity, "AMOUNT_MISMATCH")
	case s.windows[in.PaymentKey] != o.ID:
		if o.declines++; o.declines == 3 {
			s.move(o, "PAYMENT_FAILED")
		}
		problem(w, http.StatusPaymentRequired, "PAYMENT_DECLINED")
	default:
		o.paidWith = in.PaymentKey
		s.approvals = append(s.approvals, fakeMovement{o.ID, o.PaymentAmount})
		s.move(o, "PLACED")
		reply(w, http.StatusOK, o)
	}
}
