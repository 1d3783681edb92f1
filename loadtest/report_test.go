package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/loadtest/audit"
)

// measuredRun has measured two seconds.
func measuredRun(t *testing.T) *run {
	t.Helper()
	cfg := testConfig(`http://shop.test/<b>&`, "drop")
	cfg.Report = filepath.Join(t.TempDir(), "of", "today", "report.html")
	r, _ := newTestRun(t, cfg)
	r.took = 2 * time.Second
	r.record.add("order", "201 HELD", 20*time.Millisecond)
	r.record.add("order", "201 HELD", 40*time.Millisecond)
	r.record.tick()
	r.record.add("order", broken, time.Millisecond)
	r.record.tick()
	return r
}

// written is the report's page.
func written(t *testing.T, r *run, found *audit.Audit) string {
	t.Helper()
	if err := r.writeReport(found); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(r.cfg.Report)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestTheReportShowsWhatWasMeasuredAndFound(t *testing.T) {
	r := measuredRun(t)
	balanced := &audit.Audit{}
	page := written(t, r, balanced)
	for _, want := range []string{
		"<title>drop: load test</title>", "<p>" + scenarios["drop"].about + ".<br>1 shoppers at 300 a second",
		"against http://shop.test/&lt;b&gt;&amp;,", "the rush took 2.0 s; 1 connection errors",
		"<tr><td>order<td>201 HELD<td>2<td>1<td>20.0<td>40.0<td>40.0<td>40.0</tr>", "<td>order<td>connection error<td>1<td>",
		`<pre class="balanced">`, "Everything balances", plotScript, plotStyle,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%.80q is not in the report", want)
		}
	}
	wrong := written(t, r, &audit.Audit{Shoppers: []*audit.Shopper{{User: "usr_a", Fault: errors.New("no answer")}}})
	if !strings.Contains(wrong, `<pre class="wrong">`) || !strings.Contains(wrong, "unanswered: no answer") ||
		strings.Contains(wrong, "Everything balances") {
		t.Error("what is wrong is not in the report")
	}
}

// The pictures are read back out of the page as a browser would read them.
func TestTheReportDrawsTheSeconds(t *testing.T) {
	r := measuredRun(t)
	_, script, found := strings.Cut(written(t, r, &audit.Audit{}), "for (const plot of ")
	if !found {
		t.Fatal("the page draws nothing")
	}
	var drawn []plot
	if err := json.NewDecoder(strings.NewReader(script)).Decode(&drawn); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plots(r.record.series), drawn); diff != "" {
		t.Error(diff)
	}
	names, counts := []string{"order 201 HELD", "order " + broken}, [][]float64{{2, 0}, {0, 1}}
	if len(drawn) != 3 || len(drawn[0].Values[0]) != 2 || !cmp.Equal(drawn[0].Names, names) || !cmp.Equal(drawn[0].Values[1:], counts) {
		t.Errorf("%+v, want %v: %v over two seconds", drawn, names, counts)
	}
	if len(drawn) == 3 && (drawn[1].Values[1][0] < 20 || drawn[1].Values[1][0] > 20.1 || drawn[2].Values[1][0] < 40) {
		t.Errorf("the median is %v and the 99th percentile %v, want 20 and 40 ms", drawn[1].Values[1][0], drawn[2].Values[1][0])
	}
}

func TestNoReportIsWrittenWithoutAFile(t *testing.T) {
	r, out := newTestRun(t, testConfig("", "drop"))
	if err := r.writeReport(&audit.Audit{}); err != nil || out.Len() != 0 {
		t.Errorf("%v, said %q", err, out)
	}
}

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"a file in the way": filepath.Join(file, "report.html"), "a folder": filepath.Dir(file)} {
		r := measuredRun(t)
		r.cfg.Report = path
		if err := r.writeReport(&audit.Audit{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTheTableSaysHowLongShoppersWaited(t *testing.T) {
	r := measuredRun(t)
	out := &strings.Builder{}
	r.out = out
	r.print(&audit.Audit{})
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"step outcome count per s p50 p90 p99 max order 201 HELD 2 1 20.0 40.0 40.0 40.0 order connection error 1 0 1.0 1.0 1.0 1.0",
		"the rush took 2.0 s, 1 connection errors", "shop 0 orders", "Everything balances",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
