package server

import (
	"context"
	"sync/atomic"

	"runrun/domain"
	"runrun/domain/ops"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// prepareNamespace creates the search attributes in Temporal's namespace, and retries until it succeeds or the server
// stops. While Temporal is unreachable, /readyz shows "temporal" as degraded: orders are accepted without it. If an
// attribute exists with another type, or is missing and may not be created, "namespace" fails and the API is not ready:
// that is a mistake of configuration.
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
	var backoff ops.Backoff
	for {
		err := temporal.EnsureSearchAttributes(s.baseCtx, s.adapters.temporal, s.cfg.Temporal.Namespace, workflows.SearchAttributes())
		problem.Store(&err)
		if err == nil || !backoff.Wait(s.baseCtx) {
			return
		}
	}
}
