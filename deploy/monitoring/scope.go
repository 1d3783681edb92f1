package main

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// A Prometheus of a cluster scrapes several shops, and gives what it scrapes the label namespace; one beside docker compose gives none.
const (
	chosenNamespace     = "$namespace" // what whoever looks at a dashboard chooses
	productionNamespace = "runrun"     // of overlays/prod
)

// windows are Grafana's variables for spans of time. PromQL cannot read them, so that each is a span that nobody writes meanwhile.
var windows = []string{"$__rate_interval", "21m53s", "$__range", "22m13s"}

// scoped returns a query of what the label namespace matches. The Temporal server's own metrics are of its namespace, and stay as they are.
func scoped(query string, kind labels.MatchType, namespace string) (string, error) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(strings.NewReplacer(windows...).Replace(query))
	if err != nil {
		return "", fmt.Errorf("%s: %w", query, err)
	}
	matcher := &labels.Matcher{Type: kind, Name: "namespace", Value: namespace}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if selector, is := node.(*parser.VectorSelector); is && !ofServer(selector) {
			selector.LabelMatchers = append(selector.LabelMatchers, matcher)
		}
		return nil
	})
	var back []string
	for n := 0; n < len(windows); n += 2 {
		back = append(back, windows[n+1], windows[n])
	}
	return strings.NewReplacer(back...).Replace(expr.String()), nil
}

// ofServer reports whether a selector is of the Temporal server's own metrics.
func ofServer(selector *parser.VectorSelector) bool {
	for _, m := range selector.LabelMatchers {
		if m.Name == "job" && m.Value == "temporal" {
			return true
		}
	}
	return false
}
