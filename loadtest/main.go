package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/domain/ops"
)

func main() {
	var cli struct {
		Config
		Version kong.VersionFlag `help:"Print the build and end."`
	}
	parsed := kong.Parse(
		&cli,
		kong.Name("loadtest"),
		kong.Vars{"version": ops.Version()},
		kong.Description(
			"Drives a shop as shoppers would, prints how long they waited, and counts: exit 1 unless everything balances.\n\n"+scenarioHelp()),
	)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	debug.SetGCPercent(400) // memory for time: it shares the machine with what it measures
	parsed.FatalIfErrorf(Run(ctx, cli.Config, os.Stdout))
}
