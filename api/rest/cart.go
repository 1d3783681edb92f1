package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

type cartBody struct {
	Brands        []cartBrand `json:"brands" nullable:"false" doc:"The cart by brand, the oldest line first."`
	TotalAmount   int64       `json:"totalAmount" doc:"Of all lines that can be ordered now or later, in the currency's minor unit, as all amounts."`
	DeliveryFee   int64       `json:"deliveryFee"`
	PaymentAmount int64       `json:"paymentAmount" doc:"totalAmount + deliveryFee."`
	Currency      string      `json:"currency" example:"KRW"`
}

type cartBrand struct {
	Brand       brandBody  `json:"brand"`
	Items       []cartLine `json:"items" nullable:"false"`
	TotalAmount int64      `json:"totalAmount"`
	DeliveryFee int64      `json:"deliveryFee" doc:"0 from the brand's freeDeliveryFrom on."`
}

type cartLine struct {
	ProductID domain.ProductID `json:"productId"`
	Name      string           `json:"name"`
	Thumbnail string           `json:"thumbnail,omitempty"`
	Quantity  int              `json:"quantity"`
	UnitPrice int64            `json:"unitPrice"`
	Amount    int64            `json:"lineAmount" doc:"unitPrice × quantity."`
	State     string           `json:"state" enum:"OPEN,UPCOMING,SOLD_OUT,CLOSED,UNAVAILABLE" doc:"UNAVAILABLE: the product was taken out of the shop. Neither it nor a closed one counts in the amounts."`
	Available int64            `json:"available" doc:"Units that can be ordered now."`
}

type cartLineInput struct {
	Body struct {
		ProductID domain.ProductID `json:"productId" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
		Quantity  int              `json:"quantity" minimum:"1" maximum:"100" example:"1"`
	}
}

type cartRemoveInput struct {
	ProductID domain.ProductID `query:"productId" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id" doc:"The product to remove; absent empties the cart."`
}

// carts are the routes of a caller's cart.
type carts struct {
	rows     CartRows
	products products
}

func (c carts) routes(api huma.API) {
	const path = "/v1/carts"
	tags := []string{"orders"}
	handle(api, huma.Operation{
		OperationID: "getCart", Method: http.MethodGet, Path: path, Tags: tags, Summary: "Show my cart",
		Description: "By brand, with fees. It holds nothing.",
	}, c.get)
	handle(api, huma.Operation{
		OperationID: "addToCart", Method: http.MethodPost, Path: path, Tags: tags, Summary: "Add to my cart", Errors: []int{http.StatusConflict},
		Description: "Adds to what is there. 409 LIMIT_EXCEEDED beyond 50 products or 100 units of one. 422 UNKNOWN_PRODUCT.",
	}, c.add)
	handle(api, huma.Operation{
		OperationID: "changeCart", Method: http.MethodPut, Path: path, Tags: tags, Summary: "Set how many units of a product are in my cart",
		Errors: []int{http.StatusNotFound}, Description: "404 NOT_FOUND if the product is not in it.",
	}, c.set)
	handle(api, huma.Operation{
		OperationID: "removeFromCart", Method: http.MethodDelete, Path: path, Tags: tags, Summary: "Remove a product from my cart, or all",
		DefaultStatus: http.StatusNoContent,
	}, c.remove)
}

func (c carts) get(ctx context.Context, _ *struct{}) (*output[cartBody], error) {
	lines, err := c.rows.Cart(ctx, callerOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	body, err := c.body(ctx, lines)
	return &output[cartBody]{Body: body}, err
}

// body groups the lines by brand and adds up those that can be ordered.
func (c carts) body(ctx context.Context, lines []domain.CartLine) (cartBody, error) {
	body := cartBody{Brands: []cartBrand{}, Currency: domain.KRW}
	now, err := c.products.caches.Clock.Now(ctx)
	if err != nil {
		return body, err
	}
	ids := make([]domain.BrandID, len(lines))
	for i, line := range lines {
		ids[i] = line.Product.BrandID
	}
	brands, err := c.products.Catalog.BrandsByID(ctx, ids)
	if err != nil {
		return body, err
	}
	at, counted := map[domain.BrandID]int{}, []domain.QuoteLine{}
	for _, line := range lines {
		brand := brands[line.Product.BrandID]
		brand.ID = line.Product.BrandID
		n, seen := at[brand.ID]
		if !seen {
			n = len(body.Brands)
			at[brand.ID], body.Brands = n, append(body.Brands, cartBrand{Brand: brandBodyOf(brand), Items: []cartLine{}})
		}
		state := string(line.Product.StateAt(now, line.Available))
		if line.Deleted {
			state = "UNAVAILABLE"
		}
		price, err := line.Product.DiscountedPrice()
		if err != nil {
			return body, err
		}
		body.Brands[n].Items = append(body.Brands[n].Items, cartLine{
			ProductID: line.Product.ID, Name: line.Product.Name, Thumbnail: imagePath(line.Product.Thumbnail), Quantity: line.Quantity,
			UnitPrice: price.Amount, Amount: price.Amount * int64(line.Quantity), State: state, Available: max(0, line.Available),
		})
		if !line.Deleted && state != string(domain.ProductClosed) {
			counted = append(counted, domain.QuoteLine{Product: line.Product, Brand: brand, Quantity: line.Quantity})
		}
	}
	return body, body.addUp(counted, at)
}

func (b *cartBody) addUp(counted []domain.QuoteLine, at map[domain.BrandID]int) error {
	if len(counted) == 0 {
		return nil
	}
	total, err := domain.QuoteFor(counted)
	if err != nil {
		return err
	}
	b.TotalAmount, b.DeliveryFee, b.PaymentAmount = total.Total.Amount, total.Delivery.Amount, total.Due.Amount
	byBrand, err := domain.QuoteByBrand(counted)
	for _, one := range byBrand {
		brand := &b.Brands[at[one.Brand.ID]]
		brand.TotalAmount, brand.DeliveryFee = one.Goods.Amount, one.Delivery.Amount
	}
	return err
}

func (c carts) add(ctx context.Context, in *cartLineInput) (*output[cartBody], error) {
	if err := c.rows.AddToCart(ctx, callerOf(ctx).ID, in.Body.ProductID, in.Body.Quantity); err != nil {
		return nil, err
	}
	return c.get(ctx, nil)
}

func (c carts) set(ctx context.Context, in *cartLineInput) (*output[cartBody], error) {
	if err := c.rows.SetCartLine(ctx, callerOf(ctx).ID, in.Body.ProductID, in.Body.Quantity); err != nil {
		return nil, err
	}
	return c.get(ctx, nil)
}

func (c carts) remove(ctx context.Context, in *cartRemoveInput) (*struct{}, error) {
	return nil, c.rows.RemoveFromCart(ctx, callerOf(ctx).ID, in.ProductID)
}
