// Command bench runs the project's benchmarks and puts what they measured into one table, with the machine and the command:
// medians of several runs, each side by side with its baseline in the same run.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"github.com/alecthomas/kong"
)

// Config is what the command can be told.
type Config struct {
	Runs    int    `default:"3" help:"How often everything is measured; the table shows medians."`
	Time    string `default:"2s" help:"How long each benchmark runs (go test -benchtime); paid orders run a fixed number."`
	Results string `default:"loadtest/RESULTS.md" help:"File of the table." type:"path"`
}

// suites are the packages that have benchmarks; how long they take if that is not left to the flag; and whether they run once, since
// they write a million orders or open ten thousand workflows.
var suites = []struct {
	pkg, bench, time string
	once             bool
}{
	{"./activities/reserve", ".", "", false}, {"./domain/redis", ".", "", false}, {"./api/checkout", ".", "", false},
	{"./api/server", ".", "", false}, {"./deploy/e2e", "PaidOrder", "600x", false},
	{"./domain/store", "Growth", "100x", true}, {"./deploy/e2e", "OpenOrders", "600x", true},
}

func main() {
	var cfg Config
	cli := kong.Parse(&cfg, kong.Name("bench"), kong.Description("Runs every benchmark and writes one table."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cli.FatalIfErrorf(run(ctx, cfg))
}

func run(ctx context.Context, cfg Config) error {
	measured := results{}
	for n := range cfg.Runs {
		for _, suite := range suites {
			if suite.once && n > 0 {
				continue
			}
			length := cfg.Time
			if suite.time != "" {
				length = suite.time
			}
			if err := measure(ctx, suite.pkg, suite.bench, length, measured); err != nil {
				return err
			}
		}
	}
	page := document(cfg, measured, machine(ctx))
	fmt.Print(page)
	return errors.Join(measured.missing(), os.WriteFile(cfg.Results, []byte(page), 0o600))
}

// measure runs the benchmarks of one package once.
func measure(ctx context.Context, pkg, bench, length string, into results) error {
	args := []string{"test", "-run", "^$", "-bench", bench, "-benchtime", length, "-timeout", "30m", pkg}
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // packages named above
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(io.TeeReader(out, os.Stderr))
	for lines.Scan() {
		if name, values, ok := parse(lines.Text()); ok {
			into.add(name, values)
		}
	}
	if err := errors.Join(lines.Err(), cmd.Wait()); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return nil
}
