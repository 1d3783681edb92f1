package domain

// OrderFilter says which orders support staff want to see. Empty fields filter nothing.
type OrderFilter struct {
	Status OrderStatus
	// Attention is a reason, or AnyAttention.
	Attention Attention
	Product   ProductID
	User      UserID
	// Text is an order id or a payment key, whole.
	Text string
	// After is the last order of the page before, and Limit how many are wanted at most.
	After OrderID
	Limit int
}

// AnyAttention filters the orders that need a person, whatever the reason.
const AnyAttention Attention = "ANY"

// StaffAction is what support staff ask of an order's workflow.
type StaffAction struct {
	// Name is that of the workflow's update.
	Name StaffActionName
	// By and Note say who asks and why; both are kept.
	By, Note string
	// Amount is a part of the payment to refund, in minor units; 0 is the whole order.
	Amount int64
	// As is what is resolved: ARRIVED, REFUNDED or GIVE_UP.
	As string
}

// StaffActionName names what support staff can ask for.
type StaffActionName string

// What support staff can ask for.
const (
	StaffRetry   StaffActionName = "retry"
	StaffCancel  StaffActionName = "cancel"
	StaffReturn  StaffActionName = "return"
	StaffRefund  StaffActionName = "refund"
	StaffResolve StaffActionName = "resolve"
)
