package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// scenario says who comes, how fast, for what, and what the winners do.
type scenario struct {
	about    string
	shoppers int
	rate     float64 // arrivals a second
	products int
	units    int64 // of each product
	limit    int   // per shopper; 0 is none
	// wait is how long the shop may take to decide before it answers 202.
	wait time.Duration
	// behaviours are what the winners do, one after another.
	behaviours []behaviour
	// lost is the share of the gateway's confirmations whose answer is lost on the way.
	lost float64
	// firm says that nobody who is accepted may be refused later.
	firm bool
	// sellOut buys everything before the shoppers come.
	sellOut bool
}

// A fifth walks away, as in the drop of the predecessor.
var fifthWalksAway = []behaviour{pay, pay, pay, pay, walkAway}

var everything = []behaviour{
	pay, payThenCancel, cancel, declineThenPay, payThenReturn, walkAway, payTwiceAtOnce, declineOut, pay, cancel,
}

var scenarios = map[string]scenario{
	"drop": {about: "10,000 shoppers at 300/s want 1,000 units; a fifth of the winners walks away",
		shoppers: 10_000, rate: 300, products: 1, units: 1000, limit: 1, wait: time.Second, behaviours: fifthWalksAway},
	"burst": {about: "the same 10,000 shoppers, all in one second",
		shoppers: 10_000, rate: 10_000, products: 1, units: 1000, limit: 1, wait: time.Second, behaviours: fifthWalksAway, firm: true},
	"soldout": {about: "everything is gone, and 10,000 shoppers a second still ask",
		shoppers: 100_000, rate: 10_000, products: 1, units: 1, wait: time.Second, behaviours: []behaviour{pay}, sellOut: true},
	"orders": {about: "how fast orders are accepted: 3,000/s with units for everybody, nobody waits for the decision or pays",
		shoppers: 6000, rate: 3000, products: 1, units: 100_000, behaviours: []behaviour{leave}},
	"mixed": {about: "six products, cancels before and after the payment, returns, declines, double clicks, lost answers",
		shoppers: 3000, rate: 100, products: 6, units: 250, limit: 2, wait: time.Second, lost: 0.1, behaviours: everything},
	"soak": {about: "half an hour of everything, at a rate that can be kept up",
		shoppers: 18_000, rate: 10, products: 6, units: 1_000_000, wait: time.Second, lost: 0.02, behaviours: everything},
}

// people bounds the accounts: where more shoppers come than that, some come again.
const people = 10_000

// scenarioHelp lists the scenarios.
func scenarioHelp() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(scenarios)) {
		fmt.Fprintf(&b, "%s: %s.\n", name, scenarios[name].about)
	}
	return b.String()
}
