package checkout

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"runrun/api/cache"
	"runrun/domain"
)

// testGate is a gate in memory, which may be slow, forget itself or count wrongly.
type testGate struct {
	Gate
	mu       sync.Mutex
	left     map[domain.ProductID]int64 // of the products that are seeded
	owned    map[domain.UserID]int64
	limit    int64
	slow     time.Duration
	entered  int
	tickets  int64
	returned []domain.OrderItem
}

func (g *testGate) Enter(ctx context.Context, entries []domain.GateEntry) ([]domain.GateAnswer, error) {
	time.Sleep(g.slow)
	g.mu.Lock()
	defer g.mu.Unlock()
	answers := make([]domain.GateAnswer, len(entries))
	for n, e := range entries {
		g.entered++
		left, seeded := g.left[e.Product]
		switch {
		case !seeded:
		case g.limit > 0 && g.owned[e.User]+int64(e.Quantity) > g.limit:
			answers[n].Refusal = &domain.GateRefusal{Code: domain.CodeLimitExceeded}
		case left < int64(e.Quantity):
			answers[n].Refusal = &domain.GateRefusal{Code: domain.CodeSoldOut}
		default:
			g.tickets++
			g.left[e.Product] -= int64(e.Quantity)
			answers[n].Ticket = g.tickets
		}
	}
	return answers, ctx.Err()
}

func (g *testGate) Seed(_ context.Context, seed domain.GateSeed) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left[seed.Product.ID] = seed.Left
	return nil
}

func (g *testGate) GiveBack(_ context.Context, _ domain.OrderID, _ domain.UserID, items []domain.OrderItem) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.returned = append(g.returned, items...)
	return nil
}

func (g *testGate) CorrectOwned(_ context.Context, _ domain.ProductID, user domain.UserID, units int64, _ time.Duration) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.owned[user] = units
	return 0, nil
}

// testCounts is the database behind a gate.
type testCounts struct {
	Counts
	product domain.Product
	left    int64
	owned   int64
}

func (c *testCounts) ProductsByID(_ context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error) {
	if ids[0] == "prd_none" {
		return nil, nil
	}
	product := c.product
	product.ID = ids[0]
	return map[domain.ProductID]domain.Product{ids[0]: product}, nil
}

func (c *testCounts) BrandsByID(context.Context, []domain.BrandID) (map[domain.BrandID]domain.Brand, error) {
	return nil, nil
}

func (c *testCounts) Claims(context.Context, domain.ProductID, []int64) (domain.Claims, error) {
	return domain.Claims{Unclaimed: c.left}, nil
}

func (c *testCounts) LastTicket(context.Context, domain.ProductID) (int64, error) { return 0, nil }

func (c *testCounts) Owned(context.Context, domain.ProductID) (map[domain.UserID]int64, error) {
	return nil, nil
}

func (c *testCounts) OwnedBy(context.Context, domain.ProductID, domain.UserID) (int64, error) {
	return c.owned, nil
}

// noShared is no cache at all.
type noShared struct{}

func (noShared) Get(context.Context, domain.ProductID) (domain.Offer, bool, error) {
	return domain.Offer{}, false, nil
}
func (noShared) Put(context.Context, domain.Offer) error { return nil }

// presence reports whether there is a gate.
type presence struct{ absent bool }

func (p *presence) Absent() bool               { return p.absent }
func (p *presence) Check(context.Context) bool { return p.absent }

// atTheGate runs a test with a gate of prd_a and prd_b, with two units and one.
func atTheGate(t *testing.T, test func(t *testing.T, a *Admission, g *testGate, c *testCounts, p *presence)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		gate := &testGate{left: map[domain.ProductID]int64{"prd_a": 2, "prd_b": 1}, owned: map[domain.UserID]int64{}}
		counts, there := &testCounts{left: 2}, &presence{}
		stocks := cache.NewStocks(func(context.Context, domain.ProductID) (domain.Stock, error) {
			return domain.Stock{Available: counts.left}, nil
		})
		a, err := NewAdmission(gate, there, counts, cache.NewOffers(noShared{}, counts), stocks, &cache.SoldOut{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Stop()
		test(t, a, gate, counts, there)
	})
}

func one(products ...domain.ProductID) (items []domain.OrderItem) {
	for _, p := range products {
		items = append(items, domain.OrderItem{ProductID: p, Quantity: 1})
	}
	return items
}

func wantTickets(t *testing.T, a *Admission, want domain.Code, items []domain.OrderItem) admitted {
	t.Helper()
	got, err := a.acquireTickets(t.Context(), "ord_a", "usr_a", items)
	if domain.CodeOf(err) != want {
		t.Errorf("%v: %v, want %q", items, err, want)
	}
	return got
}

