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

// QuoteFor adds up an order: the discounted prices, and one delivery fee for each brand whose goods stay below its free-from
// amount.
// Errors: Validation if the currencies differ or an amount does not fit.
func QuoteFor(lines []QuoteLine) (Quote, error) {
	if len(lines) == 0 {
		return Quote{}, Errorf(CodeValidation, "an order has at least one item")
	}
	currency := lines[0].Product.Price.Currency
	q := Quote{Total: Money{Currency: currency}, Delivery: Money{Currency: currency}}
	goods := map[BrandID]Money{}
	var brands []Brand
	for _, line := range lines {
		cost, err := line.cost()
		if err != nil {
			return Quote{}, err
		}
		if q.Total, err = q.Total.Add(cost); err != nil {
			return Quote{}, err
		}
		sofar, seen := goods[line.Brand.ID]
		if !seen {
			brands, sofar = append(brands, line.Brand), Money{Currency: currency}
		}
		if goods[line.Brand.ID], err = sofar.Add(cost); err != nil {
			return Quote{}, err
		}
	}
	var err error
	for _, brand := range brands {
		if goods[brand.ID].Amount < brand.FreeFrom.Amount {
			if q.Delivery, err = q.Delivery.Add(brand.DeliveryFee); err != nil {
				return Quote{}, err
			}
		}
	}
	q.Due, err = q.Total.Add(q.Delivery)
	return q, err
}

func (l QuoteLine) cost() (Money, error) {
	price, err := l.Product.DiscountedPrice()
	if err != nil {
		return Money{}, err
	}
	return price.Times(int64(l.Quantity))
}
