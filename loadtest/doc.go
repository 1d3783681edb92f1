// Command loadtest is an outsider: it drives a shop over HTTP as shoppers would, and then counts.
//
// Arrivals follow a clock, not the answers, and every latency is counted from the moment at which the shopper was due, so a
// shop that stalls cannot hide it (no coordinated omission). At the end the shop's orders, its stock, the gateway's ledger and
// Temporal are compared with each other and with what the shoppers were told; any difference ends the command with exit 1.
package main
