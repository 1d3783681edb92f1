package store_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// listed returns the names of a list.
func listed(t *testing.T, s *store.Store, f domain.ProductFilter) (names []string) {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	rows, err := s.Listings(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		names = append(names, row.Name)
	}
	return names
}

// named is a product with a name.
func named(name string, change func(*domain.Product)) func(*domain.Product) {
	return func(p *domain.Product) {
		p.Name = name
		change(p)
	}
}

func TestProductsAreFilteredAndSorted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Now()
		add := func(name string, units int64, change func(*domain.Product)) domain.ProductID {
			return storetest.Product(t, s, units, named(name, change)).ID
		}
		jar := add("Moon Jar", 3, func(p *domain.Product) {
			p.Price, p.CategoryID, p.BrandID = domain.Won(9000), "cat_ceramics", "brd_one"
		})
		add("100% Cotton", 0, func(p *domain.Product) { p.Price, p.Discount = domain.Won(10000), 50 })
		add("달항아리", 5, func(p *domain.Product) { p.Price, p.OpensAt = domain.Won(20000), now.Add(time.Hour) })
		add("Old Hat", 5, func(p *domain.Product) {
			p.Price, p.OpensAt, p.ClosesAt = domain.Won(700), now.Add(-2*time.Hour), now.Add(-time.Hour)
		})
		gone := add("Gone", 5, func(p *domain.Product) {})
		if err := s.DeleteProduct(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Like(t.Context(), jar, "usr_a", true); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter domain.ProductFilter
			want   []string
		}{
			"newest first":            {domain.ProductFilter{}, []string{"Old Hat", "달항아리", "100% Cotton", "Moon Jar"}},
			"cheapest first":          {domain.ProductFilter{Sort: domain.SortPriceAsc}, []string{"Old Hat", "100% Cotton", "Moon Jar", "달항아리"}},
			"dearest first":           {domain.ProductFilter{Sort: domain.SortPriceDesc}, []string{"달항아리", "Moon Jar", "100% Cotton", "Old Hat"}},
			"most liked first":        {domain.ProductFilter{Sort: domain.SortLikes}, []string{"Moon Jar", "Old Hat", "달항아리", "100% Cotton"}},
			"by opening":              {domain.ProductFilter{Sort: domain.SortOpening}, []string{"Moon Jar", "100% Cotton", "Old Hat", "달항아리"}},
			"open":                    {domain.ProductFilter{State: domain.ProductOpen}, []string{"Moon Jar"}},
			"upcoming":                {domain.ProductFilter{State: domain.ProductUpcoming}, []string{"달항아리"}},
			"sold out":                {domain.ProductFilter{State: domain.ProductSoldOut}, []string{"100% Cotton"}},
			"closed":                  {domain.ProductFilter{State: domain.ProductClosed}, []string{"Old Hat"}},
			"of a brand":              {domain.ProductFilter{Brand: "brd_one"}, []string{"Moon Jar"}},
			"of a category":           {domain.ProductFilter{Categories: []domain.CategoryID{"cat_home", "cat_ceramics"}}, []string{"Moon Jar"}},
			"a part of the name":      {domain.ProductFilter{Text: "moon J"}, []string{"Moon Jar"}},
			"in Korean":               {domain.ProductFilter{Text: "항아"}, []string{"달항아리"}},
			"a sign of SQL is a sign": {domain.ProductFilter{Text: "0%"}, []string{"100% Cotton"}},
			"and so is this one":      {domain.ProductFilter{Text: "_"}, nil},
		} {
			if got := listed(t, s, c.filter); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	})
}

// Page after page, in every order, each product is listed once, with the units that are available.
func TestPagesOfAListShowEachProductOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n := range 7 {
			storetest.Product(t, s, int64(n), named(fmt.Sprint("P", n), func(p *domain.Product) { p.Price = domain.Won(int64(1000 + n/3)) }))
		}
		for _, sort := range []domain.ProductSort{domain.SortNewest, domain.SortPriceAsc, domain.SortPriceDesc, domain.SortLikes,
			domain.SortOpening} {
			seen := map[string]bool{}
			f := domain.ProductFilter{Sort: sort, Limit: 2}
			for {
				page, err := s.Listings(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				for _, row := range page {
					if seen[row.Name] || fmt.Sprint("P", row.Available) != row.Name {
						t.Errorf("%s: %s twice, or with %d units", sort, row.Name, row.Available)
					}
					seen[row.Name] = true
				}
				last := page[len(page)-1]
				f.After = &domain.ProductCursor{Key: last.Key, ID: last.ID}
			}
			if len(seen) != 7 {
				t.Errorf("%s: %d of 7 products were listed", sort, len(seen))
			}
		}
	})
}

