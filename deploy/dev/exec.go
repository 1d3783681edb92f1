package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"runrun/deploy/dev/system"
)

// execute runs a command against the open system, as an outsider: it is told the addresses and nothing else.
func execute(ctx context.Context, s *system.System, command string) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+s.Temporal.GRPC)
	if s.API != nil {
		cmd.Env = append(cmd.Env, "API_URL="+s.API.URL())
	}
	if s.PGMock != nil {
		cmd.Env = append(cmd.Env, "PG_URL="+s.PGMock.URL())
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}
