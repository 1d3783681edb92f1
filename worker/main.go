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

const about = "Hosts the workflows and activities of RUNRUN. Start as many as the load asks for. " +
	"With the word audit in front, it compares all books once, changes nothing, and ends with 1 if they differ. " +
	"With the word replay in front, it replays histories of the cluster against this build, and ends with 1 if it cannot."

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	args := os.Args[1:]
	command := ""
	if len(args) > 0 && (args[0] == "audit" || args[0] == "replay") {
		command, args = args[0], args[1:]
	}
	if command == "replay" {
		replayHistories(ctx, args)
		return
	}
	var cfg pool.Config
	cli, err := ops.Parse(&cfg, args, kong.Name("worker"), kong.Description(about))
	cli.FatalIfErrorf(err)
	ops.Log(cfg.Ops)
	if command == "audit" {
		cli.FatalIfErrorf(pool.Audit(ctx, cfg, os.Stdout))
		return
	}
	cli.FatalIfErrorf(pool.Run(ctx, cfg))
}

func replayHistories(ctx context.Context, args []string) {
	var cfg replay.Config
	cli, err := ops.Parse(&cfg, args, kong.Name("worker replay"),
		kong.Description("Replays open and recent histories of the cluster against this build. Run it before the build gets traffic."))
	cli.FatalIfErrorf(err)
	ops.Log(cfg.Ops)
	cli.FatalIfErrorf(replay.Run(ctx, cfg, pool.RegisterWorkflows, os.Stdout))
}
