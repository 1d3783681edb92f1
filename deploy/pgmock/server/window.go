package server

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed window.html
var windowPage string

//go:embed window.css
var windowStyle string

var windowTemplate = template.Must(template.New("window").Parse(windowPage))

// hangFor is how long a hanging window keeps its shopper.
const hangFor = time.Minute

// windowOrder is what a window is opened for.
type windowOrder struct {
	OrderID, OrderName  string
	Amount              int64
	SuccessURL, FailURL string
}

// windowOrderOf reads what a window is opened for. Shoppers are sent to registered origins only.
func (s *Server) windowOrderOf(r *http.Request) (windowOrder, *failure) {
	o := windowOrder{
		OrderID: r.FormValue("orderId"), OrderName: r.FormValue("orderName"),
		SuccessURL: r.FormValue("successUrl"), FailURL: r.FormValue("failUrl"),
	}
	var err error
	if o.Amount, err = strconv.ParseInt(r.FormValue("amount"), 10, 64); err != nil || o.Amount <= 0 || !validOrderID(o.OrderID) {
		return o, &failure{http.StatusBadRequest, "INVALID_REQUEST", "want /window?orderId&amount&orderName&successUrl&failUrl"}
	}
	for _, to := range []string{o.SuccessURL, o.FailURL} {
		if to != "" && !s.returns(to) {
			return o, &failure{http.StatusBadRequest, "INVALID_REQUEST", to + " is not of a registered origin (PGMOCK_RETURN_ORIGINS)"}
		}
	}
	return o, nil
}

// ReturnTo registers an origin of a shop to which shoppers may be sent back.
func (s *Server) ReturnTo(origin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.origins = append(s.origins, origin)
}

// returns reports whether an address is of a registered origin.
func (s *Server) returns(to string) bool {
	u, err := url.Parse(to)
	return err == nil && slices.Contains(s.registered(), u.Scheme+"://"+u.Host)
}

func (s *Server) registered() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(s.cfg.ReturnOrigins, s.origins)
}

// showWindow is the page on which a shopper pays: /window?orderId&amount&orderName&successUrl&failUrl&language.
func (s *Server) showWindow(w http.ResponseWriter, r *http.Request) {
	o, refused := s.windowOrderOf(r)
	if refused != nil {
		writeFailure(w, refused)
		return
	}
	language := "en"
	if strings.HasPrefix(cmp.Or(r.FormValue("language"), r.Header.Get("Accept-Language")), "ko") {
		language = "ko"
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+
		strings.Join(s.registered(), " ")) // a form's redirect counts
	_ = windowTemplate.Execute(w, map[string]any{
		"Order": o, "Merchant": s.cfg.Merchant, "Language": language, "Sum": grouped(o.Amount), "T": windowWords[language],
	})
}

func showWindowStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(windowStyle))
}

// grouped writes an amount as people read it: ₩180,000.
func grouped(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	for n := len(digits) - 3; n > 0; n -= 3 {
		digits = digits[:n] + "," + digits[n:]
	}
	return "₩" + digits
}

// useWindow is what the page's buttons do: pay, decline, close, hang. Of the card nothing is sent.
func (s *Server) useWindow(w http.ResponseWriter, r *http.Request) {
	o, refused := s.windowOrderOf(r)
	if refused != nil {
		writeFailure(w, refused)
		return
	}
	switch r.FormValue("act") {
	case "pay":
		key := s.Authorize(o.OrderID, o.OrderName, o.Amount)
		leave(w, r, o.SuccessURL, url.Values{"paymentKey": {key}, "orderId": {o.OrderID}, "amount": {r.FormValue("amount")}})
	case "decline":
		leave(w, r, o.FailURL,
			url.Values{"code": {"REJECT_CARD_COMPANY"}, "message": {"The card company refused."}, "orderId": {o.OrderID}})
	case "close":
		leave(w, r, o.FailURL, url.Values{"code": {"PAY_PROCESS_CANCELED"}, "message": {"The shopper closed the window."}})
	case "hang":
		wait(r.Context(), hangFor)
		leave(w, r, o.FailURL,
			url.Values{"code": {"PAY_PROCESS_ABORTED"}, "message": {"The window did not answer."}, "orderId": {o.OrderID}})
	default:
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", "act: pay, decline, close or hang"})
	}
}

// leave sends the shopper back to the shop; without an address to go to it shows what the shop would have been told.
func leave(w http.ResponseWriter, r *http.Request, to string, values url.Values) {
	if to == "" {
		flat := map[string]string{}
		for name := range values {
			flat[name] = values.Get(name)
		}
		writeJSON(w, http.StatusOK, flat)
		return
	}
	target, err := url.Parse(to)
	if err != nil {
		writeFailure(w, &failure{http.StatusBadRequest, "INVALID_REQUEST", err.Error()})
		return
	}
	q := target.Query()
	for name := range values {
		q.Set(name, values.Get(name))
	}
	target.RawQuery = q.Encode()
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}

// validOrigins reports the first address that is no origin.
func validOrigins(origins []string) error {
	var errs []error
	for _, origin := range origins {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			errs = append(errs, fmt.Errorf("return-origins: %q is no origin; want https://host, with commas", origin))
		}
	}
	return errors.Join(errs...)
}
