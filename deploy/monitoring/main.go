// Command monitoring writes the Grafana dashboards: go run -C deploy/monitoring . They are code so that a query is written once, and a test
// asks a real Prometheus each of them. The module is one of its own, for Prometheus brings hundreds of others.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// folder is where Grafana reads dashboards.
const folder = "grafana/dashboards"

func main() {
	if err := write(folder); err != nil {
		fmt.Fprintln(os.Stderr, "monitoring:", err)
		os.Exit(1)
	}
}

// write writes each board to a file of its name.
func write(folder string) error {
	for _, b := range boards() {
		text, err := b.json()
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, b.name+".json"), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// boards are all dashboards, in the order in which one looks at them.
func boards() []board { return []board{drop(), saga(), workers(), dependencies()} }

func (b board) json() ([]byte, error) {
	built, err := b.build()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(built, "", "  ")
	return append(text, '\n'), err
}
