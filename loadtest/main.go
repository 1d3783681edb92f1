package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	var cfg Config
	cli := kong.Parse(
		&cfg,
		kong.Name("loadtest"),
		kong.Description(
			"Drives a shop as shoppers would, prints how long they waited, and counts: exit 1 unless everything balances.\n\n"+scenarioHelp()),
	)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	debug.SetGCPercent(400) // memory for time: it shares the machine with what it measures
	cli.FatalIfErrorf(Run(ctx, cfg, os.Stdout))
}
