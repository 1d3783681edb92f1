// Package process runs the API and a worker in one process on one Temporal client. It adds nothing to either: deploy/allinone is its
// command, and deploy/dev puts the rest of a system around it. Start at Start.
package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"runrun/api/server"
	"runrun/domain/ops"
	"runrun/domain/temporal"
	"runrun/worker/pool"
)

// Config is that of both parts.
type Config struct {
	API    server.Config
	Worker pool.Config
	// NoAPI and NoWorker leave a part to other processes.
	NoAPI, NoWorker bool
}

// FromEnvironment returns the configuration of both parts: environment over default.
func FromEnvironment() (Config, error) {
	var cfg Config
	_, err1 := ops.Parse(&cfg.API, nil)
	_, err2 := ops.Parse(&cfg.Worker, nil)
	if err1 != nil {
		err1 = fmt.Errorf("api: %w", err1)
	}
	if err2 != nil {
		err2 = fmt.Errorf("worker: %w", err2)
	}
	return cfg, errors.Join(err1, err2)
}

// Process is a running API and worker.
type Process struct {
	API    *server.Server // nil with NoAPI
	Worker *pool.Pool     // nil with NoWorker

	cleanUp []func() error
}

// Run serves and works until ctx ends, then lets what is under way finish.
func Run(ctx context.Context, cfg Config) error {
	ops.Log(cfg.API.Ops)
	p, err := Start(ctx, cfg)
	if ops.Stopped(ctx, err) {
		return nil
	}
	if err != nil {
		return err
	}
	slog.Info("started", "api", p.API != nil, "worker", p.Worker != nil)
	select {
	case <-ctx.Done():
	case err = <-p.fatal():
	}
	return errors.Join(err, p.Stop())
}

func (p *Process) fatal() <-chan error {
	if p.Worker == nil {
		return nil
	}
	return p.Worker.Fatal()
}

// Start starts the worker and then the API, so that the first order finds somebody who works on it.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	cfg.API.Temporal.Traced = cfg.API.Ops.Traces != ""
	c, closeClient, err := temporal.Connect(cfg.API.Temporal)
	if err != nil {
		return nil, err
	}
	cfg.API.Temporal.Shared, cfg.Worker.Temporal.Shared = c, c
	if !cfg.NoWorker && !cfg.NoAPI {
		cfg.API.EagerStarts = cfg.Worker.EagerStarts()
	}
	p := &Process{cleanUp: []func() error{func() error { closeClient(); return nil }}}
	if !cfg.NoWorker {
		if p.Worker, err = pool.Start(ctx, cfg.Worker); err != nil {
			return nil, errors.Join(err, p.Stop())
		}
		p.cleanUp = append(p.cleanUp, p.Worker.Stop)
	}
	if !cfg.NoAPI {
		if p.API, err = server.Start(ctx, cfg.API); err != nil {
			return nil, errors.Join(err, p.Stop())
		}
		p.cleanUp = append(p.cleanUp, p.API.Stop)
	}
	return p, nil
}

// Stop stops the API, then the worker.
func (p *Process) Stop() error {
	var errs []error
	for i := len(p.cleanUp) - 1; i >= 0; i-- {
		errs = append(errs, p.cleanUp[i]())
	}
	p.cleanUp = nil
	return errors.Join(errs...)
}
