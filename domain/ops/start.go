package ops

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// secondsBuckets are the bounds of histograms of times, from a millisecond to ten minutes: the SDK's own begin at five seconds.
var secondsBuckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600}

// sizeBuckets are the bounds of histograms of sizes.
var sizeBuckets = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}

var (
	startOnce sync.Once
	errStart  error
	spans     *trace.TracerProvider
)

// Start prepares metrics and traces of this process, under the name of the service. It may be called again: the development system
// runs several parts in one process, and the first names it and decides on traces.
func Start(service string, cfg Config) error {
	startOnce.Do(func() { errStart = start(service, cfg) })
	return errStart
}

// flushLimit bounds the sending of the last traces.
const flushLimit = 3 * time.Second

// Flush sends the traces that wait to be sent. A process calls it at its end; a collector that is gone takes nothing from that.
func Flush() {
	if spans == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	if err := spans.ForceFlush(ctx); err != nil {
		slog.Warn("last traces not sent", "error", err)
	}
}

func start(service string, cfg Config) error {
	named := resource.NewSchemaless(semconv.ServiceName("runrun-"+service), semconv.ServiceVersion(Version()))
	return errors.Join(startMetrics(named), startTraces(named, cfg))
}

func startMetrics(named *resource.Resource) error {
	exporter, err := prometheus.New()
	if err != nil {
		return err
	}
	buckets := func(bounds []float64) metric.Stream {
		return metric.Stream{Aggregation: metric.AggregationExplicitBucketHistogram{Boundaries: bounds}}
	}
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter), metric.WithResource(named), metric.WithView(
		metric.NewView(metric.Instrument{Name: "*_size", Kind: metric.InstrumentKindHistogram}, buckets(sizeBuckets)),
		metric.NewView(metric.Instrument{Name: "*_latency*", Kind: metric.InstrumentKindHistogram}, buckets(secondsBuckets)),
		metric.NewView(metric.Instrument{Name: "*_seconds", Kind: metric.InstrumentKindHistogram}, buckets(secondsBuckets)),
	)))
	return nil
}

// startTraces sends traces where there is a collector. Without one every request still has a trace id, for logs and problems.
func startTraces(named *resource.Resource, cfg Config) error {
	otel.SetTextMapPropagator(propagation.TraceContext{})
	options := []trace.TracerProviderOption{trace.WithResource(named), trace.WithSampler(trace.NeverSample())}
	if cfg.Traces != "" {
		// It connects when it sends, and drops what a collector that is gone does not take.
		exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(strings.TrimRight(cfg.Traces, "/")+"/v1/traces"))
		if err != nil {
			return err
		}
		options = append(options, trace.WithBatcher(exporter), trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(cfg.TraceRatio))))
	}
	spans = trace.NewTracerProvider(options...)
	otel.SetTracerProvider(spans)
	return nil
}