// The first shoppers get tickets. Once the gate has refused one as sold out, the next are refused without asking it.
func TestAdmission(t *testing.T) {
	atTheGate(t, func(t *testing.T, a *Admission, g *testGate, _ *testCounts, _ *presence) {
		got := wantTickets(t, a, "", one("prd_a")).withTickets(one("prd_a"))
		if got[0].Ticket != 1 {
			t.Errorf("ticket %d, want 1", got[0].Ticket)
		}
		wantTickets(t, a, "", one("prd_a"))
		wantTickets(t, a, domain.CodeSoldOut, one("prd_a"))
		asked := g.entered
		wantTickets(t, a, domain.CodeSoldOut, one("prd_a"))
		if g.entered != asked {
			t.Error("the gate was asked again")
		}
	})
}

// A basket has tickets for all of its products or for none.
func TestARefusedBasketReturnsItsTickets(t *testing.T) {
	atTheGate(t, func(t *testing.T, a *Admission, g *testGate, _ *testCounts, _ *presence) {
		wantTickets(t, a, "", one("prd_b"))
		wantTickets(t, a, domain.CodeSoldOut, one("prd_a", "prd_b"))
		if len(g.returned) != 1 || g.returned[0].ProductID != "prd_a" || g.returned[0].Ticket != 2 {
			t.Errorf("returned %v, want the ticket of prd_a", g.returned)
		}
	})
}

// A gate that is not there is opened from the database, once for all who come.
func TestAnAbsentGateIsOpened(t *testing.T) {
	atTheGate(t, func(t *testing.T, a *Admission, g *testGate, c *testCounts, _ *presence) {
		c.left = 3
		wantTickets(t, a, "", one("prd_new"))
		if g.left["prd_new"] != 2 {
			t.Errorf("%d left, want the database's three less one", g.left["prd_new"])
		}
		wantTickets(t, a, domain.CodeUnknownProduct, one("prd_none"))
	})
}

// Without Redis orders go on without tickets, while units are left.
func TestAdmissionWithoutAGate(t *testing.T) {
	atTheGate(t, func(t *testing.T, a *Admission, g *testGate, c *testCounts, p *presence) {
		p.absent = true
		if got := wantTickets(t, a, "", one("prd_a")); !got.gateless || got.tickets["prd_a"] != 0 {
			t.Errorf("got %+v, want no ticket and no gate", got)
		}
		c.left = 0
		time.Sleep(2 * cache.StockTTL)
		wantTickets(t, a, domain.CodeSoldOut, one("prd_a"))
		if g.entered != 0 {
			t.Error("the gate was asked")
		}
	})
}

// A gate that does not answer in time lets nobody in, and the ticket that comes later is returned.
func TestASlowGateLetsNobodyIn(t *testing.T) {
	atTheGate(t, func(t *testing.T, a *Admission, g *testGate, _ *testCounts, _ *presence) {
		g.slow = gateTimeout + 100*time.Millisecond
		began := time.Now()
		wantTickets(t, a, domain.CodeOverloaded, one("prd_a"))
		if took := time.Since(began); took != gateTimeout {
			t.Errorf("after %s, want %s", took, gateTimeout)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(g.returned) != 1 || g.returned[0].Ticket == 0 {
			t.Errorf("returned %v, want the late ticket", g.returned)
		}
	})
}

// The gate believes that a shopper is at the limit: the database decides, and the gate's count is corrected.
func TestALimitIsConfirmedByTheDatabase(t *testing.T) {
	atTheGate(t, func(t *testing.T, a *Admission, g *testGate, c *testCounts, _ *presence) {
		g.limit, g.owned["usr_a"], c.product.LimitPerShopper = 1, 1, 1
		wantTickets(t, a, "", one("prd_a")) // the database knows of nothing
		c.owned, g.owned["usr_a"] = 1, 1
		wantTickets(t, a, domain.CodeLimitExceeded, one("prd_a"))
	})
}

// An early shopper is told when to come.
func TestRefusalBeforeTheOpening(t *testing.T) {
	opens := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	var refused *domain.Error
	err := new(Admission).refusal(domain.GateEntry{}, domain.GateRefusal{Code: domain.CodeNotOpenYet, OpensAt: opens})
	if !errors.As(err, &refused) || refused.Code != domain.CodeNotOpenYet || !refused.RetryAt.Equal(opens) {
		t.Errorf("got %v", err)
	}
}
