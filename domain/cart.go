package domain

// CartLine is a product that a shopper may want to order. It holds nothing.
type CartLine struct {
	Product  Product
	Quantity int
	// Available units of the product, and whether it was taken out of the shop.
	Available int64
	Deleted   bool
}

// MaxCartLines is how many products a cart has at most.
const MaxCartLines = 50

// ValidateCartLine checks what is put into a cart.
// Errors: Validation.
func ValidateCartLine(product ProductID, quantity int) error {
	var v violations
	if !ValidID(ProductPrefix, string(product)) {
		v.add("/productId", "the id of a product")
	}
	v.number("/quantity", int64(quantity), 1, MaxQuantity)
	return v.err("the line of the cart is not valid")
}
