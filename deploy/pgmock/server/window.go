package server

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

//go:embed window.html
var windowPage string

var windowTemplate = template.Must(template.New("window").Parse(windowPage))

// hangFor is how long a hanging window keeps its shopper.
const hangFor = time.Minute

// showWindow is the page on which a shopper pays: /window?orderId&amount&orderName&successUrl&failUrl.
func (s *Server) showWindow(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	amount, err := strconv.ParseInt(q.Get("amount"), 10, 64)
	if err != nil || amount <= 0 || !validOrderID(q.Get("orderId")) {
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", "want /window?orderId&amount&orderName&successUrl&failUrl"})
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = windowTemplate.Execute(w, map[string]string{
		"OrderID": q.Get("orderId"), "Amount": q.Get("amount"), "OrderName": q.Get("orderName"),
		"SuccessURL": q.Get("successUrl"), "FailURL": q.Get("failUrl"),
	})
}

// useWindow is what the page's buttons do: pay, decline, close, hang.
func (s *Server) useWindow(w http.ResponseWriter, r *http.Request) {
	amount, err := strconv.ParseInt(r.FormValue("amount"), 10, 64)
	orderID := r.FormValue("orderId")
	if err != nil || amount <= 0 || !validOrderID(orderID) {
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", "want a form of orderId and amount"})
		return
	}
	switch r.FormValue("act") {
	case "pay":
		key := s.Authorize(orderID, r.FormValue("orderName"), amount)
		leave(w, r, r.FormValue("successUrl"), url.Values{"paymentKey": {key}, "orderId": {orderID}, "amount": {r.FormValue("amount")}})
	case "decline":
		leave(w, r, r.FormValue("failUrl"),
			url.Values{"code": {"REJECT_CARD_COMPANY"}, "message": {"The card company refused."}, "orderId": {orderID}})
	case "close":
		leave(w, r, r.FormValue("failUrl"), url.Values{"code": {"PAY_PROCESS_CANCELED"}, "message": {"The shopper closed the window."}})
	case "hang":
		wait(r.Context(), hangFor)
		leave(w, r, r.FormValue("failUrl"),
			url.Values{"code": {"PAY_PROCESS_ABORTED"}, "message": {"The window did not answer."}, "orderId": {orderID}})
	default:
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", "act: pay, decline, close or hang"})
	}
}

// leave sends the shopper back to the shop; without an address to go to it shows what the shop would have been told.
func leave(w http.ResponseWriter, r *http.Request, to string, values url.Values) {
	target, err := url.Parse(to)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" {
		flat := map[string]string{}
		for name := range values {
			flat[name] = values.Get(name)
		}
		writeJSON(w, http.StatusOK, flat)
		return
	}
	q := target.Query()
	for name := range values {
		q.Set(name, values.Get(name))
	}
	target.RawQuery = q.Encode()
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}
