package main

import "time"

// cases are, of each alert, series that make it fire with the labels, and series under which it is calm; a sample each minute, in the
// notation of Prometheus' own tests.
var cases = []alertCase{
	{
		alert: "NobodyPolls", at: 30 * time.Minute, labels: map[string]string{"queue": "payments", "kind": "activity"},
		fires: []string{
			`runrun_queue_pollers{queue="payments",kind="activity"} 2x5 0x60`,
		},
		calm: []string{
			`runrun_queue_pollers{queue="payments",kind="activity"} 1x60`,
		},
	},
	{
		alert: "TasksWait", at: 30 * time.Minute, labels: map[string]string{"queue": "orders", "kind": "workflow"},
		fires: []string{
			`runrun_queue_backlog_age_seconds{queue="orders",kind="workflow"} 0x5 90x60`,
		},
		calm: []string{
			`runrun_queue_backlog_age_seconds{queue="orders",kind="workflow"} 20x60`,
		},
	},
	{
		alert: "OrdersUndecided", at: 30 * time.Minute, labels: map[string]string{"status": "RECEIVED"},
		fires: []string{
			`runrun_orders_oldest_seconds{status="RECEIVED"} 0x5 200x60`,
		},
		calm: []string{
			`runrun_orders_oldest_seconds{status="RECEIVED"} 30x60`,
		},
	},
	{
		alert: "HoldsDoNotEnd", at: 30 * time.Minute, labels: map[string]string{"status": "HELD"},
		fires: []string{
			`runrun_orders_oldest_seconds{status="HELD"} 0x5 2000x60`,
		},
		calm: []string{
			`runrun_orders_oldest_seconds{status="HELD"} 900x60`,
		},
	},
	{
		alert: "PaymentsUndecided", at: 30 * time.Minute, labels: map[string]string{"status": "PAYING"},
		fires: []string{
			`runrun_orders_oldest_seconds{status="PAYING"} 0x5 4000x60`,
		},
		calm: []string{
			`runrun_orders_oldest_seconds{status="PAYING"} 900x60`,
		},
	},
	{
		alert: "OrdersNeedAPerson", at: 30 * time.Minute,
		fires: []string{
			`runrun_orders_attention{reason="REFUND_FAILED"} 0x5 2x60`,
			`runrun_orders_attention{reason="DIFFERENCE"} 0x65`,
		},
		calm: []string{
			`runrun_orders_attention{reason="REFUND_FAILED"} 0x60`,
		},
	},
	{
		alert: "OrdersAdopted", at: 25 * time.Minute,
		fires: []string{
			"runrun_orders_adopted_total 0x20 3x60",
		},
		calm: []string{
			"runrun_orders_adopted_total 3x60",
		},
	},
	{
		alert: "BooksDiffer", at: 35 * time.Minute, labels: map[string]string{"kind": "STOCK"},
		fires: []string{
			`runrun_reconcile_differences_total{kind="STOCK",mended="false"} _x20 1x10 2x60`,
		},
		calm: []string{
			`runrun_reconcile_differences_total{kind="STOCK",mended="true"} 0x5 5x60`,
		},
	},
	{
		alert: "BooksNotCompared", at: 90 * time.Minute, labels: map[string]string{"comparison": "ComparePayments"},
		fires: []string{
			`runrun_reconcile_comparisons_total{comparison="ComparePayments",outcome="COMPLETED"} 0+0.2x30 6x90`,
			`runrun_reconcile_comparisons_total{comparison="ComparePayments",outcome="FAILED"} 0x30 0+0.2x90`,
			`runrun_reconcile_comparisons_total{comparison="CompareOrders",outcome="COMPLETED"} 0+0.2x120`,
		},
		calm: []string{
			`runrun_reconcile_comparisons_total{comparison="ComparePayments",outcome="COMPLETED"} 0x5 0+0.2x120`,
		},
	},
	{
		alert: "ApiGone", at: 30 * time.Minute,
		fires: []string{
			`up{job="api",instance="a"} 1x5 0x60`,
		},
		calm: []string{
			`up{job="api",instance="a"} 1x60`,
			`up{job="api",instance="b"} 0x60`,
		},
	},
	{
		alert: "ApiFails", at: 30 * time.Minute,
		fires: []string{
			`runrun_http_request_seconds_count{route="/v1/orders",method="GET",status="5xx"} 0+10x60`,
			`runrun_http_request_seconds_count{route="/v1/products",status="2xx"} 0+90x60`,
		},
		calm: []string{
			`runrun_http_request_seconds_count{route="/v1/products",status="5xx"} 0+1x60`,
			`runrun_http_request_seconds_count{route="/v1/products",status="2xx"} 0+90x60`,
			`runrun_http_request_seconds_count{route="/v1/orders",method="POST",status="5xx"} 0+900x60`,
		},
	},
	{
		alert: "OrdersFail", at: 30 * time.Minute,
		fires: []string{
			`runrun_order_requests_total{outcome="UNAVAILABLE"} 0+5x60`,
			`runrun_order_requests_total{outcome="ACCEPTED"} 0+50x60`,
		},
		calm: []string{
			`runrun_order_requests_total{outcome="UNAVAILABLE"} 0x60`,
			`runrun_order_requests_total{outcome="SOLD_OUT"} 0+500x60`,
		},
	},
	{
		alert: "ShopOverloaded", at: 30 * time.Minute,
		fires: []string{
			`runrun_order_requests_total{outcome="OVERLOADED"} 0x60`,
			"runrun_order_requests_turned_away_total 0+120x60",
		},
		calm: []string{
			`runrun_order_requests_total{outcome="OVERLOADED"} 0+10x60`,
			"runrun_order_requests_turned_away_total 0x60",
		},
	},
	{
		alert: "ApiSlow", at: 30 * time.Minute, labels: map[string]string{"route": "/v1/products"},
		fires: []string{
			`runrun_http_request_seconds_bucket{route="/v1/products",le="1"} 0+10x60`,
			`runrun_http_request_seconds_bucket{route="/v1/products",le="5"} 0+100x60`,
			`runrun_http_request_seconds_bucket{route="/v1/products",le="+Inf"} 0+100x60`,
		},
		calm: []string{
			`runrun_http_request_seconds_bucket{route="/v1/products",le="1"} 0+100x60`,
			`runrun_http_request_seconds_bucket{route="/v1/products",le="+Inf"} 0+100x60`,
		},
	},
	{
		alert: "StreamsUsedUp", at: 30 * time.Minute, labels: map[string]string{"of": "orders"},
		fires: []string{
			`runrun_streams_open{of="orders"} 95x60`,
			`runrun_streams_limit{of="orders"} 100x60`,
		},
		calm: []string{
			`runrun_streams_open{of="orders"} 50x60`,
			`runrun_streams_limit{of="orders"} 100x60`,
		},
	},
	{
		alert: "ProductBreakerOpen", at: 30 * time.Minute, labels: map[string]string{"product": "prd_a"},
		fires: []string{
			`runrun_breaker_open{product="prd_a"} _x5 2 1 1 2 1 2x60`,
		},
		calm: []string{
			`runrun_breaker_open{product="prd_a"} 2 _x60`,
		},
	},
	{
		alert: "GatewayBreakerOpen", at: 30 * time.Minute,
		fires: []string{
			"runrun_gateway_breaker_open 0x5 2 1 1 2 1 1x60",
		},
		calm: []string{
			"runrun_gateway_breaker_open 0x60",
		},
	},
	{
		alert: "GatewayRefusesUs", at: 25 * time.Minute, labels: map[string]string{"call": "confirm"},
		fires: []string{
			`runrun_gateway_calls_total{call="confirm",outcome="FAULT"} 0x20 1x60`,
		},
		calm: []string{
			`runrun_gateway_calls_total{call="confirm",outcome="DECLINED"} 0+9x60`,
		},
	},
	{
		alert: "GatewayUncertain", at: 30 * time.Minute,
		fires: []string{
			`runrun_gateway_calls_total{outcome="UNKNOWN"} 0+4x60`,
			`runrun_gateway_calls_total{outcome="UNPROVEN"} 0+4x60`,
			`runrun_gateway_calls_total{outcome="PAID"} 0+90x60`,
		},
		calm: []string{
			`runrun_gateway_calls_total{outcome="UNKNOWN"} 0+1x60`,
			`runrun_gateway_calls_total{outcome="PAID"} 0+90x60`,
		},
	},
	{
		alert: "RedisGone", at: 23 * time.Minute,
		fires: []string{
			"runrun_redis_absent 0x20 1x60",
		},
		calm: []string{
			"runrun_redis_absent 0x60",
			"runrun_lock_without_redis_total 0x60",
		},
	},
	{
		alert: "DatabaseConnectionsUsedUp", at: 30 * time.Minute, labels: map[string]string{"db_name": "api"},
		fires: []string{
			`go_sql_in_use_connections{db_name="api"} 32x60`,
			`go_sql_max_open_connections{db_name="api"} 32x60`,
		},
		calm: []string{
			`go_sql_in_use_connections{db_name="api"} 20x60`,
			`go_sql_max_open_connections{db_name="api"} 32x60`,
		},
	},
	{
		alert: "LockLeaseLost", at: 25 * time.Minute,
		fires: []string{
			"runrun_lock_lease_lost_total 0x20 9x60",
		},
		calm: []string{
			"runrun_lock_lease_lost_total 0x20 1x60",
		},
	},
	{
		alert: "TemporalGone", at: 30 * time.Minute,
		fires: []string{
			"runrun_dispatch_limit 8x60",
			`runrun_queue_pollers{queue="orders",kind="workflow"} 2x5 _x60`,
		},
		calm: []string{
			"runrun_dispatch_limit 8x60",
			`runrun_queue_pollers{queue="orders",kind="workflow"} 2x60`,
		},
	},
	{
		alert: "DatabaseGone", at: 30 * time.Minute,
		fires: []string{
			`up{job="api"} 1x60`,
			`runrun_orders_open{status="HELD"} 2x5 _x60`,
		},
		calm: []string{
			`up{job="api"} 1x60`,
			`runrun_orders_open{status="HELD"} 0x60`,
		},
	},
	{
		alert: "TemporalOverloaded", at: 30 * time.Minute,
		fires: []string{
			`temporal_request_failure_total{status_code="RESOURCE_EXHAUSTED",operation="StartWorkflowExecution"} 0+20x60`,
			`temporal_long_request_failure_total{status_code="RESOURCE_EXHAUSTED",operation="PollWorkflowTaskQueue"} 0+20x60`,
		},
		calm: []string{
			`temporal_long_request_failure_total{status_code="RESOURCE_EXHAUSTED",operation="PollWorkflowTaskQueue"} 0+20x60`,
		},
	},
	{
		alert: "WorkflowTasksFail", at: 25 * time.Minute, labels: map[string]string{"failure_reason": "NonDeterminismError"},
		fires: []string{
			`temporal_workflow_task_execution_failed_total{failure_reason="NonDeterminismError"} 0x20 9x60`,
		},
		calm: []string{
			`temporal_workflow_task_execution_failed_total{failure_reason="WorkflowError"} 0x20 1x60`,
		},
	},
	{
		alert: "NoFreeSlots", at: 30 * time.Minute, labels: map[string]string{"task_queue": "orders", "worker_type": "ActivityWorker"},
		fires: []string{
			`temporal_worker_task_slots_available{task_queue="orders",worker_type="ActivityWorker"} 0x60`,
		},
		calm: []string{
			`temporal_worker_task_slots_available{task_queue="orders",worker_type="ActivityWorker"} 3x60`,
		},
	},
	{
		alert: "DispatchBacklog", at: 30 * time.Minute,
		fires: []string{
			`runrun_dispatch_backlog{instance="a"} 3000x60`,
			`runrun_dispatch_backlog{instance="b"} 3000x60`,
		},
		calm: []string{
			`runrun_dispatch_backlog{instance="a"} 3000x60`,
		},
	},
	{
		alert: "TwoBuilds", at: 3 * time.Hour, labels: map[string]string{"job": "worker"},
		fires: []string{
			`target_info{job="worker",service_version="a"} 1x300`,
			`target_info{job="worker",service_version="b"} 1x300`,
		},
		calm: []string{
			`target_info{job="worker",service_version="a"} 1x300`,
		},
	},
}
