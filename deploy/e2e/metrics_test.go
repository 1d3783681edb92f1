package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runrun/deploy/dev/system"
)

var (
	metricType = regexp.MustCompile(`(?m)^# TYPE (runrun_\w+) (\w+)$`)
	metricRow  = regexp.MustCompile("(?m)^\\| `(runrun_\\w+)` \\| (\\w+)(, while)? \\| ([^|]*)\\|")
	labelsOf   = regexp.MustCompile(`(?m)^(runrun_\w+?)(?:_bucket|_sum|_count)?\{([^}]*)\}`)
	labelName  = regexp.MustCompile(`(\w+)="`)
)

// added are labels that the exporter adds to every metric, and those of histograms.
var added = []string{"otel_scope_name", "otel_scope_schema_url", "otel_scope_version", "le"}

// The table of metrics is what the processes say of themselves: each metric is documented, with its kind and its labels, and each that is
// documented is there, before its first event.
func TestMetricsAreAsDocumented(t *testing.T) {
	r := shared(t)
	shopper := r.logIn(system.ShopperEmail)
	paid := shopper.held(r.product(1)) // a histogram is there from its first value
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(paid))
	shopper.do("GET", "/v1/orders/"+uuid.NewString(), nil)
	r.send("MADE-UP", r.API.URL()+"/v1/products", nil)
	page := string(r.until("the shop's work is counted", func() (reply, bool) {
		got := r.send("GET", r.API.OpsURL()+"/metrics", nil)
		return got, strings.Contains(string(got.rawBody), `runrun_queue_pollers{`)
	}).rawBody)
	if !strings.Contains(page, `method="_OTHER"`) || strings.Contains(page, "MADE-UP") {
		t.Error("a method that a client makes up is a label")
	}
	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, "deploy", "playbooks", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	said, documented := map[string]string{}, map[string]bool{}
	for _, match := range metricType.FindAllStringSubmatch(page, -1) {
		said[match[1]] = match[2]
	}
	labels := map[string]map[string]bool{}
	for _, match := range labelsOf.FindAllStringSubmatch(page, -1) {
		if labels[match[1]] == nil {
			labels[match[1]] = map[string]bool{}
		}
		for _, label := range labelName.FindAllStringSubmatch(match[2], -1) {
			labels[match[1]][label[1]] = true
		}
	}
	for _, row := range metricRow.FindAllStringSubmatch(string(text), -1) {
		name, kind, while, listed := row[1], row[2], row[3] != "", strings.TrimSpace(row[4])
		documented[name] = true
		if said[name] == "" && !while {
			t.Errorf("%s is documented, and not there", name)
		}
		if said[name] != "" && said[name] != kind {
			t.Errorf("%s is a %s, not a %s", name, said[name], kind)
		}
		for _, label := range added {
			delete(labels[name], label)
		}
		for label := range labels[name] {
			if !strings.Contains(", "+listed+",", ", "+label+",") {
				t.Errorf("%s has the label %s, which is not documented", name, label)
			}
		}
	}
	for name := range said {
		if !documented[name] {
			t.Errorf("%s is not documented", name)
		}
	}
	if !strings.Contains(page, `go_sql_in_use_connections{db_name="api"}`) || !strings.Contains(page, `go_sql_in_use_connections{db_name="worker"}`) {
		t.Error("the pools of connections to the database are not shown")
	}
	if len(documented) < 15 || !strings.Contains(page, "target_info{") {
		t.Errorf("%d metrics are documented, or the build is not named", len(documented))
	}
}
