package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeGo puts a go command into the path, and nothing else, that prints lines and ends with a status. It returns what it was
// called with.
func fakeGo(t *testing.T, lines string, status int) (calls func() []string) {
	t.Helper()
	dir := t.TempDir()
	called := filepath.Join(dir, "called")
	if err := os.WriteFile(filepath.Join(dir, "lines"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	install(t, dir, "go", fmt.Sprintf("echo \"$*\" >> %q\nwhile read -r line; do echo \"$line\"; done < %q\nexit %d",
		called, filepath.Join(dir, "lines"), status))
	t.Setenv("PATH", dir)
	return func() []string {
		text, err := os.ReadFile(called)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}
}

func install(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// everyLine is what go test -bench prints if each comparison and each cost is measured.
func everyLine() string {
	var text strings.Builder
	text.WriteString("goos: linux\n")
	for _, c := range comparisons {
		fmt.Fprintf(&text, "Benchmark%s-2 100 5000 ns/op 57828 %s\n", c.name, c.unit)
		if c.baseline != "" {
			fmt.Fprintf(&text, "Benchmark%s-2 100 5000 ns/op 28914 %s\n", c.baseline, c.baseUnit())
		}
	}
	for _, v := range variants {
		fmt.Fprintf(&text, "Benchmark%s-2 100 7 ours-cpu-ms/order 8 temporal-cpu-ms/order\n", v.name)
	}
	for _, row := range openOrders {
		fmt.Fprintf(&text, "Benchmark%s-2 100 7 %s\n", row.name, row.unit)
	}
	for _, past := range pasts {
		fmt.Fprintf(&text, "BenchmarkGrowth/reserve_64_orders/past=%s-2 100 5000000 ns/op\n", past)
	}
	return text.String() + "PASS\n"
}

func TestEverySuiteIsMeasuredAsOftenAsAsked(t *testing.T) {
	calls := fakeGo(t, everyLine(), 0)
	cfg := Config{Runs: 2, Time: "3s", Results: filepath.Join(t.TempDir(), "RESULTS.md")}
	if err := run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	var want []string
	for n := range 2 {
		for _, suite := range suites {
			if suite.once && n > 0 {
				continue
			}
			length := suite.time
			if length == "" {
				length = "3s"
			}
			want = append(want, "test -run ^$ -bench "+suite.bench+" -benchtime "+length+" -timeout 30m "+suite.pkg)
		}
	}
	if diff := cmp.Diff(want, calls()); diff != "" {
		t.Error(diff)
	}
	page, err := os.ReadFile(cfg.Results)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"medians of 2 runs", "| intake, written durably | 57,830 orders/s | 28,910 | 2.00 | a transaction for every order |",
		"| gate: sold out | 57,830 shoppers/s | | | |",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
}

// A benchmark that was renamed or removed is an error; what the others measured is written all the same.
func TestABenchmarkThatFellOutIsAnError(t *testing.T) {
	fakeGo(t, strings.ReplaceAll(everyLine(), "BenchmarkGate/ticket", "BenchmarkGate/other"), 0)
	cfg := Config{Runs: 1, Time: "1s", Results: filepath.Join(t.TempDir(), "RESULTS.md")}
	err := run(t.Context(), cfg)
	if err == nil || err.Error() != `nothing was measured for "gate: a ticket" (Gate/ticket)` {
		t.Errorf("got %v", err)
	}
	page, err := os.ReadFile(cfg.Results)
	if err != nil || strings.Contains(string(page), "gate: a ticket") || !strings.Contains(string(page), "gate: sold out") {
		t.Errorf("%v:\n%s", err, page)
	}
}

func TestABenchmarkThatFailsIsAnErrorAndNoResult(t *testing.T) {
	fakeGo(t, everyLine(), 2)
	cfg := Config{Runs: 1, Time: "1s", Results: filepath.Join(t.TempDir(), "RESULTS.md")}
	err := run(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "./activities/reserve: exit status 2") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(cfg.Results); !os.IsNotExist(err) {
		t.Errorf("results were written: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := measure(t.Context(), "./domain/redis", ".", "1s", results{}); err == nil {
		t.Error("no go command is no error")
	}
}

func TestTheMachineIsNamed(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("MYSQL_DSN", "dsn")
	t.Setenv("REDIS_ADDR", "")
	if services := machine(t.Context())[1]; services != "SQLite and an embedded Redis" {
		t.Errorf("without Redis: %s", services)
	}
	t.Setenv("REDIS_ADDR", "redis")
	install(t, dir, "mariadbd", `echo " mariadbd Ver 10 of $1 "; echo more`)
	if services := machine(t.Context())[1]; services != "mariadbd Ver 10 of --version; redis-server of unknown version" {
		t.Errorf("with both: %s", services)
	}
}

func TestAFieldIsFoundByItsName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(file, []byte("processor\t: 0\nmodel name\t: Xeon: 2\nmodel name\t: other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"model name": "Xeon: 2", "model": "unknown", "processor": "0"} {
		if got := field(file, name, ":"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := field(file+".none", "model name", ":"); got != "unknown" {
		t.Errorf("without a file it is %q", got)
	}
}
