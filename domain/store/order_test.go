package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func TestEventsTellWhatHappened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		id := storetest.Held(t, s, "usr_a", storetest.Item(p, 1))
		intent(t, s, id, "pay_1")
		if _, err := s.SetAttention(t.Context(), domain.AttentionChange{OrderID: id, Attention: domain.AttentionPaymentUnknown}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetAttention(t.Context(),
			domain.AttentionChange{OrderID: id, Attention: domain.AttentionPaymentUnknown}); err != nil { // no change, no event
			t.Fatal(err)
		}
		if _, err := s.Place(t.Context(), domain.Placement{OrderID: id, PaymentKey: "pay_1", Paid: paid}); err != nil {
			t.Fatal(err)
		}
		events, err := s.Events(t.Context(), id, 1)
		if err != nil {
			t.Fatal(err)
		}
		type step struct {
			Seq       int64
			Status    domain.OrderStatus
			Attention domain.Attention
		}
		var got []step
		for _, e := range events {
			if e.At.IsZero() {
				t.Errorf("event %d has no time", e.Seq)
			}
			got = append(got, step{e.Seq, e.Status, e.Attention})
		}
		want := []step{
			{2, domain.StatusHeld, ""},
			{3, domain.StatusPaying, ""},
			{4, domain.StatusPaying, domain.AttentionPaymentUnknown},
			{5, domain.StatusPlaced, domain.AttentionPaymentUnknown},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events after the first (-want +got):\n%s", diff)
		}
	})
}

func TestOrdersOfPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 9)
		var ids []domain.OrderID
		for range 5 {
			ids = append(ids, storetest.Received(t, s, "usr_a", storetest.Item(p, 1)))
		}
		storetest.Received(t, s, "usr_b", storetest.Item(p, 1))
		first, err := s.OrdersOf(t.Context(), "usr_a", "", "", 3)
		if err != nil {
			t.Fatal(err)
		}
		rest, err := s.OrdersOf(t.Context(), "usr_a", "", first[2].ID, 3)
		if err != nil {
			t.Fatal(err)
		}
		var got []domain.OrderID
		for _, o := range append(first, rest...) {
			got = append(got, o.ID)
		}
		if diff := cmp.Diff([]domain.OrderID{ids[4], ids[3], ids[2], ids[1], ids[0]}, got); diff != "" {
			t.Errorf("two pages, newest first (-want +got):\n%s", diff)
		}
	})
}

func TestProductsAndBrands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		brand := domain.Brand{ID: "brd_hanok", SellerID: "usr_s", Name: "Hanok", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000),
			LegalName: "Hanok Works Inc.", RegistrationNumber: "123-45-67890"}
		if err := s.AddBrand(t.Context(), brand); err != nil {
			t.Fatal(err)
		}
		a := storetest.Product(t, s, 1, func(p *domain.Product) { p.BrandID = brand.ID; p.Discount = 15 })
		b := storetest.Product(t, s, 1)
		read, err := s.ProductsByID(t.Context(), []domain.ProductID{a.ID, b.ID, "prd_none"})
		if err != nil || len(read) != 2 || read[a.ID].Discount != 15 || read[a.ID].CreatedAt.IsZero() ||
			read[b.ID].CategoryID != domain.OtherCategory {
			t.Fatalf("%+v, %v", read, err)
		}
		brands, err := s.BrandsByID(t.Context(), []domain.BrandID{brand.ID, "brd_none"})
		if diff := cmp.Diff(map[domain.BrandID]domain.Brand{brand.ID: brand}, brands); diff != "" || err != nil {
			t.Errorf("brands (-want +got), %v:\n%s", err, diff)
		}
	})
}

func TestUserIsFoundByEmailInAnyCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := domain.User{
			ID:           "usr_1",
			Email:        "Minji@runrun.test",
			Name:         "Kim Minji",
			Phone:        "010-1234-5678",
			PasswordHash: "hash",
			Role:         domain.RoleCustomer,
			Verified:     true,
		}
		if err := s.AddUser(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		got, err := s.UserByEmail(t.Context(), " minji@RUNRUN.test")
		if got.CreatedAt.IsZero() {
			t.Error("it is not known since when there is the account")
		}
		got.CreatedAt = time.Time{}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("user (-want +got), %v:\n%s", err, diff)
		}
		want.ID = "usr_2"
		if err := s.AddUser(t.Context(), want); domain.CodeOf(err) != domain.CodeConflict {
			t.Errorf("a second account with the address: %v, want CONFLICT", err)
		}
		if _, err := s.UserByEmail(t.Context(), "nobody@runrun.test"); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("an unknown address: %v, want NOT_FOUND", err)
		}
	})
}

func TestAddStock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		storetest.Held(t, s, "usr_a", storetest.Item(p, 2))
		if err := s.AddStock(t.Context(), domain.StockChange{ProductID: p.ID, Quantity: 4}); err != nil {
			t.Fatal(err)
		}
		storetest.WantStock(t, s, p.ID, 5, 2, 0)
		if err := s.AddStock(t.Context(), domain.StockChange{ProductID: p.ID, Quantity: -6}); domain.CodeOf(err) != domain.CodeConflict {
			t.Errorf("taking off more than is available: %v, want CONFLICT", err)
		}
		if err := s.AddStock(t.Context(), domain.StockChange{ProductID: "prd_none", Quantity: 1}); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("an unknown product: %v, want NOT_FOUND", err)
		}
		storetest.WantStock(t, s, p.ID, 5, 2, 0)
	})
}

// The store is the last to look at what is written, whoever calls it.
func TestTheStoreValidates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		good := storetest.Product(t, s, 1)
		cheap, order := good, storetest.NewOrder("usr_a", storetest.Item(good, 1))
		cheap.ID, cheap.Price = "prd_cheap", domain.Won(-50000)
		order.Items[0].Quantity = 5 // its sum is that of one
		if err := s.AddProduct(t.Context(), cheap, 1); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("a negative price: %v", err)
		}
		if _, err := s.Accept(t.Context(), []domain.NewOrder{order}); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("five for the price of one: %v", err)
		}
		if err := s.AddStock(t.Context(), domain.StockChange{ProductID: good.ID,
			Quantity: 1 << 40}); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("a trillion units: %v", err)
		}
		if products := storetest.Count(t, s, "SELECT COUNT(*) FROM products"); products != 1 ||
			storetest.Count(t, s, "SELECT COUNT(*) FROM orders") != 0 {
			t.Error("something was written")
		}
	})
}
