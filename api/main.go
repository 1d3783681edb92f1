// Command api serves the shop's HTTP API.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"runrun/api/rest"
	"runrun/api/server"
	"runrun/domain/ops"
)

func main() {
	var cli struct {
		server.Config
		OpenAPI bool `name:"openapi" help:"Print the API's description (OpenAPI 3.1) and end."`
	}
	parsed, err := ops.Parse(&cli, os.Args[1:], kong.Name("api"), kong.Description("The HTTP API of RUNRUN."))
	parsed.FatalIfErrorf(err)
	if cli.OpenAPI {
		description, err := rest.OpenAPI()
		parsed.FatalIfErrorf(err)
		fmt.Println(string(description))
		return
	}
	ops.Log(cli.Ops)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.FatalIfErrorf(server.Run(ctx, cli.Config))
}
