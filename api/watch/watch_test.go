package watch_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"runrun/api/watch"
	"runrun/domain"
)

// shop is a database and a Temporal that can be gone.
type shop struct{ gone atomic.Bool }

var errGone = errors.New("gone")

func (s *shop) CountOpen(context.Context) ([]domain.OrderCount, error) {
	if s.gone.Load() {
		return nil, errGone
	}
	return []domain.OrderCount{
		{Status: domain.StatusHeld, Count: 3, Oldest: time.Now().Add(-time.Minute)},
		{Status: domain.StatusPaying},
	}, nil
}

func (s *shop) CountAttention(context.Context) (map[domain.Attention]int64, error) {
	return map[domain.Attention]int64{domain.AttentionDifference: 2}, nil
}

func (s *shop) DescribeTaskQueue(_ context.Context, in *workflowservice.DescribeTaskQueueRequest, _ ...grpc.CallOption) (
	*workflowservice.DescribeTaskQueueResponse, error) {
	if s.gone.Load() {
		return nil, errGone
	}
	got := &workflowservice.DescribeTaskQueueResponse{Stats: &taskqueue.TaskQueueStats{
		ApproximateBacklogCount: 7, ApproximateBacklogAge: durationpb.New(90 * time.Second),
	}}
	if in.GetTaskQueue().GetName() != "mails" {
		lately, gone := timestamppb.Now(), timestamppb.New(time.Now().Add(-2*time.Minute))
		got.Pollers = []*taskqueue.PollerInfo{{LastAccessTime: lately}, {LastAccessTime: lately}, {LastAccessTime: gone}}
	}
	return got, nil
}

// seen reads all metrics: value by name and labels.
func seen(t *testing.T, reader *metric.ManualReader) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					values[m.Name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = float64(p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					values[m.Name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
				}
			}
		}
	}
	return values
}

// Operators see the work of the whole shop, and no old numbers: what cannot be seen is not shown.
func TestTheShopsWorkIsShown(t *testing.T) {
	reader := metric.NewManualReader()
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	var s shop
	w, err := watch.New(&s, &s, "default", time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	defer func() { cancel(); <-done }()
	await := func(what string, found func(map[string]float64) bool) map[string]float64 {
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			if values := seen(t, reader); found(values) {
				return values
			}
		}
		t.Fatalf("%s: only %v", what, seen(t, reader))
		return nil
	}
	got := await("everything", func(v map[string]float64) bool { return len(v) >= 2*2+len(domain.Attentions())+3*4 })
	for name, want := range map[string]float64{
		"runrun_orders_open status=HELD":                                3,
		"runrun_orders_open status=PAYING":                              0,
		"runrun_orders_oldest_seconds status=PAYING":                    0,
		"runrun_orders_attention reason=DIFFERENCE":                     2,
		"runrun_orders_attention reason=REFUND_FAILED":                  0,
		"runrun_queue_pollers kind=workflow,queue=orders":               2,
		"runrun_queue_pollers kind=activity,queue=mails":                0,
		"runrun_queue_backlog kind=activity,queue=payments":             7,
		"runrun_queue_backlog_age_seconds kind=activity,queue=payments": 90,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v, want %v; there are %v", name, value, want, slices.Sorted(maps.Keys(got)))
		}
	}
	if age := got["runrun_orders_oldest_seconds status=HELD"]; age < 60 {
		t.Errorf("the oldest held order is %v s old", age)
	}
	s.gone.Store(true)
	await("nothing of what is gone", func(v map[string]float64) bool {
		return !slices.ContainsFunc(slices.Collect(maps.Keys(v)), func(name string) bool { return strings.HasPrefix(name, "runrun_") })
	})
}
