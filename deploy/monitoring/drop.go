package main

// drop is what one looks at while a drop opens: who comes, who is told what, how fast.
func drop() board {
	const orders = `runrun_http_request_seconds_bucket{route="/v1/orders",method="POST"}`
	return board{"drop", "a drop", "Who comes, who is told what, and how fast, while a drop opens.", []panel{
		{title: "Requests for an order", unit: perSecond, about: "ACCEPTED up to the units there are, then SOLD_OUT. OVERLOADED is a shop that is too small.",
			lines: []line{
				rate("runrun_order_requests_total", "outcome", "{{outcome}}"),
				{"sum(rate(runrun_order_requests_turned_away_total[$__rate_interval]))", "turned away before"},
			}},
		{title: "Time until somebody is told yes or no", unit: seconds, about: "Of POST /v1/orders, with the wait that the client asks for.",
			lines: quantiles(orders, "")},
		{title: "Open orders", unit: count, about: "RECEIVED falls to nothing soon after the rush, HELD as people pay or give up.",
			lines: []line{{"max by (status) (runrun_orders_open)", "{{status}}"}}},
		{title: "Orders that wait for their workflow", unit: count, about: "It grows in the rush and falls after it; the limit follows what Temporal bears.",
			lines: []line{{"sum(runrun_dispatch_backlog)", "waiting"}, {"sum(runrun_dispatch_limit)", "started at once"}}},
		{title: "Requests by answer", unit: perSecond, about: "5xx of POST /v1/orders alone are refusals of an overloaded shop.",
			lines: []line{rate("runrun_http_request_seconds_count", "status", "{{status}}")}},
		{title: "Time of an answer by route", unit: seconds, about: "The slowest hundredth, without long polls.",
			lines: quantiles(`runrun_http_request_seconds_bucket{route!~".*[?]wait"}`, "route")[1:]},
		{title: "Requests that are being answered", unit: count, about: "Streams are among them.",
			lines: []line{
				{"sum(runrun_http_requests_in_flight)", "requests"},
				{"sum(runrun_order_requests_waiting)", "orders that wait for a slot"},
				{"sum by (of) (runrun_streams_open)", "streams of {{of}}"},
			}},
		{title: "Batches", unit: count, about: "Shoppers in one script of the gate, orders in one transaction, on average: the fuller, the more the shop bears.",
			lines: []line{mean("runrun_gate_batch_size", "gate"), mean("runrun_intake_batch_size", "intake"), mean("runrun_reserve_batch_size", "reservations")}},
		{title: "Decisions", unit: perSecond, about: "Reservations, by what they decided.",
			lines: []line{rate(`runrun_order_steps_total{step="Reserve"}`, "status", "{{status}}")}},
		{title: "Wait for a stock lock", unit: seconds, about: "Below 10 ms, but for the product of the drop.",
			lines: quantiles("runrun_lock_wait_seconds_bucket", "")},
	}}
}
