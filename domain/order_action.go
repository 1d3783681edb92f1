package domain

import "time"

// OrderAction is something that a shopper may do with an order now.
type OrderAction struct {
	Name OrderActionName
	// Until is when it ends; zero if the order's next step decides.
	Until time.Time
}

// OrderActionName names what a shopper may do.
type OrderActionName string

// What a shopper may do.
const (
	ActionPay    OrderActionName = "pay"
	ActionExtend OrderActionName = "extend"
	ActionCancel OrderActionName = "cancel"
	ActionReturn OrderActionName = "return"
)

// Actions lists what the order's shopper may do with it now. The database decides again when it is done.
func (o Order) Actions() []OrderAction {
	actions := []OrderAction{}
	if o.Status.Payable() {
		actions = append(actions, OrderAction{ActionPay, o.PayBy})
	}
	if o.Extendable() {
		actions = append(actions, OrderAction{ActionExtend, o.PayBy})
	}
	if o.Status.Cancelable() {
		until := o.PayBy
		if o.Status == StatusPlaced {
			until = o.NextAt
		}
		actions = append(actions, OrderAction{ActionCancel, until})
	}
	if o.Status.Returnable() {
		actions = append(actions, OrderAction{ActionReturn, o.ReturnBy})
	}
	return actions
}
