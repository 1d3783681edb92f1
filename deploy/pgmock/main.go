// Command pgmock serves a fake of the payment gateway, for development and tests.
package main

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/deploy/pgmock/server"
)

func main() {
	var cfg server.Config
	cli := kong.Parse(&cfg, kong.Name("pgmock"), kong.Description("A payment gateway that speaks Toss's wire and misbehaves on request."))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cli.FatalIfErrorf(server.Run(ctx, cfg))
}
