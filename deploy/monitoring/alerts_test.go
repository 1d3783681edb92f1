package main

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
)

// alertCase is what makes an alert fire at a time, and what does not.
type alertCase struct {
	alert       string
	at          time.Duration
	labels      map[string]string // of the alert that fires, beside its name and its severity
	fires, calm []string          // series
}

// alerts reads the rules, by name.
func alerts(t *testing.T) map[string]rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile("prometheus/alerts.yml", false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	all := map[string]rulefmt.Rule{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			all[rule.Alert] = rule
		}
	}
	return all
}

// Each alert fires on what it is there for, says where, and is silent otherwise.
func TestEachAlertFiresAndIsCalm(t *testing.T) {
	all := alerts(t)
	for _, c := range cases {
		t.Run(c.alert, func(t *testing.T) {
			var err error
			rule, known := all[c.alert]
			if !known {
				t.Fatal("there is no such alert")
			}
			firing := eval(t, rule, c.fires, c.at)
			want := map[string]string{"alertname": c.alert, "severity": rule.Labels["severity"]}
			maps.Copy(want, c.labels)
			if len(firing) != 1 {
				t.Fatalf("%d alerts fire, want one", len(firing))
			}
			if diff := cmp.Diff(want, firing[0].Labels.Map()); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if summary := firing[0].Annotations.Get("summary"); summary == "" || strings.Contains(summary, "{{") || strings.Contains(summary, "  ") {
				t.Errorf("the summary is %q", summary)
			}
			if got := firing[0].Annotations.Get("runbook_url"); got != "https://playbooks/"+c.alert+".md" {
				t.Errorf("the playbook is at %q", got)
			}
			if calm := eval(t, rule, c.calm, c.at); len(calm) != 0 {
				t.Errorf("it fires although all is well: %v", calm[0].Labels)
			}
			if rule.Expr, err = scoped(rule.Expr, labels.MatchEqual, productionNamespace); err != nil {
				t.Fatal(err)
			}
			if len(eval(t, rule, append(of(productionNamespace, c.fires), of("another", c.calm)...), c.at)) != 1 {
				t.Error("it does not fire because all is well in another namespace")
			}
			if len(eval(t, rule, append(of(productionNamespace, c.calm), of("another", c.fires)...), c.at)) != 0 {
				t.Error("it fires for another namespace")
			}
		})
		delete(all, c.alert)
	}
	for name := range all {
		t.Errorf("%s has no case", name)
	}
}

// of returns series as a Prometheus has them that scraped them in a namespace.
func of(namespace string, series []string) (scraped []string) {
	for _, s := range series {
		name, values, _ := strings.Cut(s, " ")
		if head, found := strings.CutSuffix(name, "}"); found {
			name = head + `,namespace="` + namespace + `"}`
		} else {
			name += `{namespace="` + namespace + `"}`
		}
		scraped = append(scraped, name+" "+values)
	}
	return scraped
}

// eval evaluates a rule each minute, and returns the alerts that fire at the end.
func eval(t *testing.T, rule rulefmt.Rule, series []string, until time.Duration) (firing []*rules.Alert) {
	t.Helper()
	storage := promqltest.LoadedStorage(t, "load 1m\n  "+strings.Join(series, "\n  ")+"\n")
	engine := promqltest.NewTestEngine(t, false, 0, 50_000)
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
	if err != nil {
		t.Fatal(err)
	}
	alerting := rules.NewAlertingRule(rule.Alert, expr, time.Duration(rule.For), 0, labels.FromMap(rule.Labels),
		labels.FromMap(rule.Annotations), labels.FromStrings("playbooks", "https://playbooks"), "", true, slog.New(slog.DiscardHandler))
	for at := time.Duration(0); at <= until; at += time.Minute {
		_, err := alerting.Eval(context.Background(), 0, time.Unix(0, 0).Add(at), rules.EngineQueryFunc(engine, storage), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, alert := range alerting.ActiveAlerts() {
		if alert.State == rules.StateFiring {
			firing = append(firing, alert)
		}
	}
	return firing
}

// Whoever is woken finds out what it means for shoppers, how to see whether it is so, and what to do; and every playbook has its alert.
func TestEachAlertHasAPlaybook(t *testing.T) {
	files, err := os.ReadDir("../playbooks/alerts")
	if err != nil {
		t.Fatal(err)
	}
	var books []string
	for _, file := range files {
		books = append(books, strings.TrimSuffix(file.Name(), ".md"))
	}
	all := alerts(t)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(all)), books); diff != "" {
		t.Fatalf("playbooks (-alerts +files):\n%s", diff)
	}
	for name, rule := range all {
		text, err := os.ReadFile("../playbooks/alerts/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"# " + name + "\n", "`" + rule.Expr + "`", "**For shoppers.**", "**Verify.**", "```sh", "**Do.**"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("the playbook of %s lacks %q", name, part)
			}
		}
		if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
			t.Errorf("%s has the severity %q", name, severity)
		}
	}
}
