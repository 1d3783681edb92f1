package domain

import "regexp"

// MaxBrands is how many brands a seller may have.
const MaxBrands = 5

// Brand sells products and sets their delivery fee.
type Brand struct {
	ID       BrandID
	SellerID UserID
	Name     string
	// DeliveryFee is charged once per order and brand, unless the brand's goods in it cost FreeFrom or more.
	DeliveryFee Money
	// FreeFrom is the amount from which delivery is free; a zero amount means always free.
	FreeFrom Money
	// LegalName and RegistrationNumber are those of the business: 123-45-67890.
	LegalName          string
	RegistrationNumber string
	Introduction       string
	Image              ImageID
}

// registrationPattern is that of Korean businesses: tax office, kind, serial number with a check digit.
var registrationPattern = regexp.MustCompile(`^[0-9]{3}-[0-9]{2}-[0-9]{5}$`)

// maxIntroduction is how long a brand may speak of itself, in characters.
const maxIntroduction = 200

// Validate checks a brand before it is written.
// Errors: Validation, with a pointer to each fault.
func (b Brand) Validate() error {
	var v violations
	if !ValidID(BrandPrefix, string(b.ID)) || b.SellerID == "" {
		v.add("/id", "an id, and the id of its seller")
	}
	v.text("/name", b.Name, 1, maxNameLength)
	v.text("/legalName", b.LegalName, 1, maxNameLength)
	if !registrationPattern.MatchString(b.RegistrationNumber) {
		v.add("/registrationNumber", "a business registration number such as 123-45-67890")
	}
	if b.Introduction != "" {
		v.text("/introduction", b.Introduction, 1, maxIntroduction)
	}
	v.number("/deliveryFee", b.DeliveryFee.Amount, 0, MaxDeliveryFee)
	v.number("/freeDeliveryFrom", b.FreeFrom.Amount, 0, MaxFreeFrom)
	if b.DeliveryFee.Currency != KRW {
		v.add("/deliveryFee", "in %s", KRW)
	}
	if b.FreeFrom.Currency != KRW {
		v.add("/freeDeliveryFrom", "in %s", KRW)
	}
	return v.err("the brand is not valid")
}