// change is one that says of a product what it says already.
func change(p domain.Product) domain.ProductChange {
	return domain.ProductChange{
		ID: p.ID, Name: p.Name, Category: domain.Category{ID: domain.OtherCategory, Name: "Other"}, Price: p.Price, Discount: p.Discount,
		LimitPerShopper: p.LimitPerShopper,
	}
}

// What shoppers came for does not change while they hold units, or wait for theirs; what is not about them does.
func TestAChangeIsRefusedWhereItWouldCheatWhoHoldsUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		later, muchLater := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour).Truncate(time.Millisecond)
		cheats := map[string]func(*domain.ProductChange){
			"price":    func(c *domain.ProductChange) { c.Price = domain.Won(500) },
			"discount": func(c *domain.ProductChange) { c.Discount = 50 },
			"limit":    func(c *domain.ProductChange) { c.LimitPerShopper = 9 },
			"opening":  func(c *domain.ProductChange) { c.OpensAt = &later },
		}
		for state, holder := range map[string]func(p domain.Product) domain.OrderID{
			"held":     func(p domain.Product) domain.OrderID { return storetest.Held(t, s, "usr_a", storetest.Item(p, 1)) },
			"received": func(p domain.Product) domain.OrderID { return storetest.Received(t, s, "usr_a", storetest.Item(p, 1)) },
		} {
			for name, alter := range cheats {
				p := storetest.Product(t, s, 5)
				id := holder(p)
				c := change(p)
				alter(&c)
				if _, err := s.ChangeProduct(t.Context(), c); domain.CodeOf(err) != domain.CodeConflict {
					t.Errorf("%s, while units are %s: %v, want CONFLICT", name, state, err)
				}
				harmless := change(p)
				harmless.Name, harmless.ClosesAt = "Better name", &muchLater
				if got, err := s.ChangeProduct(t.Context(), harmless); err != nil || got.Name != "Better name" || !got.ClosesAt.Equal(muchLater) {
					t.Errorf("a name and a closing time: %+v, %v", got, err)
				}
				if _, err := s.Release(t.Context(), domain.Release{OrderID: id, End: domain.StatusCanceled}); err != nil {
					t.Fatal(err)
				}
				if _, err := s.ChangeProduct(t.Context(), c); err != nil {
					t.Errorf("%s, when nobody holds units: %v", name, err)
				}
			}
		}
	})
}

// Fault 11 of the predecessor: a change of a product overwrote its stock, and without an opening time it opened the drop.
func TestAChangeTouchesNeitherStockNorTheOpening(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		opening := time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
		p := storetest.Product(t, s, 5, func(p *domain.Product) { p.OpensAt = opening })
		got, err := s.ChangeProduct(t.Context(), change(p))
		if err != nil || !got.OpensAt.Equal(opening) {
			t.Errorf("it opens at %s, %v; want %s", got.OpensAt, err, opening)
		}
		past := time.Now().Add(-time.Second)
		c := change(p)
		c.OpensAt = &past
		if _, err := s.ChangeProduct(t.Context(), c); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("an opening that has passed: %v, want VALIDATION", err)
		}
		storetest.WantStock(t, s, p.ID, 5, 0, 0)
	})
}

// A change of the price and a reservation at once: either the reservation comes first and the change is refused, or the other way round.
func TestAChangeAndReservationsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for range 5 {
			p := storetest.Product(t, s, 5)
			id := storetest.Received(t, s, "usr_a", storetest.Item(p, 1))
			c := change(p)
			c.Price = domain.Won(500)
			together(2, func(n int) {
				if n == 0 {
					storetest.Reserve(t, s, id)
				} else if _, err := s.ChangeProduct(t.Context(), c); domain.CodeOf(err) != domain.CodeConflict {
					t.Errorf("the change: %v, want CONFLICT: an order for the product waits or holds", err)
				}
			})
		}
	})
}

func TestLikesCountOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		together(20, func(n int) {
			if _, err := s.Like(t.Context(), p.ID, domain.UserID(fmt.Sprint("usr_", n%5)), true); err != nil {
				t.Error(err)
			}
		})
		if n, err := s.Like(t.Context(), p.ID, "usr_0", true); n != 5 || err != nil {
			t.Errorf("%d likes, %v; want 5", n, err)
		}
		together(4, func(int) {
			if _, err := s.Like(t.Context(), p.ID, "usr_0", false); err != nil {
				t.Error(err)
			}
		})
		if n, err := s.Like(t.Context(), p.ID, "usr_9", false); n != 4 || err != nil {
			t.Errorf("%d likes, %v; want 4", n, err)
		}
		if _, err := s.Like(t.Context(), "prd_none", "usr_a", true); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("no product: %v", err)
		}
	})
}

