package server

import (
	"context"

	"go.temporal.io/sdk/client"

	"runrun/domain/blob"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
)

// adapters are the connections of the process.
type adapters struct {
	store    *store.Store
	redis    redis.Client
	gate     *redis.Gate // on connections of its own
	events   *redis.Events
	presence *redis.Presence // the probe that knows whether Redis is there
	temporal client.Client
	images   *blob.Images
}

// openAdapters connects to the database, Redis and Temporal. Only the database has to be there.
func (s *Server) openAdapters(ctx context.Context) error {
	var err error
	a := &s.adapters
	if a.store, err = store.Open(ctx, s.cfg.Store); err != nil {
		return err
	}
	s.onClose(a.store.Close)
	if err := a.store.Migrate(ctx); err != nil {
		return err
	}
	if a.redis, err = redis.Connect(s.cfg.Redis); err != nil {
		return err
	}
	s.onClose(a.redis.Close)
	gate, err := redis.ConnectGate(s.cfg.Redis)
	if err != nil {
		return err
	}
	s.onClose(gate.Close)
	a.gate, a.events = redis.NewGate(gate), redis.NewEvents(a.redis)
	if a.presence, err = redis.NewPresence(ctx, s.cfg.Redis); err != nil {
		return err
	}
	s.onClose(a.presence.Close)
	if a.images, err = blob.Open(ctx, s.cfg.Blob); err != nil {
		return err
	}
	s.onClose(a.images.Close)
	var closeTemporal func()
	if a.temporal, closeTemporal, err = temporal.Connect(s.cfg.Temporal); err != nil {
		return err
	}
	s.stopOnClose(closeTemporal)
	return nil
}
