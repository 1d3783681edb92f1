package dispatch

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"runrun/domain"
)

// Trace remembers the trace of the request that asks for an order, so that its workflow is started as part of it. Only what is traced
// is remembered, for as many orders as usually wait.
func (s *Starter) Trace(ctx context.Context, id domain.OrderID) {
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		s.traces.Add(id, span)
	}
}

// maxTraces bounds what is remembered.
const maxTraces = 20_000

// traced returns the context in which an order is started.
func (s *Starter) traced(ctx context.Context, id domain.OrderID) context.Context {
	span, known := s.traces.Peek(id)
	if !known {
		return ctx
	}
	s.traces.Remove(id)
	return trace.ContextWithSpanContext(ctx, span)
}
