package server

import (
	"context"
	"sync/atomic"
	"time"

	"runrun/domain"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// namespaceRetry is the pause between two attempts to prepare Temporal's namespace.
const namespaceRetry = time.Second

// prepareNamespace makes sure that Temporal knows our search attributes. Orders are accepted while Temporal is absent, so that is
// shown and decides nothing; a namespace that does not fit is a mistake of configuration, and the API is not ready.
func (s *Server) prepareNamespace() {
	var problem atomic.Pointer[error]
	first := error(domain.Errorf(domain.CodeUnavailable, "Temporal was not reached yet"))
	problem.Store(&first)
	s.health.Need("namespace", func(context.Context) error {
		if err := *problem.Load(); domain.CodeOf(err) == domain.CodeConflict {
			return err
		}
		return nil
	})
	s.health.Note("temporal", func(ctx context.Context) error {
		if err := *problem.Load(); err != nil {
			return err
		}
		return temporal.Ping(ctx, s.adapters.temporal)
	})
	for {
		err := temporal.EnsureSearchAttributes(s.life, s.adapters.temporal, s.cfg.Temporal.Namespace, workflows.SearchAttributes())
		problem.Store(&err)
		if err == nil {
			return
		}
		select {
		case <-s.life.Done():
			return
		case <-time.After(namespaceRetry):
		}
	}
}
