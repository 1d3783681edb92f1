package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/loadtest/audit"
)

// outcomeOfFault is a row of the table of faults.
type outcomeOfFault struct {
	fault     fault
	lasts     time.Duration
	recovered time.Duration
	alerts    []string
	counted   string // what the load test says afterwards
}

// What the load test says when it has counted, and of each thing that is wrong.
var (
	wasCounted   = regexp.MustCompile(`\n  gateway +\d+ approvals`)
	lostOrder    = regexp.MustCompile(`\n  WRONG +lost: `)
	unitsOff     = regexp.MustCompile(`\n  WRONG +imbalance: `)
	chargedTwice = regexp.MustCompile(`\n  WRONG +money: order \S+ was charged \d+ times`)
)

// count is how often something is wrong. If something else is, it is at least so often: the load test names its first findings.
func (o outcomeOfFault) count(wrong *regexp.Regexp) string {
	found := strconv.Itoa(len(wrong.FindAllString(o.counted, -1)))
	switch {
	case !wasCounted.MatchString(o.counted):
		return "not counted"
	case !strings.Contains(o.counted, "\nEverything balances"):
		return "at least " + found
	}
	return found
}

// table is what operators read.
func table(rows []outcomeOfFault) []byte {
	var out strings.Builder
	out.WriteString("# What was broken, and what became of it\n\n" +
		"Written by `make chaos`: a shop of separate processes on MariaDB, Redis and a Temporal server, six shoppers a second who buy, pay, cancel, " +
		"return, click twice and walk away; in their midst the fault. Afterwards orders, units, the gateway's ledger and Temporal are counted " +
		"against each other. *Sells again* is from the end of the fault until somebody who came then has ordered and paid. The alerts are " +
		"those of [alerts.yml](../monitoring/prometheus/alerts.yml) with ten seconds for each of their minutes.\n\n" +
		"| fault | what | lasts | orders lost | units off | double charges | sells again after | alerts that fired |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	for _, row := range rows {
		var alerts []string
		for _, name := range row.alerts {
			alerts = append(alerts, fmt.Sprintf("[%s](alerts/%s.md)", name, name))
		}
		lasts := row.lasts.String()
		if row.fault.alert == "" && row.fault.name == "rolling restart" {
			lasts = "four processes"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s | %.1f s | %s |\n", row.fault.name, row.fault.what, lasts,
			row.count(lostOrder), row.count(unitsOff), row.count(chargedTwice), row.recovered.Seconds(), strings.Join(alerts, ", "))
	}
	out.WriteString("\nThe disk is not really full: a trigger raises the error that the server raises then. Clocks differ in programs that " +
		"are built with a `time.Now` of their own. A tenth of the gateway's answers is lost in every run, so that GatewayUncertain " +
		"may fire in any.\n")
	return []byte(out.String())
}

// The table counts what the load test finds, by its words.
func TestTheTableOfFaultsCountsWhatIsWrong(t *testing.T) {
	twice := []audit.Movement{{OrderID: "ord_1", Amount: 5}, {OrderID: "ord_1", Amount: 5}}
	wrong := audit.Audit{
		Products: []string{"prd_1"}, Units: 3, Stocks: map[string]audit.Stock{"prd_1": {ProductID: "prd_1", Total: 3, Available: 1}},
		Orders: map[string]audit.Order{"ord_1": {ID: "ord_1", Status: "PLACED", PaymentAmount: 5}}, Ledger: audit.Ledger{Approvals: twice},
		Shoppers: []*audit.Shopper{{User: "usr_1", Product: "prd_1", Order: "ord_2", Told: "HELD"}},
	}
	row := outcomeOfFault{counted: wrong.Table()}
	if row.count(lostOrder) != "at least 1" || row.count(unitsOff) != "at least 1" || row.count(chargedTwice) != "at least 1" {
		t.Errorf("%s lost, %s off, %s twice of\n%s", row.count(lostOrder), row.count(unitsOff), row.count(chargedTwice), row.counted)
	}
	if got := (outcomeOfFault{counted: (&audit.Audit{}).Table()}).count(lostOrder); got != "0" {
		t.Errorf("of books that balance: %s lost", got)
	}
	if got := (outcomeOfFault{counted: "it did not come to that"}).count(lostOrder); got != "not counted" {
		t.Errorf("without a count: %s", got)
	}
}

// The table has a row for each fault, in which nothing is wrong and its alert fired.
func TestTheTableOfFaultsIsComplete(t *testing.T) {
	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, "deploy/playbooks/RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(string(text), "|---|---|---|---|---|---|---|---|\n")
	rows, _, _ = strings.Cut(rows, "\n\n")
	lines := strings.Split(rows, "\n")
	if len(lines) != len(faults) {
		t.Fatalf("%d rows of %d faults", len(lines), len(faults))
	}
	for n, f := range faults {
		cells := strings.Split(lines[n], " | ")
		told := f.alert == "" || strings.Contains(lines[n], "(alerts/"+f.alert+".md)")
		if cells[0] != "| "+f.name || cells[1] != f.what || strings.Join(cells[3:6], "") != "000" || !told {
			t.Errorf("%s: %s", f.name, lines[n])
		}
	}
}
