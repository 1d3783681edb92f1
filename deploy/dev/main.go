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
)

func main() {
	var cfg Config
	cli := kong.Parse(&cfg, kong.Name("dev"), kong.Description("RUNRUN, all of it, for development. Every setting of the API and the worker is taken from the environment."))
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel})))
	debug.SetGCPercent(300) // memory for time: everything shares one machine
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cli.FatalIfErrorf(run(ctx, cfg))
}

// run starts the system and keeps it running until ctx ends, or runs the demo.
func run(ctx context.Context, cfg Config) (err error) {
	system, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := system.Stop(); err == nil {
			err = stopErr
		}
	}()
	switch {
	case cfg.Demo:
		return demo(ctx, system, os.Stdout)
	case cfg.Exec != "":
		return system.exec(ctx, cfg.Exec)
	}
	fmt.Print(system.welcome())
	select {
	case <-ctx.Done():
		fmt.Println("\nstopping …")
		return nil
	case err := <-system.broken:
		return err
	}
}
