package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"runrun/workflows"
)

// Queues asks Temporal about its task queues.
type Queues interface {
	DescribeTaskQueue(ctx context.Context, in *workflowservice.DescribeTaskQueueRequest, opts ...grpc.CallOption) (
		*workflowservice.DescribeTaskQueueResponse, error)
}

// served are the queues of the shop, and what they are polled for.
var served = []struct {
	name string
	kind enums.TaskQueueType
}{
	{workflows.OrdersQueue, enums.TASK_QUEUE_TYPE_WORKFLOW},
	{workflows.OrdersQueue, enums.TASK_QUEUE_TYPE_ACTIVITY},
	{workflows.PaymentsQueue, enums.TASK_QUEUE_TYPE_ACTIVITY},
	{workflows.MailsQueue, enums.TASK_QUEUE_TYPE_ACTIVITY},
}

// queue is what was seen of one.
type queue struct {
	labels  metric.MeasurementOption
	pollers int64
	backlog int64
	age     time.Duration
}

// queues shows who polls the task queues, and what waits there.
type queues struct {
	temporal  Queues
	namespace string

	mu   sync.Mutex
	seen []queue
}

func newQueues(temporal Queues, namespace string) (*queues, error) {
	q := &queues{temporal: temporal, namespace: namespace}
	meter := otel.Meter("runrun/watch")
	pollers, err1 := meter.Int64ObservableGauge("runrun_queue_pollers",
		metric.WithDescription("Workers that have polled a task queue within the last 90 seconds, by what for."))
	backlog, err2 := meter.Int64ObservableGauge("runrun_queue_backlog",
		metric.WithDescription("Tasks that wait for a worker, about."))
	age, err3 := meter.Float64ObservableGauge("runrun_queue_backlog_age_seconds", metric.WithUnit("s"),
		metric.WithDescription("Age of the oldest task that waits for a worker."))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		q.mu.Lock()
		defer q.mu.Unlock()
		for _, of := range q.seen {
			o.ObserveInt64(pollers, of.pollers, of.labels)
			o.ObserveInt64(backlog, of.backlog, of.labels)
			o.ObserveFloat64(age, of.age.Seconds(), of.labels)
		}
		return nil
	}, pollers, backlog, age)
	return q, err
}

// pollWithin is how lately a worker that lives has polled: a poll lasts a minute, and Temporal remembers pollers for five.
const pollWithin = 90 * time.Second

// live counts the pollers that live.
func live(pollers []*taskqueue.PollerInfo, now time.Time) (count int64) {
	for _, p := range pollers {
		if now.Sub(p.GetLastAccessTime().AsTime()) < pollWithin {
			count++
		}
	}
	return count
}

func (q *queues) look(ctx context.Context) error {
	var seen []queue
	var errs []error
	for _, of := range served {
		got, err := q.temporal.DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: q.namespace, TaskQueue: &taskqueue.TaskQueue{Name: of.name}, TaskQueueType: of.kind, ReportStats: true,
		})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		kind := "activity"
		if of.kind == enums.TASK_QUEUE_TYPE_WORKFLOW {
			kind = "workflow"
		}
		seen = append(seen, queue{
			labels:  metric.WithAttributes(attribute.String("queue", of.name), attribute.String("kind", kind)),
			pollers: live(got.GetPollers(), time.Now()),
			backlog: got.GetStats().GetApproximateBacklogCount(),
			age:     got.GetStats().GetApproximateBacklogAge().AsDuration(),
		})
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seen = seen
	return errors.Join(errs...)
}
