// Package dispatch leads from a durable row to a running workflow: Dispatcher starts accepted orders in ticket order, as many at once
// as Temporal bears; Sweeper finds the orders that a crash left without a workflow; Starter talks to Temporal. It knows no HTTP and
// no SQL; rows are read and claimed through ports. Start at Dispatcher.Add.
package dispatch
