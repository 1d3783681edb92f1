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
	cli, err := ops.Parse(&cfg, os.Args[1:], kong.Name("worker"),
		kong.Description("Hosts the workflows and activities of RUNRUN. Start as many as the load asks for."))
	cli.FatalIfErrorf(err)
	ops.Log(cfg.Ops)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cli.FatalIfErrorf(pool.Run(ctx, cfg))
}
