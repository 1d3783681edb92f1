package activities_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/activities"
	"runrun/domain"
	"runrun/workflows"
)

// world is the shop's books, Temporal and the gateway, as far as they are compared.
type world struct {
	orders   map[domain.OrderID]domain.Order
	rows     []domain.Difference
	stocks   []domain.Stock
	payments map[string]domain.PaymentBooks
	ledger   []domain.Transaction

	listed, running []domain.OrderID
	adopted         []domain.OrderID
	checked         []string
	attended        []domain.OrderID
	err             error
}

func (w *world) Inconsistencies(context.Context, bool, int) ([]domain.Difference, error) {
	return w.rows, w.err
}

func (w *world) UnbalancedStocks(context.Context, int) ([]domain.Stock, error) {
	return w.stocks, w.err
}

func (w *world) OpenOrders(_ context.Context, after domain.OrderID, quiet time.Duration, _ int) (open []domain.Order, _ error) {
	for _, o := range w.orders {
		if o.Status.Open() && o.ID > after && time.Since(o.UpdatedAt) > quiet {
			open = append(open, o)
		}
	}
	return open, w.err
}

func (w *world) Order(_ context.Context, id domain.OrderID) (domain.Order, error) {
	o, ok := w.orders[id]
	if !ok {
		return o, domain.Errorf(domain.CodeNotFound, "none")
	}
	return o, w.err
}

func (w *world) PaymentsByKey(_ context.Context, keys []string) (map[string]domain.PaymentBooks, error) {
	found := map[string]domain.PaymentBooks{}
	for _, key := range keys {
		if p, ok := w.payments[key]; ok {
			found[key] = p
		}
	}
	return found, w.err
}

