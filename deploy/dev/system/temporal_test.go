package system

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"runrun/workflows"
)

// fakeTemporal makes a folder that looks like the repository, with a script as the Temporal server, and goes there.
func fakeTemporal(t *testing.T, script string) (program string) {
	t.Helper()
	root := t.TempDir()
	program = filepath.Join(root, "bin", "temporal")
	if err := os.Mkdir(filepath.Dir(program), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{filepath.Join(root, "go.mod"): "module runrun\n", program: "#!/bin/sh\n" + script + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
	return program
}

const ready = `echo '{"grpc": "127.0.0.1:1", "ui": "http://127.0.0.1:2"}'`

func TestTheServerIsReadyWhenItSaysSoAndEndsWithItsInput(t *testing.T) {
	program := fakeTemporal(t, ready+"; cat > /dev/null")
	child, err := LaunchTemporal(t.Context(), program, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (TemporalServer{GRPC: "127.0.0.1:1", UI: "http://127.0.0.1:2"}); child.Server != want {
		t.Errorf("%+v, want %+v", child.Server, want)
	}
	if err := child.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAServerThatDoesNotStartIsAnError(t *testing.T) {
	program := fakeTemporal(t, "exit 3")
	if _, err := LaunchTemporal(t.Context(), program, nil); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if _, err := LaunchTemporal(t.Context(), program+".none", nil); err == nil {
		t.Error("a program that does not exist has started")
	}
}

// A server that ends by itself ends the system: nothing works without it, and nobody would say why.
func TestAServerThatEndsBreaksTheSystem(t *testing.T) {
	without(t, "TEMPORAL_ADDRESS")
	fakeTemporal(t, ready+"; exit 7")
	s := &System{cfg: Config{Ephemeral: true}, Settings: &Settings{}, broken: make(chan error, 1)}
	if err := s.startTemporal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Settings.API.Temporal.Address != "127.0.0.1:1" || s.Settings.Worker.Temporal.Address != "127.0.0.1:1" {
		t.Errorf("API and worker are sent to %q and %q", s.Settings.API.Temporal.Address, s.Settings.Worker.Temporal.Address)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case err := <-s.Broken():
		if !strings.Contains(err.Error(), "exit status 7") {
			t.Errorf("got %v", err)
		}
	case <-ctx.Done():
		t.Error("nobody is told")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAServerOfSomebodyElseIsUsed(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
	s := &System{}
	if err := s.startTemporal(t.Context()); err != nil || s.Temporal != (TemporalServer{GRPC: "temporal.example:7233"}) {
		t.Errorf("%+v, %v", s.Temporal, err)
	}
}

// The server keeps its data where it is told to, and knows by which attributes orders are found.
func TestFlagsOfTheServer(t *testing.T) {
	const postgres = "postgres://postgres@127.0.0.1:5432/temporal"
	for name, c := range map[string]struct {
		cfg        Config
		with, none []string
	}{
		"kept":       {Config{Data: "folder", Temporal: 7, TemporalUI: 8}, []string{"--data folder", "--port 7", "--ui-port 8"}, []string{"--postgres"}},
		"ephemeral":  {Config{Data: "folder", Ephemeral: true}, nil, []string{"--data", "--postgres"}},
		"PostgreSQL": {Config{Data: "folder", Postgres: postgres}, []string{"--postgres " + postgres}, []string{"--data"}},
	} {
		s := &System{cfg: c.cfg, Settings: &Settings{}}
		s.Settings.API.Temporal.Namespace = "shop"
		flags := s.temporalFlags()
		line := strings.Join(flags, " ")
		for attribute, kind := range workflows.SearchAttributes() {
			c.with = append(c.with, "--search-attribute "+attribute+"="+kind.String())
		}
		for _, want := range append(c.with, "--exit-with-stdin", "--namespace shop") {
			if !strings.Contains(line, want) {
				t.Errorf("%s: %q is not in %s", name, want, line)
			}
		}
		for _, flag := range c.none {
			if slices.Contains(flags, flag) {
				t.Errorf("%s: %s is in %s", name, flag, line)
			}
		}
	}
}
