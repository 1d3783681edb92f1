package main

// workers is whether there are enough of them, and what they wait for.
func workers() board {
	return board{"workers", "workers", "Whether there are enough workers, of which builds, and what they wait for.", []panel{
		{title: "Workers that poll", unit: count, about: "At least one for each queue; without any, orders wait silently.",
			lines: []line{{"max by (queue, kind) (runrun_queue_pollers)", "{{queue}} {{kind}}"}}},
		{title: "Tasks that wait", unit: count, about: "About nothing, but in a rush.",
			lines: []line{{"max by (queue, kind) (runrun_queue_backlog)", "{{queue}} {{kind}}"}}},
		{title: "Age of the oldest task", unit: seconds, about: "Below a second.",
			lines: []line{{"max by (queue, kind) (runrun_queue_backlog_age_seconds)", "{{queue}} {{kind}}"}}},
		{title: "Time from schedule to start", unit: seconds, about: "What tasks wait for a worker.",
			lines: append(quantiles("temporal_activity_schedule_to_start_latency_seconds_bucket", "task_queue")[1:],
				line{"histogram_quantile(0.99, sum by (le) (rate(temporal_workflow_task_schedule_to_start_latency_seconds_bucket[$__rate_interval])))",
					"p99 workflow tasks"})},
		{title: "Slots in use", unit: count, about: "Far below what there are.",
			lines: []line{{"sum by (task_queue, worker_type) (temporal_worker_task_slots_used)", "{{task_queue}} {{worker_type}}"}}},
		{title: "Fewest free slots", unit: count, about: "Never nothing for long.",
			lines: []line{{"min by (task_queue, worker_type) (temporal_worker_task_slots_available)", "{{task_queue}} {{worker_type}}"}}},
		{title: "Time of an activity", unit: seconds, about: "The slowest hundredth, of the activities that are visible.",
			lines: quantiles("temporal_activity_execution_latency_seconds_bucket", "activity_type")[1:]},
		{title: "Workflows in memory", unit: count, about: "As many as orders wait for their payment, below STICKY_CACHE.",
			lines: []line{{"sum(temporal_sticky_cache_size)", "workflows"}}},
		{title: "CPU", unit: count, about: "Cores in use, of each process.",
			lines: []line{{"sum by (job, instance) (rate(process_cpu_seconds_total[$__rate_interval]))", "{{job}} {{instance}}"}}},
		{title: "Memory", unit: bytes, about: "Below the limit of the container.",
			lines: []line{{"sum by (job, instance) (process_resident_memory_bytes)", "{{job}} {{instance}}"}}},
		{title: "Builds", unit: count, about: "One of each kind, but in a rollout.",
			lines: []line{{`count by (job, service_version) (target_info{job=~"api|worker"})`, "{{job}} {{service_version}}"}}},
		{title: "Goroutines", unit: count, about: "They follow the load, and fall after it.",
			lines: []line{{"sum by (job, instance) (go_goroutines)", "{{job}} {{instance}}"}}},
	}}
}
