// Command worker hosts the workflows and activities of the shop.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/domain/ops"
	"runrun/worker/pool"
	"runrun/worker/replay"
)

const about = "Hosts the workflows and activities of RUNRUN. Start as many as the load asks for. With a word in front it does one thing, " +
	"and ends: audit compares all books, changes nothing, and ends with 1 if they differ; replay replays histories of the cluster " +
	"against this build, and ends with 1 if it cannot; migrate brings the database's schema up to date."

// commands are what a worker does by another word than none.
var commands = map[string]func(ctx context.Context, args []string){"audit": audit, "replay": replayHistories, "migrate": migrate}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	args := os.Args[1:]
	if len(args) > 0 {
		if command, known := commands[args[0]]; known {
			command(ctx, args[1:])
			return
		}
	}
	work(ctx, args)
}

func work(ctx context.Context, args []string) {
	var cfg pool.Config
	cli := parse(&cfg, args, &cfg.Ops, "worker", about)
	cli.FatalIfErrorf(pool.Run(ctx, cfg))
}

func audit(ctx context.Context, args []string) {
	var cfg pool.Config
	cli := parse(&cfg, args, &cfg.Ops, "worker audit", "Compares all books once, changes nothing, and ends with 1 if they differ.")
	cli.FatalIfErrorf(pool.Audit(ctx, cfg, os.Stdout))
}

func replayHistories(ctx context.Context, args []string) {
	var cfg replay.Config
	cli := parse(&cfg, args, &cfg.Ops, "worker replay",
		"Replays open and recent histories of the cluster against this build. Run it before the build gets traffic.")
	cli.FatalIfErrorf(replay.Run(ctx, cfg, pool.RegisterWorkflows, os.Stdout))
}

func migrate(ctx context.Context, args []string) {
	var cfg pool.MigrateConfig
	cli := parse(&cfg, args, &cfg.Ops, "worker migrate",
		"Brings the database's schema up to date. Several at once wait for each other.")
	cli.FatalIfErrorf(pool.Migrate(ctx, cfg, os.Stdout))
}

// parse reads the configuration, or ends with what is wrong with it.
func parse(cfg any, args []string, operators *ops.Config, name, about string) *kong.Kong {
	cli, err := ops.Parse(cfg, args, kong.Name(name), kong.Description(about))
	cli.FatalIfErrorf(err)
	ops.Log(*operators)
	return cli
}
