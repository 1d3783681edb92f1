package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/testing/freeport"
)

// ui is the Web UI that support staff work in.
type ui struct {
	*server.Server
	url string
}

// startUI serves the Web UI for the Temporal server at address and returns once it answers. Terminate is off: it would end
// an order without its compensations, and the server refuses it, too. Pause is off: a paused order can be neither paid nor
// canceled while its time runs out. So is starting one by hand: orders are started by their rows. Cancel, update and reset
// stay.
func startUI(cfg Config, address string) (*ui, error) {
	port := cfg.UIPort
	if port == 0 {
		port = freeport.MustGetFreePort()
	}
	srv := server.NewServer(server_options.WithConfigProvider(&config.Config{
		TemporalGRPCAddress:       address,
		Host:                      cfg.IP,
		Port:                      port,
		EnableUI:                  true,
		DefaultNamespace:          cfg.Namespace,
		DisableNewsFetch:          true,
		WorkflowTerminateDisabled: true,
		WorkflowPauseDisabled:     true,
		StartWorkflowDisabled:     true,
		CORS:                      config.CORS{CookieInsecure: true},
		HideLogs:                  true,
		ForwardHeaders:            forwarded(cfg),
	}))
	go func() { _ = srv.Start() }()

	local := cfg
	local.Port = port
	url := "http://" + local.address()
	return &ui{Server: srv, url: url}, awaitUI(local.address(), url)
}

// forwarded are the headers of a request that the Web UI passes on: the role that a proxy in front has set.
func forwarded(cfg Config) []string {
	if cfg.TrustRoleHeader {
		return []string{"authorization-extras"}
	}
	return nil
}

func awaitUI(address, url string) error {
	deadline := time.Now().Add(readyWithin)
	for time.Now().Before(deadline) {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close()
			resp, err := http.Get(url + "/healthz") //nolint:noctx // bounded by the loop and answered by this process
			if err == nil {
				_ = resp.Body.Close()
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("the Web UI did not answer at %s within %s", url, readyWithin)
}
