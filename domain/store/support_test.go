package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func TestOrdersForSupportStaff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		paid, p := placed(t, s)
		held := storetest.Held(t, s, "usr_b", storetest.Item(p, 1))
		other := storetest.Product(t, s, 1)
		received := storetest.Received(t, s, "usr_b", storetest.Item(other, 1))
		for id, attention := range map[domain.OrderID]domain.Attention{held: domain.AttentionStepFailing, paid: domain.AttentionRefundFailed} {
			if _, err := s.SetAttention(t.Context(), domain.AttentionChange{OrderID: id, Attention: attention}); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			filter domain.OrderFilter
			want   []domain.OrderID
		}{
			"all":                    {domain.OrderFilter{}, []domain.OrderID{received, held, paid}},
			"one page":               {domain.OrderFilter{Limit: 1}, []domain.OrderID{received}},
			"the next page":          {domain.OrderFilter{After: received}, []domain.OrderID{held, paid}},
			"a status":               {domain.OrderFilter{Status: domain.StatusHeld}, []domain.OrderID{held}},
			"any attention":          {domain.OrderFilter{Attention: domain.AnyAttention}, []domain.OrderID{held, paid}},
			"one attention":          {domain.OrderFilter{Attention: domain.AttentionRefundFailed}, []domain.OrderID{paid}},
			"a shopper":              {domain.OrderFilter{User: "usr_b"}, []domain.OrderID{received, held}},
			"a shopper's attention":  {domain.OrderFilter{User: "usr_b", Attention: domain.AnyAttention}, []domain.OrderID{held}},
			"a product":              {domain.OrderFilter{Product: p.ID}, []domain.OrderID{held, paid}},
			"an order id":            {domain.OrderFilter{Text: string(held)}, []domain.OrderID{held}},
			"a payment key":          {domain.OrderFilter{Text: "pay_1"}, []domain.OrderID{paid}},
			"a payment of nobody":    {domain.OrderFilter{Text: "pay_2"}, nil},
			"a status and a product": {domain.OrderFilter{Status: domain.StatusReceived, Product: p.ID}, nil},
		} {
			if c.filter.Limit == 0 {
				c.filter.Limit = 10
			}
			orders, err := s.OrdersFor(t.Context(), c.filter)
			var got []domain.OrderID
			for _, o := range orders {
				got = append(got, o.ID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%s (-want +got), %v:\n%s", name, err, diff)
			}
		}
		claims, err := s.Reservations(t.Context(), paid)
		want := []domain.Reservation{{OrderID: paid, ProductID: p.ID, UserID: "usr_a", Quantity: 2, Status: domain.ReservationSold}}
		if diff := cmp.Diff(want, claims); diff != "" || err != nil {
			t.Errorf("reservations (-want +got), %v:\n%s", err, diff)
		}
	})
}
