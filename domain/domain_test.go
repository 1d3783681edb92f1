package domain_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runrun/domain"
)

func TestMoneyArithmeticIsExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		check := func(name string, got domain.Money, err error, exact *big.Int) {
			switch {
			case !exact.IsInt64() && domain.CodeOf(err) != domain.CodeValidation:
				t.Fatalf("%s: got %s, %v; the exact result %s does not fit", name, got, err, exact)
			case exact.IsInt64() && (err != nil || got.Amount != exact.Int64()):
				t.Fatalf("%s: got %s, %v; want %s", name, got, err, exact)
			}
		}
		sum, err := domain.Won(a).Add(domain.Won(b))
		check("add", sum, err, new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		product, err := domain.Won(a).Times(b)
		check("times", product, err, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
	})
}

func TestDiscountNeverGainsAndNeverGoesBelowZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(0, math.MaxInt64).Draw(t, "price")
		percent := rapid.IntRange(0, 100).Draw(t, "percent")
		got, err := domain.Won(price).Discounted(percent)
		exact := new(big.Int).Mul(big.NewInt(price), big.NewInt(int64(100-percent)))
		exact.Div(exact, big.NewInt(100))
		if err != nil || got.Amount != exact.Int64() {
			t.Fatalf("%d less %d%% = %s, %v; want %s", price, percent, got, err, exact)
		}
	})
	if _, err := domain.Won(1).Discounted(101); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("101%%: %v, want VALIDATION", err)
	}
}

func TestMoneyOfTwoCurrencies(t *testing.T) {
	if _, err := domain.Won(1).Add(domain.Money{Amount: 1, Currency: "USD"}); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("KRW + USD: %v, want VALIDATION", err)
	}
}

// Every status is reachable from RECEIVED, and every end is an end.
func TestTheTableOfTransitions(t *testing.T) {
	reached := map[domain.OrderStatus]bool{domain.StatusReceived: true}
	for range domain.OrderStatuses() {
		for _, from := range domain.OrderStatuses() {
			for _, to := range domain.OrderStatuses() {
				if from.CanBecome(to) && reached[from] {
					reached[to] = true
				}
			}
		}
	}
	var final []domain.OrderStatus
	for _, status := range domain.OrderStatuses() {
		if !reached[status] {
			t.Errorf("no way leads to %s", status)
		}
		if status.CanBecome(status) {
			t.Errorf("%s may become itself", status)
		}
		if status.Final() {
			final = append(final, status)
		}
		if status.GaveBack() != (status.Final() && status != domain.StatusCompleted) {
			t.Errorf("%s: final %t, gave its units back %t", status, status.Final(), status.GaveBack())
		}
		if status.Unpaid() && status.Paid() {
			t.Errorf("%s is paid and unpaid", status)
		}
	}
	want := []domain.OrderStatus{
		domain.StatusCanceled,
		domain.StatusCompleted,
		domain.StatusExpired,
		domain.StatusPaymentFailed,
		domain.StatusRefused,
		domain.StatusReturned,
	}
	if diff := cmp.Diff(want, final); diff != "" {
		t.Errorf("ends (-want +got):\n%s", diff)
	}
	if domain.OrderStatus("NONSENSE").Final() {
		t.Error("an unknown status counts as an end")
	}
}

func TestOnlyUnpaidOrdersCanEndWithoutMoneyGoingBack(t *testing.T) {
	for _, end := range []domain.OrderStatus{domain.StatusExpired, domain.StatusPaymentFailed, domain.StatusRefused} {
		for _, from := range end.Before() {
			if !from.Unpaid() || from == domain.StatusPaying {
				t.Errorf("%s may become %s with the shopper's money", from, end)
			}
		}
	}
}

func TestCodesAreComplete(t *testing.T) {
	codes := domain.Codes()
	for _, code := range []domain.Code{domain.CodeInternal, domain.CodeSoldOut, domain.CodeUnavailable, domain.CodeFenced} {
		if !slices.Contains(codes, code) {
			t.Errorf("%s has no row", code)
		}
	}
	if domain.CodeInternal.Retryable() || !domain.CodeUnavailable.Retryable() {
		t.Error("INTERNAL must not be retried and UNAVAILABLE must")
	}
}

