package workflows

import "go.temporal.io/sdk/workflow"

// saga is the list of what has to be undone.
type saga struct {
	undo []func(ctx workflow.Context)
}

// before registers a compensation. It is called before the step that may need it, since a step whose answer is lost may
// have happened.
func (s *saga) before(undo func(ctx workflow.Context)) { s.undo = append(s.undo, undo) }

// drop forgets the newest compensation: its step is known not to have happened.
func (s *saga) drop() { s.undo = s.undo[:len(s.undo)-1] }

// complete forgets all compensations: the saga has reached its goal.
func (s *saga) complete() { s.undo = nil }

// compensate undoes everything, newest first.
func (s *saga) compensate(ctx workflow.Context) {
	for len(s.undo) > 0 {
		s.undoNewest(ctx)
	}
}

// undoNewest runs the newest compensation, on a context that outlives a cancellation.
func (s *saga) undoNewest(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	newest := s.undo[len(s.undo)-1]
	s.drop()
	newest(ctx)
}
