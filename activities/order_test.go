package activities_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"runrun/activities"
	"runrun/activities/reserve"
	"runrun/domain"
	"runrun/workflows"
)

// shop is a database of one order, with a gate and announcements that may fail.
type shop struct {
	activities.Store
	order    domain.Order
	payments []domain.Payment
	refund   *domain.Refund
	err      error // of the database
	helpers  error // of gate and announcements
	gaveBack []domain.OrderID
	told     []domain.OrderID
}

func (s *shop) Reserve(context.Context, domain.ReserveBatch) ([]domain.ReserveAnswer, error) {
	return []domain.ReserveAnswer{{Order: s.order}}, s.err
}

func (s *shop) Release(context.Context, domain.Release) (domain.Order, error) { return s.order, s.err }

func (s *shop) Extend(context.Context, domain.OrderID) (domain.Order, error) { return s.order, s.err }

func (s *shop) RecordIntent(context.Context, domain.OrderID, string) (domain.Order, *domain.Intent, error) {
	return s.order, &domain.Intent{New: true}, s.err
}

func (s *shop) Place(context.Context, domain.Placement) (domain.Order, error) {
	return s.order, s.err
}

func (s *shop) Decline(context.Context, domain.OrderID, string, domain.PaymentResult) (domain.Order, error) {
	return s.order, s.err
}

func (s *shop) MarkUnknown(context.Context, domain.OrderID, string, domain.PaymentResult) (domain.Order, error) {
	return s.order, s.err
}

func (s *shop) SetAttention(context.Context, domain.AttentionChange) (domain.Order, error) {
	return s.order, s.err
}

func (s *shop) Payments(context.Context, domain.OrderID) ([]domain.Payment, error) {
	return s.payments, s.err
}

func (s *shop) Refunds(context.Context, domain.OrderID) ([]domain.Refund, error) {
	if s.refund == nil {
		return nil, s.err
	}
	return []domain.Refund{*s.refund}, s.err
}

func (s *shop) Move(context.Context, domain.Move) (domain.Order, error) { return s.order, s.err }

func (s *shop) Revive(context.Context, domain.Placement) (domain.Order, error) { return s.order, s.err }

func (s *shop) Restock(context.Context, domain.Restock) (domain.Order, error) { return s.order, s.err }

func (s *shop) GiveBack(_ context.Context, id domain.OrderID, _ domain.UserID, _ []domain.OrderItem) error {
	s.gaveBack = append(s.gaveBack, id)
	return s.helpers
}

func (s *shop) Announce(_ context.Context, ids ...domain.OrderID) error {
	s.told = append(s.told, ids...)
	return s.helpers
}

// free are locks that nobody else wants.
type free struct{}

func (free) Acquire(context.Context, domain.ProductID, int64) (reserve.Lease, error) {
	return free{}, nil
}
func (free) Token() int64            { return domain.NoFence }
func (free) Release(context.Context) {}

