package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	var cfg Config
	kong.Parse(&cfg, kong.Name("temporal"), kong.Description("A Temporal server and its Web UI on SQLite."))

	if len(cfg.PostgresFile) > 0 {
		cfg.Postgres = strings.TrimSpace(string(cfg.PostgresFile))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if cfg.ExitWithStdin {
		ctx = untilClosed(ctx, os.Stdin)
	}
	debug.SetGCPercent(300) // memory for time: it shares a small machine with everything else
	if err := run(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

// run starts the server and the Web UI, announces both on standard output and stops them when ctx ends.
func run(ctx context.Context, cfg Config) error {
	server, err := startServer(cfg)
	if err != nil {
		return err
	}
	defer server.stop()

	if err := server.awaitReady(ctx); err != nil {
		return err
	}
	ui, err := startUI(cfg, server.address)
	if err != nil {
		return err
	}
	defer ui.Stop()
	addresses := map[string]string{"grpc": server.address, "ui": ui.url}
	if err := json.NewEncoder(os.Stdout).Encode(addresses); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// untilClosed returns a context that also ends when r reaches its end.
func untilClosed(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, r)
	}()
	return ctx
}