// However many are founded at once, a seller has five brands.
func TestBrandsAreLimitedUnderARace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var founded atomic.Int64
		together(20, func(int) {
			b := domain.Brand{
				ID: domain.BrandID(storetest.ID(domain.BrandPrefix)), SellerID: "usr_seller", Name: "Hanok", DeliveryFee: domain.Won(0),
				FreeFrom: domain.Won(0), LegalName: "Hanok Inc.", RegistrationNumber: "123-45-67890",
			}
			switch err := s.AddBrand(t.Context(), b); domain.CodeOf(err) {
			case "":
				founded.Add(1)
			case domain.CodeLimitExceeded, domain.CodeConflict:
			default:
				t.Error(err)
			}
		})
		mine, err := s.Brands(t.Context(), "usr_seller", "", 100)
		if err != nil || len(mine) != domain.MaxBrands || founded.Load() != domain.MaxBrands {
			t.Errorf("%d brands, %d were founded, %v; want %d", len(mine), founded.Load(), err, domain.MaxBrands)
		}
	})
}

// The ledger explains the total: every change has a line, and what was refused has none.
func TestTheLedgerOfStockExplainsTheTotal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 10)
		storetest.Held(t, s, "usr_a", storetest.Item(p, 3))
		together(10, func(n int) {
			err := s.AddStock(t.Context(), domain.StockChange{ProductID: p.ID, Quantity: -2, Reason: fmt.Sprint("broken ", n), Actor: "usr_seller"})
			if err != nil && domain.CodeOf(err) != domain.CodeConflict {
				t.Error(err)
			}
		})
		storetest.WantStock(t, s, p.ID, 1, 3, 0) // never below what is held
		lines, err := s.StockChanges(t.Context(), p.ID, 0, 100)
		if err != nil || len(lines) != 4 {
			t.Fatalf("%d lines, %v; want the first units and three changes", len(lines), err)
		}
		sum := int64(0)
		for i := len(lines) - 1; i >= 0; i-- {
			if sum += lines[i].Quantity; sum != lines[i].Total {
				t.Errorf("line %+v, and the sum is %d", lines[i], sum)
			}
		}
		if sum != 4 || lines[0].Actor != "usr_seller" || lines[0].Reason == "" || lines[0].At.IsZero() {
			t.Errorf("the sum is %d, the last line %+v", sum, lines[0])
		}
		next, err := s.StockChanges(t.Context(), p.ID, lines[2].Seq, 100)
		if err != nil || len(next) != 1 || next[0].Quantity != 10 {
			t.Errorf("after the third line: %+v, %v", next, err)
		}
	})
}

func TestCategoriesAreATree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tree, err := s.Categories(t.Context())
		if err != nil || len(tree) < 10 {
			t.Fatalf("%d categories, %v", len(tree), err)
		}
		var path []domain.CategoryID
		for _, c := range tree.Path("cat_sneakers") {
			path = append(path, c.ID)
		}
		if !slices.Equal(path, []domain.CategoryID{"cat_fashion", "cat_shoes", "cat_sneakers"}) {
			t.Errorf("the path is %v", path)
		}
		if within := tree.Within("cat_fashion"); !slices.Contains(within, "cat_sneakers") || slices.Contains(within, "cat_home") {
			t.Errorf("within fashion are %v", within)
		}
		for _, c := range tree {
			if len(tree.Path(c.ID)) == 0 || c.NameKo == "" || c.Parent != "" && len(tree.Path(c.Parent)) == 0 {
				t.Errorf("%+v hangs in the air", c)
			}
		}
		if c, ok := tree.Named("스니커즈"); !ok || c.ID != "cat_sneakers" {
			t.Errorf("by its Korean name: %+v", c)
		}
	})
}

// A change of an image that is repeated, since the answer to its commit was lost, names no file that could be
// removed: least of all its own.
func TestARepeatedImageRemovesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 1)
		for n, c := range []struct{ image, old domain.ImageID }{{"img_a", ""}, {"img_b", "img_a"}, {"img_b", ""}} {
			if old, err := s.SetProductImage(t.Context(), p.ID, true, c.image); err != nil || old != c.old {
				t.Errorf("change %d: %q, %v; want %q", n, old, err, c.old)
			}
		}
	})
}
