package audit

import "time"

// Order is an order as the API shows it.
type Order struct {
	ID            string    `json:"id"`
	Status        string    `json:"status"`
	Reason        string    `json:"reason"`
	Ticket        int64     `json:"ticket"`
	PaymentAmount int64     `json:"paymentAmount"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	PayBy         time.Time `json:"payBy"`
	NextAt        time.Time `json:"nextAt"`
	Items         []Item    `json:"items"`

	User string `json:"-"` // whose it is
}

// Item is a line of an order.
type Item struct {
	ProductID string `json:"productId"`
	Quantity  int64  `json:"quantity"`
}

// Words of the shop.
const (
	Received = "RECEIVED"
	Held     = "HELD"
	Placed   = "PLACED"

	Delivered = "DELIVERED"

	Refused = "REFUSED"
	SoldOut = "SOLD_OUT"

	LimitExceeded = "LIMIT_EXCEEDED"
)

// AfterPurchase are the states of an order that is paid and stays so. Fulfilment moves it on by itself.
var AfterPurchase = map[string]bool{Placed: true, "IN_TRANSIT": true, "DELIVERED": true, "COMPLETED": true}

// gaveBack are the ends at which the units became available again.
var gaveBack = map[string]bool{"EXPIRED": true, "PAYMENT_FAILED": true, "CANCELED": true, "RETURNED": true}

// soon is how near the next step of a paid order may be for it to be waited for.
const soon = time.Minute

// Settled reports whether nothing more is to be expected of the order, or not for a while.
func (o Order) Settled() bool {
	return AfterPurchase[o.Status] && (o.NextAt.IsZero() || time.Until(o.NextAt) > soon) || gaveBack[o.Status] || o.Status == Refused
}

// Served reports whether the order had the units, if only for a while.
func (o Order) Served() bool { return !o.PayBy.IsZero() }

// Units counts what the order wants of a product.
func (o Order) Units(product string) int64 {
	var n int64
	for _, item := range o.Items {
		if item.ProductID == product {
			n += item.Quantity
		}
	}
	return n
}
