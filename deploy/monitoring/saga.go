package main

// saga is the life of orders: where they stand, what stands still, what is undone.
func saga() board {
	return board{"saga", "orders and money", "Where orders stand, what stands still, and what is undone.", []panel{
		{title: "Steps", unit: perSecond, about: "Steps of orders, and where they lead.",
			lines: []line{rate("runrun_order_steps_total", "status", "{{status}}")}},
		{title: "Open orders", unit: count, about: "100,000 is that many or more.",
			lines: []line{{"max by (status) (runrun_orders_open)", "{{status}}"}}},
		{title: "Age of the oldest unpaid order", unit: seconds, about: "RECEIVED some seconds, HELD up to the time to pay, PAYING seconds.",
			lines: []line{{`max by (status) (runrun_orders_oldest_seconds{status=~"RECEIVED|HELD|PAYING|CANCELING"})`, "{{status}}"}}},
		{title: "Orders that need a person", unit: count, about: "Nothing. Each is somebody who waits.",
			lines: []line{{"max by (reason) (runrun_orders_attention)", "{{reason}}"}}},
		{title: "Payments at the gateway", unit: perSecond, about: "PAID and DECLINED. UNKNOWN is asked again, FAULT is ours.",
			lines: []line{rate(`runrun_gateway_calls_total{call="confirm"}`, "outcome", "{{outcome}}")}},
		{title: "Refunds at the gateway", unit: perSecond, about: "REFUNDED, as often as paid orders are canceled or come back.", quiet: true,
			lines: []line{rate(`runrun_gateway_calls_total{call="cancel"}`, "outcome", "{{outcome}}")}},
		{title: "Differences between the books", unit: count, about: "Nothing, but after a restore.", quiet: true,
			lines: []line{{"sum by (kind, mended) (increase(runrun_reconcile_differences_total[$__range])) > 0", "{{kind}}, mended {{mended}}"}}},
		{title: "Comparisons of the books", unit: count, about: "COMPLETED goes up and down with the schedule, FAILED is nothing.",
			lines: []line{{"sum by (comparison, outcome) (increase(runrun_reconcile_comparisons_total[$__range]))", "{{comparison}} {{outcome}}"}}},
		{title: "Orders without a workflow that were adopted", unit: count, about: "Nothing, but after a restore or a terminated workflow.",
			lines: []line{{"sum(increase(runrun_orders_adopted_total[$__rate_interval]))", "orders"}}},
		{title: "Workflows that ended", unit: perSecond, about: "By type; failed ones are faults.", quiet: true,
			lines: []line{
				rate("temporal_workflow_completed_total", "workflow_type", "{{workflow_type}}"),
				rate("temporal_workflow_failed_total", "workflow_type", "{{workflow_type}} failed"),
			}},
		{title: "Workflow tasks that fail", unit: count, about: "Nothing. NonDeterminismError after a deploy means: roll back.", quiet: true,
			lines: []line{{"sum by (failure_reason) (increase(temporal_workflow_task_execution_failed_total[$__rate_interval]))", "{{failure_reason}}"}}},
	}}
}
