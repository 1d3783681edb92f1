package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"runrun/deploy/dev/system"
)

// prometheus is a real one, which scrapes a shop every second and has its alerts.
type prometheus struct {
	harness
	url string
}

// startPrometheus runs bin/prometheus; make bin/prometheus builds it.
func (r harness) startPrometheus(targets map[string]string) prometheus {
	r.t.Helper()
	top, err := system.Root()
	if err != nil {
		r.t.Fatal(err)
	}
	return r.startPrometheusWith(filepath.Join(top, "deploy/monitoring/prometheus/alerts.yml"), targets)
}

func (r harness) startPrometheusWith(alerts string, targets map[string]string) prometheus {
	r.t.Helper()
	top, err := system.Root()
	if err != nil {
		r.t.Fatal(err)
	}
	folder := r.t.TempDir()
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%s]\nscrape_configs:\n",
		alerts)
	for job, target := range targets {
		config += fmt.Sprintf("  - {job_name: %s, static_configs: [{targets: [%q]}]}\n", job, target)
	}
	if err := os.WriteFile(filepath.Join(folder, "prometheus.yml"), []byte(config), 0o600); err != nil {
		r.t.Fatal(err)
	}
	address := freeAddress(r.t)
	cmd := exec.CommandContext(r.t.Context(), filepath.Join(top, "bin", "prometheus"),
		"--config.file="+filepath.Join(folder, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address, "--log.level=error")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		r.t.Fatalf("%v; make bin/prometheus builds it", err)
	}
	r.t.Cleanup(func() { _ = cmd.Wait() })
	p := prometheus{r, "http://" + address}
	r.until("Prometheus is ready", func() (reply, bool) {
		resp, err := http.Get(p.url + "/-/ready")
		if err != nil {
			return reply{}, false
		}
		_ = resp.Body.Close()
		return reply{}, resp.StatusCode == http.StatusOK
	})
	return p
}

// query returns how many series a query has.
func (p prometheus) query(query string) (int, error) {
	got := p.send("GET", p.url+"/api/v1/query?query="+url.QueryEscape(query), nil)
	var answer struct {
		Status, Error string
		Data          struct{ Result []any }
	}
	if err := json.Unmarshal(got.rawBody, &answer); err != nil || answer.Status != "success" {
		return 0, fmt.Errorf("%s%w", answer.Error, err)
	}
	return len(answer.Data.Result), nil
}

// labels lists the values that a label has among the series of a query.
func (p prometheus) labels(query, label string) (values []string, err error) {
	resp, err := http.Get(p.url + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Data struct {
			Result []struct{ Metric map[string]string }
		}
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	for _, series := range answer.Data.Result {
		values = append(values, series.Metric[label])
	}
	return values, err
}

// board is what this test reads of a dashboard.
type board struct {
	Title  string
	Panels []struct {
		Title       string
		Targets     []struct{ Expr string }
		FieldConfig struct{ Defaults struct{ NoValue string } }
	}
}

// Every query of every dashboard shows something of a shop where people buy, cancel and return; only those that say so may be empty.
// No alert fires, and all of them can be evaluated.
func TestDashboardsAndAlertsOnARealShop(t *testing.T) {
	t.Parallel() // it waits for processes most of the time
	temporalMetrics := freeAddress(t)
	r := own(t, func(c *system.Config) {
		c.Workers, c.TemporalFlags = false, []string{"--metrics", temporalMetrics}
	}, nil)
	life := []string{"SHIP_AFTER=3s", "DELIVER_AFTER=1s", "COMPLETE_AFTER=1h", "RETURN_WITHIN=1h", "RETURN_AFTER=1s", "PAY_WITHIN=8s"}
	worker, address := freeAddress(t), freeAddress(t)
	r.startWorkerProcess(append(life, "WORKER_LISTEN="+worker, "RECONCILE_EVERY=2s")...)
	api := r.startAPIProcess(address, append(life, "WATCH_EVERY=1s", "BLOB_URL="+t.TempDir())...)
	p := r.startPrometheus(map[string]string{"api": api.operators, "worker": worker, "temporal": temporalMetrics})
	r.load("http://"+address, "mixed", "--shoppers", "80", "--rate", "20", "--units", "12")()

	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(top, "deploy/monitoring/grafana/dashboards/*.json"))
	if err != nil || len(files) < 4 {
		t.Fatalf("dashboards: %v, %v", files, err)
	}
	windows := strings.NewReplacer("$__rate_interval", "1m", "$__range", "5m", "$namespace", ".*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, panel := range b.Panels {
			for _, target := range panel.Targets {
				series, err := p.query(windows.Replace(target.Expr))
				if err != nil || series == 0 && panel.FieldConfig.Defaults.NoValue == "" {
					t.Errorf("%s: %s: %s: %d series, %v", b.Title, panel.Title, target.Expr, series, err)
				}
			}
		}
	}
	p.wantQuietAlerts()
}

// wantQuietAlerts demands that each alert can be evaluated, and that none is about to fire.
func (p prometheus) wantQuietAlerts() {
	p.t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, State, Health, LastError string }
			}
		}
	}
	p.until("every alert was evaluated, and is calm", func() (reply, bool) {
		got := p.send("GET", p.url+"/api/v1/rules", nil)
		if err := json.Unmarshal(got.rawBody, &answer); err != nil || len(answer.Data.Groups) == 0 {
			return got, false
		}
		var loud []string
		for _, rule := range answer.Data.Groups[0].Rules {
			if rule.Health != "ok" || rule.State != "inactive" {
				loud = append(loud, fmt.Sprintf("%s is %s (%s) %s", rule.Name, rule.State, rule.Health, rule.LastError))
			}
		}
		return reply{rawBody: []byte(strings.Join(loud, "; "))}, len(loud) == 0
	})
	if n := len(answer.Data.Groups[0].Rules); n < 20 {
		p.t.Errorf("only %d alerts", n)
	}
}
