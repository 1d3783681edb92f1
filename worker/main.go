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
)

func main() {
	var cfg pool.Config
	args := os.Args[1:]
	audit := len(args) > 0 && args[0] == "audit"
	if audit {
		args = args[1:]
	}
	cli, err := ops.Parse(&cfg, args, kong.Name("worker"),
		kong.Description("Hosts the workflows and activities of RUNRUN. Start as many as the load asks for. "+
			"With the word audit in front, it compares all books once, changes nothing, and ends with 1 if they differ."))
	cli.FatalIfErrorf(err)
	ops.Log(cfg.Ops)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if audit {
		cli.FatalIfErrorf(pool.Audit(ctx, cfg, os.Stdout))
		return
	}
	cli.FatalIfErrorf(pool.Run(ctx, cfg))
}
