package deploy

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// measured are the numbers of the capacity playbook, and the rows of the last measurement (make bench) from which they are.
var measured = map[string]string{
	`decided orders of one product \| ([\d,]+) a second with one worker`: `reserve, one worker`,
	`with one worker, ([\d,]+) with four that contend`:                   `reserve, four workers that contend`,
	`tickets of one product \| ([\d,]+) a second`:                        `gate: a ticket`,
	`beside ([\d,]+) tickets or`:                                         `gate: a ticket`,
	`tickets or ([\d,]+) refusals`:                                       `gate: sold out`,
	`Refusals come on top: ([\d,]+) a second`:                            `refusal by the API, without a network`,
}

// Whoever sizes a shop reads numbers of the code as it is: the playbook is off by no more than rounding from what make bench wrote.
func TestTheCapacityPlaybookIsOfTheLastMeasurement(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	number := func(text, pattern string) float64 {
		match := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if match == nil {
			t.Fatalf("nothing matches %s", pattern)
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(match[1], ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	playbook, results := read("playbooks/capacity.md"), read("../loadtest/RESULTS.md")
	for said, row := range measured {
		claim, last := number(playbook, said), number(results, `(?m)^\| `+regexp.QuoteMeta(row)+` \| ([\d,.]+) `)
		if math.Abs(claim-last) > 0.05*last {
			t.Errorf("the playbook says %.0f, and %q was measured as %.0f", claim, row, last)
		}
	}
}
