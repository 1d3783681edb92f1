package domain

import "time"

// DifferenceKind is the kind of a contradiction between two records of the same fact.
type DifferenceKind string

// The kinds of differences.
const (
	// DifferencePayment is money that the gateway took and that pays no order of the shop.
	DifferencePayment DifferenceKind = "PAYMENT_NOT_IN_SHOP"
	// DifferenceApproval is a payment of the shop that the gateway does not have.
	DifferenceApproval DifferenceKind = "PAYMENT_NOT_AT_GATEWAY"
	// DifferenceRefund is money that the gateway gave back and the shop does not know of.
	DifferenceRefund DifferenceKind = "REFUND_NOT_IN_SHOP"
	// DifferenceRefunded is a refund of the shop that the gateway has not made.
	DifferenceRefunded DifferenceKind = "REFUND_NOT_AT_GATEWAY"
	// DifferenceOrphan is an open order without a running workflow.
	DifferenceOrphan DifferenceKind = "ORDER_WITHOUT_WORKFLOW"
	// DifferenceGhost is a running workflow whose order has ended, or does not exist.
	DifferenceGhost DifferenceKind = "WORKFLOW_WITHOUT_ORDER"
	// DifferenceRow is an order whose rows contradict each other: it was changed by hand, or by a fault.
	DifferenceRow DifferenceKind = "ORDER_ROWS"
	// DifferenceStock is a product whose units are not all accounted for, or twice.
	DifferenceStock DifferenceKind = "STOCK"
	// DifferenceGate is a gate that was not in step with the database.
	DifferenceGate DifferenceKind = "GATE"
)

// DifferenceKinds lists every kind.
func DifferenceKinds() []DifferenceKind {
	return []DifferenceKind{
		DifferencePayment, DifferenceApproval, DifferenceRefund, DifferenceRefunded, DifferenceOrphan, DifferenceGhost, DifferenceRow,
		DifferenceStock, DifferenceGate,
	}
}

// Difference is one contradiction between the books of the shop, the gateway, Temporal and the gate.
type Difference struct {
	Kind       DifferenceKind `json:"kind"`
	OrderID    OrderID        `json:"orderId,omitempty"`
	ProductID  ProductID      `json:"productId,omitempty"`
	PaymentKey string         `json:"paymentKey,omitempty"`
	Detail     string         `json:"detail,omitempty"`
	// Mended reports whether the difference was corrected automatically. Otherwise a person has to decide.
	Mended bool `json:"mended,omitempty"`
}

// Transaction is money that moved at the gateway.
type Transaction struct {
	Key        string
	OrderID    OrderID
	PaymentKey string
	// Amount is negative for money that went back, in minor units.
	Amount int64
	At     time.Time
}

// PaymentBooks is a payment with what the shop knows of its refunds.
type PaymentBooks struct {
	Payment Payment
	// Refunded is what went back by the gateway, in minor units; Refunding says that a refund is open.
	Refunded  int64
	Refunding bool
}
