package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// What Grafana reads is what the code says.
func TestTheDashboardsAreCurrent(t *testing.T) {
	for _, b := range boards() {
		want, err := b.json()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(folder, b.name+".json"))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not current (%v): go run -C deploy/monitoring .", b.name, err)
		}
	}
}

func TestTheAlertsOfKubernetesAreCurrent(t *testing.T) {
	want, err := prometheusRule()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(kubernetesRules); err != nil || string(got) != string(want) {
		t.Errorf("they are not current (%v): go run -C deploy/monitoring .", err)
	}
}

var metricName = regexp.MustCompile(`\b(runrun_[a-z_]+)`)

// Dashboards and alerts ask for metrics that are documented, and each query can be read. An end-to-end test asks a real Prometheus.
func TestQueriesAreOfDocumentedMetrics(t *testing.T) {
	text, err := os.ReadFile("../playbooks/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	for _, b := range boards() {
		for _, p := range b.panels {
			if p.about == "" || p.unit == "" {
				t.Errorf("%s: the panel %q does not say how it looks when all is well, or has no unit", b.name, p.title)
			}
			for _, l := range p.lines {
				queries[b.name+": "+p.title+": "+l.name] = l.query
			}
		}
	}
	for name, rule := range alerts(t) {
		queries[name] = rule.Expr
	}
	windows := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h")
	for where, query := range queries {
		if _, err := parser.NewParser(parser.Options{}).ParseExpr(windows.Replace(query)); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		for _, match := range metricName.FindAllStringSubmatch(query, -1) {
			name := strings.TrimSuffix(strings.TrimSuffix(match[1], "_bucket"), "_count")
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("%s asks for %s, which is not documented", where, name)
			}
		}
	}
	if len(queries) < 60 {
		t.Errorf("only %d queries", len(queries))
	}
}
