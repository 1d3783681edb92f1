package domain

// Address is where a shopper lets orders be sent. Its receiver is personal data, encrypted at rest.
type Address struct {
	ID     AddressID
	UserID UserID
	Receiver
	// Default marks the one that is taken if an order names none.
	Default bool
}

// MaxAddresses is how many addresses an account may keep.
const MaxAddresses = 20

// Validate checks an address.
// Errors: Validation, with a pointer for each fault.
func (a Address) Validate() error { return a.validateAt("") }
