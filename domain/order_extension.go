package domain

import "time"

// MaxHoldExtension is the longest extension of the time to pay that a seller can allow: units that are held are not sold to others.
const MaxHoldExtension = 10 * time.Minute

// Extendable reports whether the order's shopper may extend the time to pay. The database decides again when it is done.
func (o Order) Extendable() bool { return o.Status == StatusHeld && o.ExtendBy > 0 }

// Extended reports that the time to pay was extended, and nothing has happened since.
func (o Order) Extended() bool { return o.Status == StatusHeld && o.Reason == ReasonExtended }

// ExtensionOf is by how much an order for products may be extended: by as much as each of them allows.
func ExtensionOf(lines []QuoteLine) time.Duration {
	least := MaxHoldExtension
	for _, line := range lines {
		least = min(least, line.Product.HoldExtension)
	}
	return least
}
