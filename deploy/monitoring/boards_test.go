package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
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

var (
	metricName      = regexp.MustCompile(`\b(runrun_[a-z_]+)`)
	partOfHistogram = regexp.MustCompile(`_(bucket|count|sum)$`)
)

// A query of one namespace asks for nothing of another, but for the metrics of the Temporal server, which is in one of its own.
func TestAQueryOfOneNamespace(t *testing.T) {
	for query, want := range map[string]string{
		"sum(a)": `sum(a{namespace="x"})`,
		`rate(a{b="c"}[$__rate_interval]) / on (b) rate(d[$__range])`: `rate(a{b="c",namespace="x"}[$__rate_interval]) / on (b) rate(d{namespace="x"}[$__range])`,
		`absent(up{job="api"} == 1)`:                                  `absent(up{job="api",namespace="x"} == 1)`,
		`rate(service_requests{job="temporal"}[1m])`:                  `rate(service_requests{job="temporal"}[1m])`,
	} {
		if got, err := scoped(query, labels.MatchEqual, "x"); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", query, got, err, want)
		}
	}
	if got, err := scoped("sum(", labels.MatchEqual, "x"); err == nil {
		t.Errorf("a query that cannot be read became %s", got)
	}
}

// Dashboards and alerts ask for metrics that are documented. An end-to-end test asks a real Prometheus.
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
	for where, query := range queries {
		for _, match := range metricName.FindAllStringSubmatch(query, -1) {
			name := partOfHistogram.ReplaceAllString(match[1], "")
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("%s asks for %s, which is not documented", where, name)
			}
		}
	}
	if len(queries) < 60 {
		t.Errorf("only %d queries", len(queries))
	}
}
