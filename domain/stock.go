package domain

import "time"

// Stock is how a product's units are spread at one moment. Promise 1: Total = Available + Held + Sold, always.
type Stock struct {
	ProductID ProductID
	Total     int64
	Available int64
	Held      int64
	Sold      int64
	// AsOf is the database's time of the reading.
	AsOf time.Time
}

// Balanced reports whether every unit is accounted for, and none twice.
func (s Stock) Balanced() bool {
	return s.Available >= 0 && s.Held >= 0 && s.Sold >= 0 && s.Total == s.Available+s.Held+s.Sold
}

// ValidateUnits checks how many units are put into stock (negative: taken out) in one step.
// Errors: Validation.
func ValidateUnits(units int64) error {
	var v violations
	v.number("/quantity", units, -MaxUnits, MaxUnits)
	return v.err("the quantity is not valid")
}
