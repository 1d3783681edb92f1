package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/checkout"
	"runrun/domain"
)

type quoteInput struct {
	Body struct {
		Items []OrderRequestItem `json:"items" maxItems:"100" doc:"1–20 products, each once."`
	}
}

type quoteBody struct {
	Name          string          `json:"orderName" doc:"What the payment window will show." example:"Moon Jar 외 1건"`
	Items         []quoteLineBody `json:"items" nullable:"false"`
	Brands        []quoteBrand    `json:"brands" nullable:"false" doc:"In the order in which they appear among the items."`
	TotalAmount   int64           `json:"totalAmount" doc:"All goods, in the currency's minor unit, as all amounts."`
	DeliveryFee   int64           `json:"deliveryFee"`
	PaymentAmount int64           `json:"paymentAmount" doc:"totalAmount + deliveryFee."`
	Currency      string          `json:"currency" example:"KRW"`
}

type quoteLineBody struct {
	ProductID domain.ProductID `json:"productId"`
	Name      string           `json:"name"`
	Quantity  int              `json:"quantity"`
	Price     int64            `json:"price" doc:"Of one unit, without the discount."`
	Discount  int              `json:"discount" doc:"Percent."`
	UnitPrice int64            `json:"unitPrice" doc:"Of one unit, with the discount."`
	Amount    int64            `json:"lineAmount" doc:"unitPrice × quantity."`
}

type quoteBrand struct {
	ID          domain.BrandID `json:"id"`
	Name        string         `json:"name"`
	TotalAmount int64          `json:"totalAmount" doc:"The brand's goods."`
	DeliveryFee int64          `json:"deliveryFee" doc:"0 from freeDeliveryFrom on."`
	FreeFrom    int64          `json:"freeDeliveryFrom"`
}

// quotes are the routes of prices.
type quotes struct{ checkout *checkout.Checkout }

func (q quotes) routes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "quote", Method: http.MethodPost, Path: "/v1/quotes", Tags: []string{"orders"}, Summary: "Price a basket",
		Description: "Holds nothing and promises nothing: an order is priced when it is accepted. 422 UNKNOWN_PRODUCT.",
	}, q.quote)
}

func (q quotes) quote(ctx context.Context, in *quoteInput) (*output[quoteBody], error) {
	lines, err := q.checkout.Quote(ctx, itemsOf(in.Body.Items))
	if err != nil {
		return nil, err
	}
	body, err := quoteBodyOf(lines)
	return &output[quoteBody]{Body: body}, err
}

// quoteBodyOf adds lines up.
func quoteBodyOf(lines []domain.QuoteLine) (quoteBody, error) {
	total, err := domain.QuoteFor(lines)
	if err != nil {
		return quoteBody{}, err
	}
	byBrand, err := domain.QuoteByBrand(lines)
	body := quoteBody{
		TotalAmount: total.Total.Amount, DeliveryFee: total.Delivery.Amount, PaymentAmount: total.Due.Amount, Currency: total.Due.Currency,
	}
	for _, b := range byBrand {
		body.Brands = append(body.Brands, quoteBrand{
			ID: b.Brand.ID, Name: b.Brand.Name, TotalAmount: b.Goods.Amount, DeliveryFee: b.Delivery.Amount, FreeFrom: b.Brand.FreeFrom.Amount,
		})
	}
	items := make([]domain.OrderItem, len(lines))
	for i, line := range lines {
		unit, priceErr := line.Product.DiscountedPrice()
		if priceErr != nil {
			return quoteBody{}, priceErr
		}
		items[i] = domain.OrderItem{Name: line.Product.Name}
		body.Items = append(body.Items, quoteLineBody{
			ProductID: line.Product.ID, Name: line.Product.Name, Quantity: line.Quantity, Price: line.Product.Price.Amount,
			Discount: line.Product.Discount, UnitPrice: unit.Amount, Amount: unit.Amount * int64(line.Quantity),
		})
	}
	body.Name = domain.OrderName(items)
	return body, err
}
