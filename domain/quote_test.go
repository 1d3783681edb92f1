package domain_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runrun/domain"
)

func TestWhatCannotBeAddedUpIsRefused(t *testing.T) {
	won, dollars := domain.Product{Price: domain.Won(1000)}, domain.Product{Price: domain.Money{Amount: 10, Currency: "USD"}}
	most, tooCheap := domain.Product{Price: domain.Won(math.MaxInt64)}, domain.Product{Price: domain.Won(1000), Discount: 101}
	brand := domain.Brand{ID: "brd_hanok", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000)}
	nearly := domain.Product{Price: domain.Won(math.MaxInt64 - 1000)}
	never := domain.Brand{ID: "brd_never", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(math.MaxInt64)}
	abroad := domain.Brand{ID: "brd_abroad", DeliveryFee: domain.Money{Amount: 5, Currency: "USD"}, FreeFrom: domain.Won(50000)}
	for name, lines := range map[string][]domain.QuoteLine{
		"nothing":                   nil,
		"two currencies":            {{won, brand, 1}, {dollars, brand, 1}},
		"a fee of another currency": {{won, abroad, 1}},
		"a line that is too much":   {{most, brand, 2}},
		"a sum that is too much":    {{most, brand, 1}, {won, brand, 1}},
		"a due that is too much":    {{nearly, never, 1}},
		"more than all off":         {{tooCheap, brand, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := domain.QuoteFor(lines); domain.CodeOf(err) != domain.CodeValidation {
				t.Errorf("%+v, %v; want VALIDATION", got, err)
			}
		})
	}
}

// A shopper pays the same in whatever order the goods were put into the basket, and each brand's fee once at most.
func TestTheOrderOfTheLinesDoesNotMatter(t *testing.T) {
	brands := []domain.Brand{
		{ID: "brd_hanok", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000)},
		{ID: "brd_seoul", DeliveryFee: domain.Won(2500), FreeFrom: domain.Won(20000)},
		{ID: "brd_free", DeliveryFee: domain.Won(4000), FreeFrom: domain.Won(0)},
	}
	line := rapid.Custom(func(t *rapid.T) domain.QuoteLine {
		return domain.QuoteLine{
			Product: domain.Product{
				Price:    domain.Won(rapid.Int64Range(domain.MinPrice, domain.MaxPrice).Draw(t, "price")),
				Discount: rapid.IntRange(0, domain.MaxDiscount).Draw(t, "discount"),
			},
			Brand:    rapid.SampledFrom(brands).Draw(t, "brand"),
			Quantity: rapid.IntRange(1, domain.MaxQuantity).Draw(t, "quantity"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 1, domain.MaxItems).Draw(t, "lines")
		got, err := domain.QuoteFor(lines)
		if err != nil {
			t.Fatal(err)
		}
		brands, err := domain.QuoteByBrand(lines)
		sum := domain.Quote{Total: domain.Won(0), Delivery: domain.Won(0)}
		for _, b := range brands {
			if b.Delivery.Amount != 0 && (b.Goods.Amount >= b.Brand.FreeFrom.Amount || b.Delivery != b.Brand.DeliveryFee) {
				t.Fatalf("the fee of %+v", b)
			}
			sum.Total.Amount, sum.Delivery.Amount = sum.Total.Amount+b.Goods.Amount, sum.Delivery.Amount+b.Delivery.Amount
		}
		if err != nil || sum.Total != got.Total || sum.Delivery != got.Delivery {
			t.Fatalf("the brands add up to %+v, %v, and the order is %+v", sum, err, got)
		}
		slices.Reverse(lines)
		reversed, err := domain.QuoteFor(lines)
		if diff := cmp.Diff(got, reversed); diff != "" || err != nil {
			t.Fatalf("reversed (-before +after), %v:\n%s", err, diff)
		}
		if got.Due.Amount != got.Total.Amount+got.Delivery.Amount || got.Delivery.Amount < 0 || got.Delivery.Amount > 5500 {
			t.Fatalf("%+v", got)
		}
	})
}
