package main

import "time"

// placed is an order as the API shows it.
type placed struct {
	ID            string    `json:"id"`
	Status        string    `json:"status"`
	Reason        string    `json:"reason"`
	Ticket        int64     `json:"ticket"`
	PaymentAmount int64     `json:"paymentAmount"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	PayBy         time.Time `json:"payBy"`
	Items         []item    `json:"items"`

	user string
}

type item struct {
	ProductID string `json:"productId"`
	Quantity  int64  `json:"quantity"`
}

// Words of the shop.
const (
	received = "RECEIVED"
	held     = "HELD"
	bought   = "PLACED"
	refused  = "REFUSED"
	soldOut  = "SOLD_OUT"

	limitExceeded = "LIMIT_EXCEEDED"
)

// afterPurchase are the states of an order that is paid and stays so. Fulfilment moves it on by itself.
var afterPurchase = map[string]bool{bought: true, "IN_TRANSIT": true, "DELIVERED": true, "COMPLETED": true}

// gaveBack are the ends at which the units went back to the shelf.
var gaveBack = map[string]bool{"EXPIRED": true, "PAYMENT_FAILED": true, "CANCELED": true, "RETURNED": true}

// settled says whether nothing more is to be expected of the order.
func (o placed) settled() bool {
	return afterPurchase[o.Status] || gaveBack[o.Status] || o.Status == refused
}

// served says whether the order had the units, if only for a while.
func (o placed) served() bool { return !o.PayBy.IsZero() }

// units counts what the order wants of a product.
func (o placed) units(product string) int64 {
	var n int64
	for _, item := range o.Items {
		if item.ProductID == product {
			n += item.Quantity
		}
	}
	return n
}
