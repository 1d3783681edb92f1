package domain

// Demand is how many orders for a product were taken and refused since its drop began.
type Demand struct {
	Ordered int64
	Refused int64
}
