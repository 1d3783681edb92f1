package server

import (
	"context"

	"runrun/api/watch"
	"runrun/domain/ops"
	"runrun/domain/redis"
)

// observe shows operators what the connections of this process do, and the shop's work as a whole.
func (s *Server) observe(context.Context) (err error) {
	if err := s.parts.requests.Observe(); err != nil {
		return err
	}
	a := s.adapters
	s.stopOnClose(ops.ObserveDatabase("api", a.store.DB()))
	stop, err := redis.Observe("api", a.redis)
	if err != nil {
		return err
	}
	s.stopOnClose(stop)
	if stop, err = redis.Observe("api gate", a.gateRedis); err != nil {
		return err
	}
	s.stopOnClose(stop)
	s.parts.watch, err = watch.New(a.store, a.temporal.WorkflowService(), s.cfg.Temporal.Namespace, s.cfg.WatchEvery)
	return err
}
