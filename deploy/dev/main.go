package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/deploy/dev/demo"
	"runrun/deploy/dev/system"
	"runrun/domain/ops"
)

func main() {
	var cfg struct {
		system.Config
		Version kong.VersionFlag `help:"Print the build and end."`
	}
	cli := kong.Parse(&cfg, kong.Name("dev"), kong.Vars{"version": ops.Version()},
		kong.Description("RUNRUN, all of it, for development. Every setting of the API and the worker is taken from the environment."))
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel})))
	debug.SetGCPercent(300) // memory for time: everything shares one machine
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cli.FatalIfErrorf(run(ctx, cfg.Config))
}

// run starts the system and keeps it running until ctx ends, or runs the demo.
func run(ctx context.Context, cfg system.Config) (err error) {
	s, err := system.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := s.Stop(); err == nil {
			err = stopErr
		}
	}()
	switch {
	case cfg.Demo:
		return demo.Run(ctx, s, os.Stdout)
	case cfg.Exec != "":
		return execute(ctx, s, cfg.Exec)
	}
	fmt.Print(s.Welcome())
	select {
	case <-ctx.Done():
		fmt.Println("\nstopping …")
		return nil
	case err := <-s.Broken():
		return err
	}
}
