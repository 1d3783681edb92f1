// Command pgmock serves a fake of the payment gateway, for development and tests.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/deploy/pgmock/server"
	"runrun/domain/ops"
)

func main() {
	var cli struct {
		server.Config
		Version kong.VersionFlag `help:"Print the build and end."`
	}
	parsed, err := ops.Parse(&cli, os.Args[1:], kong.Name("pgmock"),
		kong.Description("A payment gateway that speaks Toss's wire and misbehaves on request."))
	parsed.FatalIfErrorf(err)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.FatalIfErrorf(server.Run(ctx, cli.Config))
}
