// Package checkout is the engine of the shop's API: it admits shoppers in order, writes their orders durably, hands them to the
// dispatcher, waits for decisions, and lets orders be paid and canceled. It knows nothing of the web, of databases or of how a
// workflow is run: all of them are ports, listed in ports.go. Start at Checkout.Place.
package checkout
