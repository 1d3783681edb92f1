package workflows

import "go.temporal.io/sdk/workflow"

// compensation undoes a step, for an order that ends as end says.
type compensation func(ctx workflow.Context, end ReleaseInput)

// saga is the stack of compensations that an order needs if it cannot go on.
type saga struct {
	compensations []compensation
}

// register adds a compensation. It is called before the step that may need it, since a step whose answer is lost may have happened.
func (s *saga) register(c compensation) { s.compensations = append(s.compensations, c) }

// pop removes the newest compensation and returns it: its step is known not to have happened, or it is run now.
func (s *saga) pop() compensation {
	newest := s.compensations[len(s.compensations)-1]
	s.compensations = s.compensations[:len(s.compensations)-1]
	return newest
}

// complete removes all compensations: the saga has reached its goal.
func (s *saga) complete() { s.compensations = nil }

// compensate runs all compensations, newest first.
func (s *saga) compensate(ctx workflow.Context, end ReleaseInput) {
	for len(s.compensations) > 0 {
		s.compensateNewest(ctx, end)
	}
}

// compensateNewest runs the newest compensation, on a context that outlives a cancellation.
func (s *saga) compensateNewest(ctx workflow.Context, end ReleaseInput) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	s.pop()(ctx, end)
}
