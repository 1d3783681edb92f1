package system

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"runrun/workflows"
)

// TemporalServer is where Temporal is. UI is empty if the environment names a server of somebody else.
type TemporalServer struct {
	GRPC string `json:"grpc"`
	UI   string `json:"ui"`
}

// startTemporal runs a Temporal server beside this process, unless the environment names one.
func (s *System) startTemporal(ctx context.Context) error {
	if address := os.Getenv("TEMPORAL_ADDRESS"); address != "" {
		s.Temporal = TemporalServer{GRPC: address}
		return nil
	}
	program, err := TemporalProgram(ctx)
	if err != nil {
		return err
	}
	child, err := LaunchTemporal(ctx, program, s.temporalFlags())
	if err != nil {
		return err
	}
	s.later(child.Stop)
	s.Temporal = child.Server
	s.Settings.SetTemporal(child.Server.GRPC)
	if os.Getenv("TEMPORAL_UI_URL") == "" {
		s.Settings.API.WebUIURL = child.Server.UI
	}
	go func() {
		<-child.ended
		select {
		case s.broken <- fmt.Errorf("the Temporal server ended: %w", child.err):
		default:
		}
	}()
	return nil
}

func (s *System) temporalFlags() []string {
	flags := []string{
		"--exit-with-stdin", "--port", strconv.Itoa(s.cfg.Temporal), "--ui-port", strconv.Itoa(s.cfg.TemporalUI),
		"--namespace", s.Settings.API.Temporal.Namespace,
	}
	switch {
	case s.cfg.Postgres != "":
		flags = append(flags, "--postgres", s.cfg.Postgres)
	case !s.cfg.Ephemeral:
		flags = append(flags, "--data", s.cfg.Data)
	}
	attributes := workflows.SearchAttributes()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		flags = append(flags, "--search-attribute", name+"="+attributes[name].String())
	}
	return append(flags, s.cfg.TemporalFlags...)
}

// TemporalProgram returns the path of the server's program. It is a module of its own; its first build takes minutes.
func TemporalProgram(ctx context.Context) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(root, "bin", "temporal")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	fmt.Fprintln(os.Stderr, "building the Temporal server, once; on two cores this takes about six minutes …")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
	build.Dir = filepath.Join(root, "deploy", "temporal")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build the Temporal server: %w", err)
	}
	return program, nil
}

// TemporalChild is the server's process. It ends when its standard input closes, so it cannot outlive this process.
type TemporalChild struct {
	Server TemporalServer
	stdin  io.Closer
	ended  chan struct{}
	err    error
}

// Limits of the server's process.
const (
	temporalStart = 40 * time.Second
	temporalStop  = 15 * time.Second
)

// LaunchTemporal starts the program and waits until the server answers.
func LaunchTemporal(ctx context.Context, program string, flags []string) (*TemporalChild, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, flags...) // it ends with its standard input, not with a context
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	child := &TemporalChild{stdin: stdin, ended: make(chan struct{})}
	ready := make(chan error, 1)
	go func() {
		ready <- json.NewDecoder(bufio.NewReader(stdout)).Decode(&child.Server)
		_, _ = io.Copy(io.Discard, stdout)
		child.err = cmp(cmd.Wait(), errors.New("without an error"))
		close(child.ended)
	}()
	select {
	case err = <-ready:
	case <-time.After(temporalStart):
		err = errors.New("it did not become ready in time")
	}
	if err != nil {
		_ = cmd.Process.Kill()
		<-child.ended
		return nil, fmt.Errorf("start the Temporal server: %w (%w)", err, child.err)
	}
	return child, nil
}

// Stop ends the server and waits for it.
func (c *TemporalChild) Stop() error {
	_ = c.stdin.Close()
	select {
	case <-c.ended:
		return nil
	case <-time.After(temporalStop):
		return errors.New("the Temporal server does not end")
	}
}

func cmp(err, fallback error) error {
	if err != nil {
		return err
	}
	return fallback
}
