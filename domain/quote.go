package domain

// Quote is what an order costs.
type Quote struct {
	Total    Money
	Delivery Money
	Due      Money
}

// QuoteLine is a product, its brand and how many units of it are asked for.
type QuoteLine struct {
	Product  Product
	Brand    Brand
	Quantity int
}

// BrandQuote is what the goods of one brand cost, and their delivery.
type BrandQuote struct {
	Brand    Brand
	Goods    Money
	Delivery Money
}

// QuoteFor adds up an order: the discounted prices, and one delivery fee for each brand whose goods stay below its free-from
// amount.
// Errors: Validation if the currencies differ or an amount does not fit.
func QuoteFor(lines []QuoteLine) (Quote, error) {
	brands, err := QuoteByBrand(lines)
	if err != nil {
		return Quote{}, err
	}
	currency := lines[0].Product.Price.Currency
	q := Quote{Total: Money{Currency: currency}, Delivery: Money{Currency: currency}}
	for _, brand := range brands {
		if q.Total, err = q.Total.Add(brand.Goods); err != nil {
			return Quote{}, err
		}
		if q.Delivery, err = q.Delivery.Add(brand.Delivery); err != nil {
			return Quote{}, err
		}
	}
	q.Due, err = q.Total.Add(q.Delivery)
	return q, err
}

// QuoteByBrand adds up an order for each of its brands, in the order in which they appear.
// Errors: Validation if there is nothing to add up, the currencies differ or an amount does not fit.
func QuoteByBrand(lines []QuoteLine) ([]BrandQuote, error) {
	if len(lines) == 0 {
		return nil, Errorf(CodeValidation, "an order has at least one item")
	}
	zero := Money{Currency: lines[0].Product.Price.Currency}
	var brands []BrandQuote
	at := map[BrandID]int{}
	for _, line := range lines {
		cost, err := line.cost()
		if err != nil {
			return nil, err
		}
		n, seen := at[line.Brand.ID]
		if !seen {
			n = len(brands)
			at[line.Brand.ID], brands = n, append(brands, BrandQuote{Brand: line.Brand, Goods: zero, Delivery: zero})
		}
		if brands[n].Goods, err = brands[n].Goods.Add(cost); err != nil {
			return nil, err
		}
	}
	for n, brand := range brands {
		if brand.Goods.Amount < brand.Brand.FreeFrom.Amount {
			brands[n].Delivery = brand.Brand.DeliveryFee
		}
	}
	return brands, nil
}

func (l QuoteLine) cost() (Money, error) {
	price, err := l.Product.DiscountedPrice()
	if err != nil {
		return Money{}, err
	}
	return price.Times(int64(l.Quantity))
}