func TestQuote(t *testing.T) {
	hanok := domain.Brand{ID: "brd_1", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000)}
	seoul := domain.Brand{ID: "brd_2", DeliveryFee: domain.Won(2500), FreeFrom: domain.Won(20000)}
	shoe := domain.Product{Price: domain.Won(20000), Discount: 10}
	sock := domain.Product{Price: domain.Won(5000)}
	for name, c := range map[string]struct {
		lines []domain.QuoteLine
		want  domain.Quote
	}{
		"a fee for each brand":            {[]domain.QuoteLine{{shoe, hanok, 1}, {sock, seoul, 1}}, domain.Quote{Total: domain.Won(23000), Delivery: domain.Won(5500), Due: domain.Won(28500)}},
		"one fee for two of a brand":      {[]domain.QuoteLine{{shoe, hanok, 1}, {sock, hanok, 1}}, domain.Quote{Total: domain.Won(23000), Delivery: domain.Won(3000), Due: domain.Won(26000)}},
		"free from the amount on":         {[]domain.QuoteLine{{sock, seoul, 4}}, domain.Quote{Total: domain.Won(20000), Delivery: domain.Won(0), Due: domain.Won(20000)}},
		"goods of a brand count together": {[]domain.QuoteLine{{shoe, seoul, 1}, {sock, seoul, 1}}, domain.Quote{Total: domain.Won(23000), Delivery: domain.Won(0), Due: domain.Won(23000)}},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range c.lines {
				c.lines[i].Product.Price.Currency = domain.KRW
			}
			got, err := domain.QuoteFor(c.lines)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("quote (-want +got), %v:\n%s", err, diff)
			}
		})
	}
}

func TestValidateItems(t *testing.T) {
	item := func(id string, quantity int) domain.OrderItem {
		return domain.OrderItem{ProductID: domain.ProductID(id), Quantity: quantity}
	}
	many := make([]domain.OrderItem, domain.MaxItems+1)
	for i := range many {
		many[i] = item("prd_x"+string(rune('a'+i)), 1)
	}
	for name, c := range map[string]struct {
		items []domain.OrderItem
		want  []string
	}{
		"good":             {[]domain.OrderItem{item("prd_aa", 1), item("prd_bb", 100)}, nil},
		"none":             {nil, []string{"/items"}},
		"too many":         {many, []string{"/items"}},
		"zero":             {[]domain.OrderItem{item("prd_aa", 0)}, []string{"/items/0/quantity"}},
		"negative":         {[]domain.OrderItem{item("prd_aa", -1)}, []string{"/items/0/quantity"}},
		"a billion":        {[]domain.OrderItem{item("prd_aa", 1e9)}, []string{"/items/0/quantity"}},
		"twice":            {[]domain.OrderItem{item("prd_aa", 1), item("prd_aa", 1)}, []string{"/items/1/productId"}},
		"not an id":        {[]domain.OrderItem{item("'; DROP TABLE", 1)}, []string{"/items/0/productId"}},
		"another's prefix": {[]domain.OrderItem{item("ord_aa", 1)}, []string{"/items/0/productId"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := domain.ValidateItems(c.items)
			var got []string
			var e *domain.Error
			if errors.As(err, &e) {
				for _, f := range e.Fields {
					got = append(got, f.Pointer)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrderName(t *testing.T) {
	items := []domain.OrderItem{{Name: "Sneaker"}, {Name: "Sock"}, {Name: "Lace"}}
	for n, want := range map[int]string{0: "", 1: "Sneaker", 3: "Sneaker 외 2건"} {
		if got := domain.OrderName(items[:n]); got != want {
			t.Errorf("%d items: %q, want %q", n, got, want)
		}
	}
}

func TestOpenAt(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	p := domain.Product{Name: "Sneaker", OpensAt: noon, ClosesAt: noon.Add(time.Hour)}
	for at, want := range map[time.Time]domain.Code{
		noon.Add(-time.Millisecond): domain.CodeNotOpenYet, noon: "", noon.Add(time.Hour - 1): "", noon.Add(time.Hour): domain.CodeClosed,
	} {
		if got := domain.CodeOf(p.OpenAt(at)); got != want {
			t.Errorf("at %s: %q, want %q", at, got, want)
		}
	}
	if err := (domain.Product{}).OpenAt(noon); err != nil {
		t.Errorf("a product without bounds: %v", err)
	}
}

func TestErrorKeepsItsCauseForTheLogOnly(t *testing.T) {
	cause := domain.Errorf(domain.CodeNotFound, "inner")
	err := domain.Wrap(domain.CodeInternal, cause, "outer")
	if err.Message != "outer" || !errors.Is(err, cause) || err.Error() != "INTERNAL: outer: NOT_FOUND: inner" {
		t.Errorf("message %q, text %q", err.Message, err.Error())
	}
}
