// Command allinone runs the API and a worker in one process, on one Temporal client: a small shop's only container. Every setting is
// taken from the environment, as api and worker do.
package main

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/deploy/allinone/process"
	"runrun/domain/ops"
)

func main() {
	cli := kong.Parse(
		&struct {
			Version kong.VersionFlag `help:"Print the build and end."`
		}{},
		kong.Name("allinone"),
		kong.Vars{"version": ops.Version()},
		kong.Description(
			"API and worker of RUNRUN in one process. Every setting is taken from the environment: see api --help and worker --help."),
	)
	cfg, err := process.FromEnvironment()
	cli.FatalIfErrorf(err)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cli.FatalIfErrorf(process.Run(ctx, cfg))
}
