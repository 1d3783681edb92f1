package demo

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

// The demo drop: sixty shoppers, twenty units, one second.
const (
	dropShoppers = system.DemoShoppers
	dropUnits    = 20
	dropLimit    = 2 * time.Minute
)

// behaviours are what the winners do, one after another.
var behaviours = []string{
	"pay",
	"pay",
	"pay",
	"card refused, then pay",
	"card refused three times",
	"cancel",
	"pay",
	"answer of the gateway lost",
	"pay",
	"walk away",
}

// Run runs a drop as outsiders would, over HTTP, and then counts. It fails if something does not balance.
func Run(ctx context.Context, s *system.System, out io.Writer) error {
	if s.PGMock == nil {
		return fmt.Errorf("the demo scripts the gateway, so it needs the mock: unset PG_URL")
	}
	ctx, cancel := context.WithTimeout(ctx, dropLimit)
	defer cancel()
	product := domain.Product{
		ID: domain.ProductID(domain.ProductPrefix + uuid.NewString()), BrandID: system.DemoBrand, Name: "Moon Jar, tonight", Category: "ceramics",
		Price: domain.Won(180000), LimitPerShopper: 1,
	}
	if err := s.Store.AddProduct(ctx, product, dropUnits); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "A drop: %d shoppers, %d units of %s.\n\n", dropShoppers, dropUnits, product.Name)
	shoppers, err := LogInAll(ctx, s)
	if err != nil {
		return err
	}
	began := time.Now()
	everyone(shoppers, func(_ int, sh *Shopper) { sh.Order(ctx, product.ID) })
	decided := time.Since(began)
	winners := 0
	for _, sh := range shoppers {
		if sh.held {
			sh.Behaviour = behaviours[winners%len(behaviours)]
			winners++
		}
	}
	everyone(shoppers, func(_ int, sh *Shopper) { sh.Act(ctx) })
	return count(ctx, s, product.ID, shoppers, decided, out)
}

// LogInAll gives every shopper a token.
func LogInAll(ctx context.Context, s *system.System) ([]*Shopper, error) {
	shoppers := make([]*Shopper, dropShoppers)
	for i := range shoppers {
		shoppers[i] = &Shopper{API: s.API.URL(), Gateway: s.PGMock.URL()}
	}
	everyone(shoppers, func(i int, sh *Shopper) { sh.logIn(ctx, system.NumberedEmail(i+1), system.DemoPassword) })
	for _, sh := range shoppers {
		if sh.Err != nil {
			return nil, sh.Err
		}
	}
	return shoppers, nil
}

// everyone lets all shoppers act at once.
func everyone(shoppers []*Shopper, act func(int, *Shopper)) {
	var done sync.WaitGroup
	for i, sh := range shoppers {
		done.Go(func() { act(i, sh) })
	}
	done.Wait()
}

// count compares what shoppers saw with the shop's rows and the gateway's ledger.
func count(
	ctx context.Context,
	s *system.System,
	product domain.ProductID,
	shoppers []*Shopper,
	decided time.Duration,
	out io.Writer,
) error {
	seen, paid := map[string]int{}, 0
	for _, sh := range shoppers {
		if sh.Err != nil {
			return sh.Err
		}
		seen[sh.Outcome]++
		if sh.Outcome == string(domain.StatusPlaced) {
			paid++
		}
	}
	stock, err := s.Store.CountStock(ctx, product)
	if err != nil {
		return err
	}
	approvals := 0
	for _, approval := range s.PGMock.Ledger().Approvals {
		for _, sh := range shoppers {
			if approval.OrderID == sh.OrderID {
				approvals++
			}
		}
	}
	winners, refused := dropShoppers-seen[string(domain.CodeSoldOut)], seen[string(domain.CodeSoldOut)]
	printTable(out, seen, decided)
	_, _ = fmt.Fprintf(out, "\n  stock    %d = %d available + %d held + %d sold\n  gateway  %d approvals for %d paid orders\n\n",
		stock.Total, stock.Available, stock.Held, stock.Sold, approvals, paid)
	switch {
	case !stock.Balanced() || stock.Held != 0:
		return fmt.Errorf("the stock does not balance")
	case stock.Sold != int64(paid) || approvals != paid:
		return fmt.Errorf("%d paid orders, but %d units sold and %d approvals", paid, stock.Sold, approvals)
	case winners != dropUnits || refused != dropShoppers-dropUnits:
		return fmt.Errorf("%d winners and %d refused, want %d and %d", winners, refused, dropUnits, dropShoppers-dropUnits)
	}
	_, _ = fmt.Fprintln(out, "Everything balances.")
	return nil
}

func printTable(out io.Writer, seen map[string]int, decided time.Duration) {
	_, _ = fmt.Fprintf(out, "  %-32s %s\n", "what the shopper was told", "shoppers")
	for _, row := range []struct{ outcome, words string }{
		{string(domain.StatusPlaced), "PLACED: bought"},
		{string(domain.StatusPaymentFailed), "PAYMENT_FAILED: units given back"},
		{string(domain.StatusCanceled), "CANCELED: units given back"},
		{string(domain.StatusExpired), "EXPIRED: units given back"},
		{string(domain.CodeSoldOut), "SOLD_OUT: refused"},
	} {
		_, _ = fmt.Fprintf(out, "  %-32s %8d\n", row.words, seen[row.outcome])
	}
	_, _ = fmt.Fprintf(out, "\n  all %d shoppers had a decision after %d ms\n", dropShoppers, decided.Milliseconds())
}
