package domain_test

import (
	"errors"
	"math"
	"testing"

	"runrun/domain"
)

func validProduct() domain.Product {
	return domain.Product{ID: "prd_jar", BrandID: "brd_hanok", Name: "Moon Jar", Category: "ceramics", Price: domain.Won(1000)}
}

func validOrder() domain.NewOrder {
	return domain.NewOrder{
		ID:             "ord_1a",
		UserID:         "usr_1a",
		IdempotencyKey: "k",
		Items:          []domain.OrderItem{{ProductID: "prd_jar", Name: "Moon Jar", Quantity: 2, UnitPrice: domain.Won(1000)}},
		Quote:          domain.Quote{Total: domain.Won(2000), Delivery: domain.Won(10), Due: domain.Won(2010)},
		Receiver:       domain.Receiver{Name: "Kim Minji", Phone: "010-1234-5678", ZipCode: "04524", Address: "110 Sejong-daero"},
	}
}

// pointersOf lists what an error says is wrong.
func pointersOf(err error) (pointers []string) {
	var e *domain.Error
	if errors.As(err, &e) {
		for _, field := range e.Fields {
			pointers = append(pointers, field.Pointer)
		}
	}
	return pointers
}

func wantViolation(t *testing.T, name string, err error, pointer string) {
	t.Helper()
	for _, p := range pointersOf(err) {
		if p == pointer && domain.CodeOf(err) == domain.CodeValidation {
			return
		}
	}
	t.Errorf("%s: %v with %v, want VALIDATION of %s", name, err, pointersOf(err), pointer)
}

func TestProductBounds(t *testing.T) {
	if err := validProduct().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  func(*domain.Product)
		pointer string
	}{
		"negative price": {func(p *domain.Product) { p.Price = domain.Won(-50000) }, "/price"},
		"dear":           {func(p *domain.Product) { p.Price = domain.Won(math.MaxInt64) }, "/price"},
		"dollars":        {func(p *domain.Product) { p.Price.Currency = "USD" }, "/price"},
		"discount 250":   {func(p *domain.Product) { p.Discount = 250 }, "/discount"},
		"limit -1":       {func(p *domain.Product) { p.LimitPerShopper = -1 }, "/limitPerShopper"},
		"blank name":     {func(p *domain.Product) { p.Name = "\u3164" }, "/name"},
		"no brand":       {func(p *domain.Product) { p.BrandID = "" }, "/brandId"},
	} {
		p := validProduct()
		c.change(&p)
		wantViolation(t, name, p.Validate(), c.pointer)
	}
}

func TestOrderBounds(t *testing.T) {
	if err := validOrder().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  func(*domain.NewOrder)
		pointer string
	}{
		"quantity 0":         {func(o *domain.NewOrder) { o.Items[0].Quantity = 0 }, "/items/0/quantity"},
		"quantity 101":       {func(o *domain.NewOrder) { o.Items[0].Quantity = 101 }, "/items/0/quantity"},
		"negative unit":      {func(o *domain.NewOrder) { o.Items[0].UnitPrice = domain.Won(-1) }, "/items/0/unitPrice"},
		"too much to add up": {func(o *domain.NewOrder) { o.Items[0].UnitPrice = domain.Won(math.MaxInt64) }, "/items/0/unitPrice"},
		"another total":      {func(o *domain.NewOrder) { o.Quote.Total = domain.Won(1) }, "/paymentAmount"},
		"another sum":        {func(o *domain.NewOrder) { o.Quote.Due = domain.Won(-2010) }, "/paymentAmount"},
		"negative delivery":  {func(o *domain.NewOrder) { o.Quote.Delivery, o.Quote.Due = domain.Won(-10), domain.Won(1990) }, "/paymentAmount"},
		"long address":       {func(o *domain.NewOrder) { o.Receiver.Address = string(make([]rune, 101)) }, "/receiver/address"},
		"no key":             {func(o *domain.NewOrder) { o.IdempotencyKey = "" }, "/idempotencyKey"},
	} {
		o := validOrder()
		c.change(&o)
		wantViolation(t, name, o.Validate(), c.pointer)
	}
}

func TestUnitsAreBounded(t *testing.T) {
	for units, ok := range map[int64]bool{
		0: true, -domain.MaxUnits: true, domain.MaxUnits: true, domain.MaxUnits + 1: false, math.MinInt64: false,
	} {
		if err := domain.ValidateUnits(units); (err == nil) != ok {
			t.Errorf("%d: %v", units, err)
		}
	}
}
