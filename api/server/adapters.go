package server

import (
	"context"
	"errors"

	"go.temporal.io/sdk/client"

	"runrun/domain/blob"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
)

// adapters are the connections of the process.
type adapters struct {
	store     *store.Store
	redis     redis.Client
	gate      *redis.Gate // on connections of its own
	gateRedis redis.Client
	events    *redis.Events
	presence  *redis.Presence // the probe that knows whether Redis is there
	temporal  client.Client
	images    *blob.Images
}

// openAdapters connects to the database, Redis and Temporal. Only the database has to be there, and is waited for.
func (s *Server) openAdapters(ctx context.Context) error {
	var err error
	a := &s.adapters
	if err := s.health.Await(ctx, "database", s.openStore); err != nil {
		return err
	}
	if a.redis, err = redis.Connect(s.cfg.Redis); err != nil {
		return err
	}
	s.onClose(a.redis.Close)
	if a.gateRedis, err = redis.ConnectGate(s.cfg.Redis); err != nil {
		return err
	}
	s.onClose(a.gateRedis.Close)
	a.gate, a.events = redis.NewGate(a.gateRedis), redis.NewEvents(a.redis)
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

// openStore opens the database and brings its schema up to date.
func (s *Server) openStore(ctx context.Context) error {
	opened, err := store.Open(ctx, s.cfg.Store)
	if err != nil {
		return err
	}
	if err := opened.Migrate(ctx); err != nil {
		return errors.Join(err, opened.Close())
	}
	s.adapters.store = opened
	s.onClose(opened.Close)
	return nil
}