func (w *world) PaidBetween(_ context.Context, _, _ time.Time, after string, _ int) (keys []string, _ error) {
	for key, p := range w.payments {
		if key > after && (p.Payment.Status == domain.PaymentDone || p.Payment.Status == domain.PaymentCanceled) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, w.err
}

func (w *world) SetAttention(_ context.Context, in domain.AttentionChange) (domain.Order, error) {
	w.attended = append(w.attended, in.OrderID)
	o := w.orders[in.OrderID]
	o.Attention = in.Attention
	w.orders[in.OrderID] = o
	return o, w.err
}

func (w *world) Running(context.Context, []byte) ([]domain.OrderID, []byte, error) {
	return w.listed, nil, w.err
}

func (w *world) IsRunning(_ context.Context, id domain.OrderID) (bool, error) {
	return slices.Contains(w.running, id), w.err
}

func (w *world) Adopt(_ context.Context, o domain.Order) error {
	w.adopted = append(w.adopted, o.ID)
	return w.err
}

func (w *world) CheckPayment(_ context.Context, _ domain.Order, key string) error {
	w.checked = append(w.checked, key)
	return w.err
}

func (w *world) Transactions(_ context.Context, _, _ time.Time, after string, _ int) ([]domain.Transaction, error) {
	if after != "" {
		return nil, w.err
	}
	return w.ledger, w.err
}

// order is one that nobody has touched for an hour.
func hourOld(id domain.OrderID, status domain.OrderStatus) domain.Order {
	return domain.Order{ID: id, Status: status, UpdatedAt: time.Now().Add(-time.Hour)}
}

// approved is money that moved an hour ago, minus is money that went back.
func transaction(order domain.OrderID, payment string, amount int64) domain.Transaction {
	return domain.Transaction{Key: payment + "-txn", OrderID: order, PaymentKey: payment, Amount: amount, At: time.Now().Add(-time.Hour)}
}

func payment(order domain.OrderID, status domain.PaymentStatus, refunded int64) domain.PaymentBooks {
	return domain.PaymentBooks{Payment: domain.Payment{OrderID: order, Status: status}, Refunded: refunded}
}

// Each kind of difference is planted; what is certain is mended, the rest marks its order, and a look alone changes nothing.
func TestEveryDifferenceIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		world    world
		kind     domain.DifferenceKind // "" is none
		mended   bool
		attended bool
	}{
		"rows that contradict each other": {
			world{
				orders: map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusCompleted)},
				rows:   []domain.Difference{{Kind: domain.DifferenceRow, OrderID: "ord_a"}},
			},
			domain.DifferenceRow, false, true,
		},
		"stock that does not balance": {world{stocks: []domain.Stock{{ProductID: "prd_a", Total: 3}}}, domain.DifferenceStock, false, false},
		"an order without a workflow": {
			world{orders: map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusPlaced)}}, domain.DifferenceOrphan, true, false,
		},
		"an order whose workflow is not listed yet": {
			world{orders: map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusPlaced)}, running: []domain.OrderID{"ord_a"}},
			"", false, false,
		},
		"a workflow whose order has ended": {
			world{
				orders: map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusExpired)},
				listed: []domain.OrderID{"ord_a"}, running: []domain.OrderID{"ord_a"},
			},
			domain.DifferenceGhost, false, true,
		},
		"a workflow without an order": {
			world{listed: []domain.OrderID{"ord_gone"}, running: []domain.OrderID{"ord_gone"}}, domain.DifferenceGhost, false, false,
		},
		"a workflow that has just ended": {
			world{orders: map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusExpired)}, listed: []domain.OrderID{"ord_a"}},
			"", false, false,
		},
		"a payment as both have it": {
			world{
				payments: map[string]domain.PaymentBooks{"pay_a": payment("ord_a", domain.PaymentDone, 0)},
				ledger:   []domain.Transaction{transaction("ord_a", "pay_a", 1000)},
			},
			"", false, false,
		},
		"a payment that pays no order": {
			world{
				orders: map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusExpired)},
				ledger: []domain.Transaction{transaction("ord_a", "pay_a", 1000)},
			},
			domain.DifferencePayment, true, false,
		},
		"a payment of an order that does not exist": {
			world{ledger: []domain.Transaction{transaction("ord_gone", "pay_a", 1000)}}, domain.DifferencePayment, false, false,
		},
		"a payment that is open": {
			world{
				payments: map[string]domain.PaymentBooks{"pay_a": payment("ord_a", domain.PaymentUnknown, 0)},
				ledger:   []domain.Transaction{transaction("ord_a", "pay_a", 1000)},
			},
			"", false, false,
		},
		"a payment that the gateway does not have": {
			world{
				orders:   map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusCompleted)},
				payments: map[string]domain.PaymentBooks{"pay_a": payment("ord_a", domain.PaymentDone, 0)},
			},
			domain.DifferenceApproval, false, true,
		},
		"money that went back unseen": {
			world{
				orders:   map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusCompleted)},
				payments: map[string]domain.PaymentBooks{"pay_a": payment("ord_a", domain.PaymentDone, 0)},
				ledger:   []domain.Transaction{transaction("ord_a", "pay_a", 1000), transaction("ord_a", "pay_a", -1000)},
			},
			domain.DifferenceRefund, false, true,
		},
		"a refund that was not made": {
			world{
				orders:   map[domain.OrderID]domain.Order{"ord_a": hourOld("ord_a", domain.StatusCanceled)},
				payments: map[string]domain.PaymentBooks{"pay_a": payment("ord_a", domain.PaymentCanceled, 1000)},
				ledger:   []domain.Transaction{transaction("ord_a", "pay_a", 1000)},
			},
			domain.DifferenceRefunded, false, true,
		},
		"a refund as both have it": {
			world{
				payments: map[string]domain.PaymentBooks{"pay_a": payment("ord_a", domain.PaymentCanceled, 1000)},
				ledger:   []domain.Transaction{transaction("ord_a", "pay_a", 1000), transaction("ord_a", "pay_a", -1000)},
			},
			"", false, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, mend := range []bool{false, true} { // the look first: it changes nothing
				w := &c.world
				compare := activities.Comparison{
					Books: w, Workflows: w, Mend: mend, Settled: time.Minute, Beat: func(context.Context) {},
				}
				orders, payments := activities.NewOrderBooks(compare), activities.NewPaymentBooks(compare, w)
				var all workflows.ReconcileReport
				for _, do := range []func(context.Context, workflows.ReconcileInput) (workflows.ReconcileReport, error){
					orders.CompareOrders, orders.CompareWorkflows, payments.ComparePayments,
				} {
					part, err := do(t.Context(), workflows.ReconcileInput{Since: time.Hour})
					if err != nil {
						t.Fatal(err)
					}
					all.Merge(part)
				}
				want := map[domain.DifferenceKind]int{c.kind: 1}
				if c.kind == "" {
					want = nil
				}
				if diff := cmp.Diff(want, all.Found); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
				if got := len(w.adopted)+len(w.checked) > 0; got != (mend && c.mended) || (all.Mended > 0) != got {
					t.Errorf("mend %t: adopted %v, checked %v, reported %d", mend, w.adopted, w.checked, all.Mended)
				}
				if got := len(w.attended) > 0; got != (mend && c.attended) {
					t.Errorf("mend %t: attention for %v", mend, w.attended)
				}
			}
		})
	}
}

// Books that cannot be read are no difference.
func TestBooksThatCannotBeRead(t *testing.T) {
	w := &world{err: domain.Errorf(domain.CodeUnavailable, "gone")}
	compare := activities.Comparison{Books: w, Workflows: w, Mend: true, Settled: time.Minute, Beat: func(context.Context) {}}
	orders := activities.NewOrderBooks(compare)
	for name, do := range map[string]func(context.Context, workflows.ReconcileInput) (workflows.ReconcileReport, error){
		"orders": orders.CompareOrders, "workflows": orders.CompareWorkflows, "payments": activities.NewPaymentBooks(compare, w).ComparePayments,
	} {
		if report, err := do(t.Context(), workflows.ReconcileInput{Since: time.Hour}); err == nil || len(report.Found) != 0 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}
