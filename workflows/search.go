package workflows

import (
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"runrun/domain"
)

// Search attributes by which support staff find orders in the Web UI.
var (
	orderStatus    = temporal.NewSearchAttributeKeyKeyword("OrderStatus")
	orderAttention = temporal.NewSearchAttributeKeyKeyword("OrderAttention")
	orderID        = temporal.NewSearchAttributeKeyKeyword("OrderId")
	userID         = temporal.NewSearchAttributeKeyKeyword("UserId")
	paymentKey     = temporal.NewSearchAttributeKeyKeyword("PaymentKey")
	productIDs     = temporal.NewSearchAttributeKeyKeywordList("ProductIds")
	payBy          = temporal.NewSearchAttributeKeyTime("PayBy")
	paidAt         = temporal.NewSearchAttributeKeyTime("PaidAt")
)

// SearchAttributes lists what the namespace must know before an order can start.
func SearchAttributes() map[string]enums.IndexedValueType {
	all := map[string]enums.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{orderStatus, orderAttention, orderID, userID, paymentKey, productIDs, payBy, paidAt} {
		all[key.GetName()] = key.GetValueType()
	}
	return all
}

// StartAttributes are the search attributes with which an order's workflow starts.
func StartAttributes(in OrderInput) temporal.SearchAttributes {
	products := make([]string, len(in.ProductIDs))
	for i, id := range in.ProductIDs {
		products[i] = string(id)
	}
	return temporal.NewSearchAttributes(
		orderStatus.ValueSet(string(domain.StatusReceived)), orderID.ValueSet(string(in.OrderID)), userID.ValueSet(string(in.UserID)),
		productIDs.ValueSet(products))
}

// attributes are what changes, all in one upsert: each upsert is a write to the visibility store.
func (o *order) attributes() []temporal.SearchAttributeUpdate {
	updates := []temporal.SearchAttributeUpdate{orderStatus.ValueSet(string(o.view.Status)), orderAttention.ValueUnset()}
	if o.view.Attention != domain.AttentionNone { // unset when nothing is wrong: "OrderAttention IS NOT NULL" finds what is
		updates[1] = orderAttention.ValueSet(string(o.view.Attention))
	}
	if !o.view.PayBy.IsZero() {
		updates = append(updates, payBy.ValueSet(o.view.PayBy))
	}
	if o.view.PaymentKey != "" {
		updates = append(updates, paymentKey.ValueSet(o.view.PaymentKey))
	}
	if !o.view.Payment.ApprovedAt.IsZero() {
		updates = append(updates, paidAt.ValueSet(o.view.Payment.ApprovedAt))
	}
	return updates
}
