// Command mutate takes one behaviour after another out of the code, and demands that a test fails each time. It changes no file:
// the compiler is given the broken one in the place of the good one. make mutate runs all; a name runs one; -check runs none, and
// fails if the lines to be replaced are not in the code any more.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	list = ".ci/mutate/mutants"
	// limit bounds the tests of one mutant; one that hangs is killed, too.
	limit = 100 * time.Second
)

// mutant is one change that a test has to notice.
type mutant struct {
	name, file, pkg, run string
	old, new             []string
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(names []string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	mutants, err := parse(string(text))
	if err != nil {
		return err
	}
	if len(names) > 0 && names[0] == "-check" {
		return check(mutants)
	}
	var survivors []error
	ran := 0
	for _, m := range mutants {
		if len(names) > 0 && !strings.Contains(m.name, strings.Join(names, " ")) {
			continue
		}
		ran++
		began := time.Now()
		err := m.kill()
		verdict := "killed"
		if err != nil {
			verdict = "SURVIVED"
			survivors = append(survivors, fmt.Errorf("%s: %w", m.name, err))
		}
		fmt.Printf("%-8s %5.1f s  %s\n", verdict, time.Since(began).Seconds(), m.name)
	}
	if ran == 0 {
		return errors.New("there is no mutant of this name")
	}
	fmt.Printf("%d mutants, %d survived\n", ran, len(survivors))
	return errors.Join(survivors...)
}

// parse reads blocks that begin with "== name": file, test (package and pattern), and the lines to replace (-) by others (+).
func parse(text string) ([]mutant, error) {
	var all []mutant
	for number, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		if word == "==" {
			all = append(all, mutant{name: rest})
			continue
		}
		if strings.TrimSpace(line) == "" || word == "#" {
			continue
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("%s:%d: no mutant has begun", list, number+1)
		}
		m := &all[len(all)-1]
		switch word {
		case "file":
			m.file = rest
		case "test":
			m.pkg, m.run, _ = strings.Cut(rest, " ")
		case "-":
			m.old = append(m.old, rest)
		case "+":
			m.new = append(m.new, rest)
		default:
			return nil, fmt.Errorf("%s:%d: want file, test, - or +", list, number+1)
		}
	}
	return all, nil
}

// check reports the mutants whose lines are not in their file.
func check(mutants []mutant) error {
	var errs []error
	for _, m := range mutants {
		if _, err := m.broken(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	return errors.Join(errs...)
}

// kill runs the mutant's tests on the broken code; they have to fail, and not because it does not compile.
func (m mutant) kill() error {
	broken, err := m.broken()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path, err := filepath.Abs(m.file)
	if err != nil {
		return err
	}
	source, overlay := filepath.Join(folder, filepath.Base(m.file)), filepath.Join(folder, "overlay.json")
	plan, err := json.Marshal(map[string]any{"Replace": map[string]string{path: source}})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(source, []byte(broken), 0o600), os.WriteFile(overlay, plan, 0o600)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-run", m.run, m.pkg)
	test.Env = append(os.Environ(), "GOFLAGS=-overlay="+overlay) // tests build programs of ours, too
	test.WaitDelay = 10 * time.Second
	out, err := test.CombinedOutput()
	switch {
	case err == nil:
		return errors.New("no test noticed")
	case ctx.Err() == nil && !strings.Contains(string(out), "--- FAIL") && !strings.Contains(string(out), "panic:"):
		return fmt.Errorf("the tests did not run: %s", out)
	}
	return nil
}

// broken is the file with the change.
func (m mutant) broken() (string, error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	old := strings.Join(m.old, "\n")
	if strings.Count(string(text), old) != 1 {
		return "", fmt.Errorf("%s has the lines %d times, want once: the list is out of date", m.file, strings.Count(string(text), old))
	}
	return strings.Replace(string(text), old, strings.Join(m.new, "\n"), 1), nil
}