func ordersOf(t *testing.T, s *shop) *activities.Orders {
	t.Helper()
	combiner, err := reserve.NewCombiner(s, free{}, reserve.Config{MaxBatch: 1, LockWait: time.Second, BatchLimit: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(combiner.Wait)
	return activities.NewOrders(s, combiner, s, s)
}

// each calls every activity that answers with the order's row.
func each(ctx context.Context, a *activities.Orders) map[string]func() (workflows.OrderState, error) {
	return map[string]func() (workflows.OrderState, error){
		"Reserve": func() (workflows.OrderState, error) {
			return a.Reserve(ctx, workflows.ReserveInput{OrderID: "ord_a", ProductIDs: []domain.ProductID{"prd_a"}, PayWithin: time.Minute})
		},
		"Release": func() (workflows.OrderState, error) {
			return a.Release(ctx, workflows.ReleaseInput{OrderID: "ord_a", End: domain.StatusCanceled})
		},
		"ExtendHold": func() (workflows.OrderState, error) {
			return a.ExtendHold(ctx, workflows.ExtendInput{OrderID: "ord_a"})
		},
		"RecordPaymentIntent": func() (workflows.OrderState, error) {
			answer, err := a.RecordPaymentIntent(ctx, workflows.IntentInput{OrderID: "ord_a"})
			return answer.State, err
		},
		"Place":   func() (workflows.OrderState, error) { return a.Place(ctx, workflows.SettleInput{OrderID: "ord_a"}) },
		"Decline": func() (workflows.OrderState, error) { return a.Decline(ctx, workflows.SettleInput{OrderID: "ord_a"}) },
		"MarkPaymentUnknown": func() (workflows.OrderState, error) {
			return a.MarkPaymentUnknown(ctx, workflows.SettleInput{OrderID: "ord_a"})
		},
		"MoveOrder": func() (workflows.OrderState, error) { return a.MoveOrder(ctx, workflows.MoveInput{OrderID: "ord_a"}) },
		"ReviveOrder": func() (workflows.OrderState, error) {
			return a.ReviveOrder(ctx, workflows.LateApproval{OrderID: "ord_a"})
		},
		"RestockOrder": func() (workflows.OrderState, error) {
			return a.RestockOrder(ctx, workflows.RestockInput{OrderID: "ord_a"})
		},
		"SetAttention": func() (workflows.OrderState, error) {
			return a.SetAttention(ctx, workflows.AttentionInput{OrderID: "ord_a"})
		},
	}
}

// Every activity answers with the row and announces it; units of an order that has ended go back to the gate. Neither gate nor
// announcements can make it fail.
func TestActivitiesAnswerWithTheRow(t *testing.T) {
	for _, status := range []domain.OrderStatus{domain.StatusHeld, domain.StatusExpired} {
		for name := range each(t.Context(), nil) {
			s := &shop{order: domain.Order{ID: "ord_a", Status: status, Version: 2, Declines: 1}, helpers: errors.New("Redis is gone")}
			state, err := each(t.Context(), ordersOf(t, s))[name]()
			if err != nil || state.Status != status || state.Declines != 1 || !slices.Equal(s.told, []domain.OrderID{"ord_a"}) {
				t.Errorf("%s of %s: %+v, %v; announced %v", name, status, state, err, s.told)
			}
			ends := status == domain.StatusExpired && (name == "Reserve" || name == "Release" || name == "RestockOrder")
			if (len(s.gaveBack) == 1) != ends {
				t.Errorf("%s of %s gave back %v", name, status, s.gaveBack)
			}
		}
	}
}

// A database that fails tells nobody anything. Its code goes to the history, its text does not.
func TestActivitiesFailWithTheCodeOnly(t *testing.T) {
	for code, nonRetryable := range map[domain.Code]bool{
		domain.CodeUnavailable: false, domain.CodeInternal: false, domain.CodeNotFound: true, domain.CodeOrderState: true,
	} {
		for name := range each(t.Context(), nil) {
			s := &shop{err: domain.Wrap(code, errors.New("SELECT 'secret'"), "")}
			_, err := each(t.Context(), ordersOf(t, s))[name]()
			var failed *temporal.ApplicationError
			if !errors.As(err, &failed) || failed.Type() != string(code) || failed.NonRetryable() != nonRetryable ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("%s with %s: %v", name, code, err)
			}
			if len(s.told)+len(s.gaveBack) != 0 {
				t.Errorf("%s with %s announced %v and gave back %v", name, code, s.told, s.gaveBack)
			}
		}
	}
}

// A workflow that was reset, or adopts an order, hears of its payment and of a refund that is open; a new one asks for neither.
func TestReserveTellsOfThePayment(t *testing.T) {
	paidAt := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	paid := []domain.Payment{
		{PaymentKey: "pay_declined", Status: domain.PaymentDeclined},
		{PaymentKey: "pay_a", Status: domain.PaymentDone, ApprovedAt: paidAt},
	}
	for name, c := range map[string]struct {
		shop shop
		want workflows.OrderState
	}{
		"just held":       {shop{order: domain.Order{Status: domain.StatusHeld, Version: 2}, payments: paid}, workflows.OrderState{Status: domain.StatusHeld}},
		"held long ago":   {shop{order: domain.Order{Status: domain.StatusHeld, Version: 5}}, workflows.OrderState{Status: domain.StatusHeld}},
		"paid":            {shop{order: domain.Order{Status: domain.StatusPlaced, Version: 4}, payments: paid}, workflows.OrderState{Status: domain.StatusPlaced, PaymentKey: "pay_a", PaidAt: paidAt}},
		"a refund is due": {shop{order: domain.Order{Status: domain.StatusCanceled, Version: 6}, refund: &domain.Refund{PaymentKey: "pay_b"}}, workflows.OrderState{Status: domain.StatusCanceled, PaymentKey: "pay_b", RefundDue: true}},
	} {
		c.shop.order.ID = "ord_a"
		if got, err := each(t.Context(), ordersOf(t, &c.shop))["Reserve"](); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

// An order that the database's clock keeps is not due, unless its money keeps it.
func TestReleaseBeforeTheDeadline(t *testing.T) {
	for status, notDue := range map[domain.PaymentStatus]bool{
		"": true, domain.PaymentDeclined: true, domain.PaymentIntent: false, domain.PaymentUnknown: false, domain.PaymentDone: false,
	} {
		s := &shop{order: domain.Order{ID: "ord_a", Status: domain.StatusHeld}}
		if status != "" {
			s.payments = []domain.Payment{{Status: status}}
		}
		state, err := ordersOf(t, s).Release(t.Context(), workflows.ReleaseInput{OrderID: "ord_a", End: domain.StatusExpired})
		if err != nil || state.NotDue != notDue {
			t.Errorf("with a payment %q: not due %t, %v; want %t", status, state.NotDue, err, notDue)
		}
	}
}

// gateway answers with a fault.
type gateway struct{ activities.Gateway }

func (gateway) Confirm(context.Context, domain.Payment, string) (domain.PaymentResult, error) {
	return domain.PaymentResult{Outcome: domain.OutcomeFault}, nil
}

// A fault is passed on at the first attempt; at a later one, an earlier request may have been approved.
func TestAFaultOfALaterAttemptIsUnknown(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(activities.NewPayments(gateway{}))
	value, err := env.ExecuteActivity("ConfirmPayment", workflows.ConfirmInput{})
	if err != nil {
		t.Fatal(err)
	}
	var result domain.PaymentResult
	if err := value.Get(&result); err != nil || result.Outcome != domain.OutcomeFault {
		t.Errorf("the first attempt: %+v, %v", result, err)
	}
}
