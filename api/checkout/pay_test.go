package checkout

import (
	"context"
	"testing"
	"testing/synctest"

	"runrun/domain"
)

// payRows is a database of one order and its payments.
type payRows struct {
	orderRows
	payments []domain.Payment
}

func (r *payRows) Payments(context.Context, domain.OrderID) ([]domain.Payment, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.payments, r.gone
}

// workflow answers updates as it is told.
type workflow struct {
	rows   *payRows
	pay    func(o *domain.Order) (domain.PaymentResult, error)
	cancel error
	after  domain.OrderStatus // a cancellation or return, CANCELED if not set
	asked  int
}

func (w *workflow) Trace(context.Context, domain.OrderID) {}

func (w *workflow) Pay(_ context.Context, o domain.Order, _ string) (domain.Order, domain.PaymentResult, error) {
	w.asked++
	result, err := w.pay(&o)
	return o, result, err
}

func (w *workflow) Cancel(context.Context, domain.Order) error {
	w.asked++
	if w.cancel == nil && w.after == "" {
		w.after = domain.StatusCanceled
	}
	if w.after != "" {
		w.rows.set(w.after, 3)
	}
	return w.cancel
}

func (w *workflow) Return(ctx context.Context, o domain.Order) error { return w.Cancel(ctx, o) }

var heldOrder = domain.Order{ID: "ord_a", UserID: "usr_a", Status: domain.StatusHeld, Due: domain.Won(1000), Version: 2}

// payment is what usr_a sends for ord_a.
var payment = Payment{User: "usr_a", Order: "ord_a", PaymentKey: "pay_a", Amount: 1000}

// inShop runs a test with a shop of one order.
func inShop(t *testing.T, o domain.Order, test func(t *testing.T, c *Checkout, rows *payRows, w *workflow)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rows := &payRows{orderRows: orderRows{row: o}}
		w := &workflow{rows: rows}
		orders, stop := newTestOrders(t, &rows.orderRows, &changes{changed: make(chan struct{})})
		defer stop()
		test(t, &Checkout{Orders: orders, rows: rows, workflows: w}, rows, w)
	})
}

func wantPay(t *testing.T, c *Checkout, p Payment, want domain.Code, wantPending bool) domain.Order {
	t.Helper()
	o, pending, err := c.Pay(t.Context(), p)
	if domain.CodeOf(err) != want || pending != wantPending {
		t.Errorf("got %s, pending %t, %v; want %q, pending %t", o.Status, pending, err, want, wantPending)
	}
	return o
}

// What is wrong with a request is found before the workflow is asked.
func TestPayChecksTheRequest(t *testing.T) {
	for name, c := range map[string]struct {
		status domain.OrderStatus
		change func(*Payment)
		want   domain.Code
	}{
		"another's order": {domain.StatusHeld, func(p *Payment) { p.User = "usr_b" }, domain.CodeNotFound},
		"no such order":   {domain.StatusHeld, func(p *Payment) { p.Order = "ord_b" }, domain.CodeNotFound},
		"another amount":  {domain.StatusHeld, func(p *Payment) { p.Amount = 999 }, domain.CodeAmountMismatch},
		"a bad key":       {domain.StatusHeld, func(p *Payment) { p.PaymentKey = "a\nb" }, domain.CodeValidation},
		"not decided yet": {domain.StatusReceived, func(*Payment) {}, domain.CodeOrderState},
		"expired":         {domain.StatusExpired, func(*Payment) {}, domain.CodeOrderState},
		"paid by another": {domain.StatusPlaced, func(*Payment) {}, domain.CodeOrderState},
	} {
		t.Run(name, func(t *testing.T) {
			o := heldOrder
			o.Status = c.status
			inShop(t, o, func(t *testing.T, shop *Checkout, _ *payRows, w *workflow) {
				p := payment
				c.change(&p)
				wantPay(t, shop, p, c.want, false)
				if w.asked != 0 {
					t.Error("the workflow was asked")
				}
			})
		})
	}
}

// The workflow's answer is the shopper's; a paid order is read anew.
func TestPayByWorkflow(t *testing.T) {
	inShop(t, heldOrder, func(t *testing.T, c *Checkout, rows *payRows, w *workflow) {
		w.pay = func(o *domain.Order) (domain.PaymentResult, error) {
			o.Declines = 1
			return domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: "REJECT"}, nil
		}
		wantPay(t, c, payment, domain.CodePaymentDeclined, false)
		w.pay = func(o *domain.Order) (domain.PaymentResult, error) {
			o.Status = domain.StatusPlaced
			rows.set(domain.StatusPlaced, 4)
			rows.payments = []domain.Payment{{PaymentKey: "pay_a", Status: domain.PaymentDone}}
			return domain.PaymentResult{Outcome: domain.OutcomePaid}, nil
		}
		if o := wantPay(t, c, payment, "", false); o.Version != 4 {
			t.Errorf("version %d, want the row's", o.Version)
		}
		wantPay(t, c, payment, "", false) // the second click
		if w.asked != 2 {
			t.Errorf("the workflow was asked %d times, want twice", w.asked)
		}
	})
}

// Another payment was faster: the workflow says that the order is placed, and this one did not pay it.
func TestPayWasOvertaken(t *testing.T) {
	inShop(t, heldOrder, func(t *testing.T, c *Checkout, rows *payRows, w *workflow) {
		w.pay = func(o *domain.Order) (domain.PaymentResult, error) {
			o.Status = domain.StatusPlaced
			rows.set(domain.StatusPlaced, 4)
			rows.payments = []domain.Payment{{PaymentKey: "pay_b", Status: domain.PaymentDone}}
			return domain.PaymentResult{}, nil
		}
		wantPay(t, c, payment, domain.CodeOrderState, false)
	})
}

// A workflow that does not answer in time: the row does.
func TestPayByRow(t *testing.T) {
	silent := func(*domain.Order) (domain.PaymentResult, error) {
		return domain.PaymentResult{}, domain.Errorf(domain.CodeUnavailable, "no answer")
	}
	for name, c := range map[string]struct {
		status      domain.OrderStatus // after the update was sent
		payment     domain.PaymentStatus
		want        domain.Code
		wantPending bool
	}{
		"nothing was begun":           {domain.StatusHeld, "", domain.CodeUnavailable, false},
		"still being paid":            {domain.StatusPaying, domain.PaymentIntent, "", true},
		"the outcome is unknown":      {domain.StatusPaying, domain.PaymentUnknown, "", true},
		"paid":                        {domain.StatusPlaced, domain.PaymentDone, "", false},
		"declined":                    {domain.StatusHeld, domain.PaymentDeclined, domain.CodePaymentDeclined, false},
		"a fault of ours":             {domain.StatusHeld, domain.PaymentCanceled, domain.CodePaymentUnavailable, false},
		"expired, nothing was begun":  {domain.StatusExpired, "", domain.CodeOrderState, false},
		"approved after the deadline": {domain.StatusExpired, domain.PaymentDone, domain.CodeOrderState, false},
	} {
		t.Run(name, func(t *testing.T) {
			inShop(t, heldOrder, func(t *testing.T, shop *Checkout, rows *payRows, w *workflow) {
				w.pay = func(o *domain.Order) (domain.PaymentResult, error) {
					rows.set(c.status, 3)
					if c.payment != "" {
						rows.payments = []domain.Payment{{PaymentKey: "pay_a", Status: c.payment}}
					}
					return silent(o)
				}
				wantPay(t, shop, payment, c.want, c.wantPending)
			})
		})
	}
}
