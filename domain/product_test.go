package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"runrun/domain"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// Who comes too early is told when to come again; who comes too late need not.
func TestARefusalSaysWhenTheSaleOpens(t *testing.T) {
	p := domain.Product{Name: "Moon Jar", OpensAt: noon, ClosesAt: noon.Add(time.Hour)}
	var early, late *domain.Error
	if !errors.As(p.OpenAt(noon.Add(-time.Minute)), &early) || !early.RetryAt.Equal(noon) {
		t.Errorf("a minute early: %v, want a retry at %s", early, noon)
	}
	if !errors.As(p.OpenAt(noon.Add(time.Hour)), &late) || !late.RetryAt.IsZero() {
		t.Errorf("at the end: %v, want no time to retry", late)
	}
}

func TestTheWindowOfASale(t *testing.T) {
	for name, c := range map[string]struct {
		opens, closes time.Time
		ok            bool
	}{
		"no bounds":              {time.Time{}, time.Time{}, true},
		"an opening only":        {noon, time.Time{}, true},
		"a closing only":         {time.Time{}, noon, true},
		"an hour":                {noon, noon.Add(time.Hour), true},
		"closed before it opens": {noon, noon.Add(-time.Hour), false},
		"closed as it opens":     {noon, noon, false},
	} {
		p := validProduct()
		p.OpensAt, p.ClosesAt = c.opens, c.closes
		if c.ok {
			if err := p.Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantViolation(t, name, p.Validate(), "/orderingClosesAt")
	}
}

func TestTheBoundsOfAProductBelongToIt(t *testing.T) {
	for name, change := range map[string]func(*domain.Product){
		"the lowest price":  func(p *domain.Product) { p.Price = domain.Won(domain.MinPrice) },
		"the highest price": func(p *domain.Product) { p.Price = domain.Won(domain.MaxPrice) },
		"the most off":      func(p *domain.Product) { p.Discount = domain.MaxDiscount },
		"the highest limit": func(p *domain.Product) { p.LimitPerShopper = domain.MaxLimit },
		"the longest name":  func(p *domain.Product) { p.Name = strings.Repeat("달", 50) },
	} {
		p := validProduct()
		change(&p)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		change  func(*domain.Product)
		pointer string
	}{
		"below the lowest price":  {func(p *domain.Product) { p.Price = domain.Won(domain.MinPrice - 1) }, "/price"},
		"above the highest price": {func(p *domain.Product) { p.Price = domain.Won(domain.MaxPrice + 1) }, "/price"},
		"for nothing":             {func(p *domain.Product) { p.Discount = 100 }, "/discount"},
		"above the highest limit": {func(p *domain.Product) { p.LimitPerShopper = domain.MaxLimit + 1 }, "/limitPerShopper"},
		"a name that is too long": {func(p *domain.Product) { p.Name = strings.Repeat("달", 51) }, "/name"},
		"no category":             {func(p *domain.Product) { p.Category = "" }, "/category"},
		"an id of another kind":   {func(p *domain.Product) { p.ID = "brd_jar" }, "/id"},
	} {
		p := validProduct()
		c.change(&p)
		wantViolation(t, name, p.Validate(), c.pointer)
	}
}

func TestBrandBounds(t *testing.T) {
	good := domain.Brand{
		ID: "brd_hanok", SellerID: "usr_1a", Name: "Hanok Works", DeliveryFee: domain.Won(domain.MaxDeliveryFee),
		FreeFrom: domain.Won(domain.MaxFreeFrom), LegalName: "Hanok Works Inc.", RegistrationNumber: "123-45-67890",
		Introduction: strings.Repeat("집", 200),
	}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  func(*domain.Brand)
		pointer string
	}{
		"an id of another kind":          {func(b *domain.Brand) { b.ID = "prd_hanok" }, "/id"},
		"nobody's":                       {func(b *domain.Brand) { b.SellerID = "" }, "/id"},
		"nameless":                       {func(b *domain.Brand) { b.Name = "" }, "/name"},
		"a fee below nothing":            {func(b *domain.Brand) { b.DeliveryFee = domain.Won(-1) }, "/deliveryFee"},
		"a fee above the highest":        {func(b *domain.Brand) { b.DeliveryFee = domain.Won(domain.MaxDeliveryFee + 1) }, "/deliveryFee"},
		"a fee in dollars":               {func(b *domain.Brand) { b.DeliveryFee.Currency = "USD" }, "/deliveryFee"},
		"free from below nothing":        {func(b *domain.Brand) { b.FreeFrom = domain.Won(-1) }, "/freeDeliveryFrom"},
		"free from above the highest":    {func(b *domain.Brand) { b.FreeFrom = domain.Won(domain.MaxFreeFrom + 1) }, "/freeDeliveryFrom"},
		"no legal name":                  {func(b *domain.Brand) { b.LegalName = "" }, "/legalName"},
		"a legal name too long":          {func(b *domain.Brand) { b.LegalName = strings.Repeat("집", 51) }, "/legalName"},
		"a registration without dashes":  {func(b *domain.Brand) { b.RegistrationNumber = "1234567890" }, "/registrationNumber"},
		"too much to say":                {func(b *domain.Brand) { b.Introduction = strings.Repeat("집", 201) }, "/introduction"},
		"free from an amount in dollars": {func(b *domain.Brand) { b.FreeFrom.Currency = "USD" }, "/freeDeliveryFrom"},
	} {
		brand := good
		c.change(&brand)
		wantViolation(t, name, brand.Validate(), c.pointer)
	}
}
