package store_test

import (
	"fmt"
	"testing"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// cart returns the quantities of a user's cart, by product.
func cart(t *testing.T, s *store.Store, user domain.UserID) map[domain.ProductID]int {
	t.Helper()
	lines, err := s.Cart(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	got := map[domain.ProductID]int{}
	for _, line := range lines {
		got[line.Product.ID] = line.Quantity
	}
	return got
}

func put(t *testing.T, s *store.Store, user domain.UserID, product domain.ProductID, quantity int) {
	t.Helper()
	if err := s.AddToCart(t.Context(), user, product, quantity); err != nil {
		t.Fatal(err)
	}
}

// Twenty clicks at once add twenty units: none is lost, and none adds a line of its own.
func TestConcurrentChangesOfACartLoseNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 5)
		together(20, func(int) {
			if err := s.AddToCart(t.Context(), "usr_a", p.ID, 1); err != nil {
				t.Error(err)
			}
		})
		if got := cart(t, s, "usr_a"); got[p.ID] != 20 || len(got) != 1 {
			t.Errorf("the cart is %v, want 20 units", got)
		}
	})
}

func TestACartHasLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 5)
		put(t, s, "usr_a", p.ID, 60)
		for name, c := range map[string]struct {
			product  domain.ProductID
			quantity int
			want     domain.Code
		}{
			"too many units": {p.ID, 41, domain.CodeLimitExceeded}, "none": {p.ID, 0, domain.CodeValidation}, "fewer than none": {p.ID, -1, domain.CodeValidation},
			"no product": {"prd_none", 1, domain.CodeUnknownProduct}, "no id": {"jar", 1, domain.CodeValidation},
		} {
			if err := s.AddToCart(t.Context(), "usr_a", c.product, c.quantity); domain.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		for range domain.MaxCartLines - 1 {
			put(t, s, "usr_a", storetest.Product(t, s, 1).ID, 1)
		}
		if err := s.AddToCart(t.Context(), "usr_a", storetest.Product(t, s, 1).ID, 1); domain.CodeOf(err) != domain.CodeLimitExceeded {
			t.Errorf("one product too many: %v", err)
		}
		if got := cart(t, s, "usr_a"); got[p.ID] != 60 || len(got) != domain.MaxCartLines {
			t.Errorf("%d lines, %d units of the first", len(got), got[p.ID])
		}
	})
}

func TestALineOfACartIsSetAndRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a, b := storetest.Product(t, s, 5), storetest.Product(t, s, 5)
		put(t, s, "usr_a", a.ID, 2)
		put(t, s, "usr_a", b.ID, 2)
		if err := s.SetCartLine(t.Context(), "usr_a", a.ID, 7); err != nil {
			t.Fatal(err)
		}
		if err := s.SetCartLine(t.Context(), "usr_b", a.ID, 7); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("another's line: %v", err)
		}
		if err := s.RemoveFromCart(t.Context(), "usr_a", b.ID); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(cart(t, s, "usr_a")); got != fmt.Sprint(map[domain.ProductID]int{a.ID: 7}) {
			t.Errorf("the cart is %s", got)
		}
		if err := s.DeleteProduct(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		if lines, err := s.Cart(t.Context(), "usr_a"); err != nil || len(lines) != 1 || !lines[0].Deleted {
			t.Errorf("a product that was taken out of the shop: %+v, %v", lines, err)
		}
		if err := s.RemoveFromCart(t.Context(), "usr_a", ""); err != nil || len(cart(t, s, "usr_a")) != 0 {
			t.Errorf("the cart is not empty: %v", err)
		}
	})
}

// What was ordered leaves the cart in the transaction that holds its units: not before, not for who was refused, not more than was ordered.
func TestACartIsEmptiedWhenUnitsAreHeld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p, other := storetest.Product(t, s, 3), storetest.Product(t, s, 3)
		order := func(user domain.UserID, quantity int, fromCart bool) domain.OrderID {
			o := storetest.NewOrder(user, storetest.Item(p, quantity))
			o.FromCart = fromCart
			if _, err := s.Accept(t.Context(), []domain.NewOrder{o}); err != nil {
				t.Fatal(err)
			}
			return o.ID
		}
		for user, inCart := range map[domain.UserID]int{"usr_all": 2, "usr_part": 5, "usr_asks-not": 1, "usr_refused": 2} {
			put(t, s, user, p.ID, inCart)
			put(t, s, user, other.ID, 1)
		}
		orders := []domain.OrderID{order("usr_all", 1, true), order("usr_part", 1, true), order("usr_asks-not", 1, false),
			order("usr_refused", 1, true)}
		want := map[domain.UserID]int{"usr_all": 2, "usr_part": 5, "usr_asks-not": 1, "usr_refused": 2}
		check := func(when string) {
			t.Helper()
			for user, n := range want {
				if got := cart(t, s, user); got[p.ID] != n || got[other.ID] != 1 {
					t.Errorf("%s: the cart of %s is %v, want %d", when, user, got, n)
				}
			}
		}
		check("accepted")
		storetest.Reserve(t, s, orders...)
		want["usr_all"], want["usr_part"] = 1, 4
		check("decided")
		storetest.Reserve(t, s, orders...)
		check("asked again")
		storetest.Exec(t, s, "UPDATE stocks SET total = total + 5, available = available + 5 WHERE product_id = ?", p.ID)
		storetest.Reserve(t, s, order("usr_all", 1, true))
		want["usr_all"] = 0
		check("the last unit")
	})
}

// However many different products are added at once, a cart has no more lines than it shows.
func TestLinesOfACartAreLimitedUnderARace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for range domain.MaxCartLines - 2 {
			put(t, s, "usr_a", storetest.Product(t, s, 1).ID, 1)
		}
		products := make([]domain.ProductID, 10)
		for i := range products {
			products[i] = storetest.Product(t, s, 1).ID
		}
		together(len(products), func(i int) {
			switch err := s.AddToCart(t.Context(), "usr_a", products[i], 1); domain.CodeOf(err) {
			case "", domain.CodeLimitExceeded, domain.CodeConflict:
			default:
				t.Error(err)
			}
		})
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM cart_items"); n != domain.MaxCartLines {
			t.Errorf("%d lines, want %d", n, domain.MaxCartLines)
		}
	})
}
