package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine says on what, with what and when was measured.
func machine(ctx context.Context) []string {
	services := "SQLite and an embedded Redis"
	if os.Getenv("MYSQL_DSN") != "" && os.Getenv("REDIS_ADDR") != "" {
		services = said(ctx, "mariadbd", "--version") + "; " + said(ctx, "redis-server", "--version")
	}
	return []string{
		fmt.Sprintf("%s, %d cores, %s; everything on one machine", cpu(), runtime.NumCPU(), system()),
		services,
		fmt.Sprintf("%s, commit %s, %s", runtime.Version(), said(ctx, "git", "rev-parse", "--short", "HEAD"), time.Now().Format(time.DateOnly)),
	}
}

func cpu() string { return field("/proc/cpuinfo", "model name", ":") }

func system() string { return strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`) }

// field finds a line's value in a file; "unknown" where there is none.
func field(file, name, separator string) string {
	text, err := os.ReadFile(file) //nolint:gosec // one of two fixed paths
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, separator); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// said is the first line that a program prints.
func said(ctx context.Context, program string, args ...string) string {
	out, err := exec.CommandContext(ctx, program, args...).Output() //nolint:gosec // programs named here
	if err != nil {
		return program + " of unknown version"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}
