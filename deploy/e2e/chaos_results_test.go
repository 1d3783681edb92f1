package e2e

import (
	"fmt"
	"strings"
	"time"
)

// outcomeOfFault is a row of the table of faults.
type outcomeOfFault struct {
	fault     fault
	lasts     time.Duration
	recovered time.Duration
	alerts    []string
	balanced  bool
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
		count := "0"
		if !row.balanced {
			count = "**see the test**"
		}
		var alerts []string
		for _, name := range row.alerts {
			alerts = append(alerts, fmt.Sprintf("[%s](alerts/%s.md)", name, name))
		}
		lasts := row.lasts.String()
		if row.fault.alert == "" && row.fault.name == "rolling restart" {
			lasts = "four processes"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s | %.1f s | %s |\n", row.fault.name, row.fault.what, lasts, count, count, count,
			row.recovered.Seconds(), strings.Join(alerts, ", "))
	}
	out.WriteString("\nThe disk is not really full: a trigger raises the error that the server raises then. Clocks differ in programs that " +
		"are built with a `time.Now` of their own. A tenth of the gateway's answers is lost in every run, so that GatewayUncertain " +
		"may fire in any.\n")
	return []byte(out.String())
}
