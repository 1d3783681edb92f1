// Command monitoring writes the Grafana dashboards, and the alerts for Kubernetes: go run -C deploy/monitoring . Dashboards are code so that
// a query is written once, and a test asks a real Prometheus each of them. The module is one of its own, for Prometheus brings hundreds of others.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// folder is where Grafana reads dashboards.
const folder = "grafana/dashboards"

func main() {
	if err := errors.Join(write(folder), writeRules()); err != nil {
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

// kubernetesRules is where Kubernetes is told the alerts: those of production, since elsewhere nobody is to be woken.
const kubernetesRules = "../k8s/overlays/prod/alerts.yaml"

func writeRules() error {
	text, err := prometheusRule()
	if err != nil {
		return err
	}
	return os.WriteFile(kubernetesRules, text, 0o644)
}

// prometheusRule is prometheus/alerts.yml as the Prometheus operator has it.
func prometheusRule() ([]byte, error) {
	rules, err := os.ReadFile("prometheus/alerts.yml")
	if err != nil {
		return nil, err
	}
	text := "# Written by deploy/monitoring from prometheus/alerts.yml.\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n" +
		"metadata:\n  name: runrun\nspec:\n"
	for line := range strings.Lines(string(rules)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if line, err = ofProduction(line); err != nil {
			return nil, err
		}
		text += "  " + line
	}
	return []byte(text), nil
}

// ofProduction returns a line of the rules; of an expression, that of the production's namespace.
func ofProduction(line string) (string, error) {
	indent, rest, isExpr := strings.Cut(line, "expr: '")
	if !isExpr {
		return line, nil
	}
	query := strings.ReplaceAll(strings.TrimSuffix(rest, "'\n"), "''", "'")
	query, err := scoped(query, labels.MatchEqual, productionNamespace)
	return indent + "expr: '" + strings.ReplaceAll(query, "'", "''") + "'\n", err
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
