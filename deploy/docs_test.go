package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link     = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	testName = regexp.MustCompile("^`(Test\\w+)`$")
)

// Whatever the documents link is there: ARCHITECTURE names a file for every hop of an order.
func TestTheLinksOfTheDocumentsLead(t *testing.T) {
	for document, least := range map[string]int{"ARCHITECTURE.md": 40, "CONTRIBUTING.md": 10, "SECURITY.md": 8} {
		text, err := os.ReadFile("../" + document)
		if err != nil {
			t.Fatal(err)
		}
		links := 0
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(match[2], "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join("..", match[2])); err != nil {
				t.Errorf("%s: [%s] leads to %s, which is not there", document, match[1], match[2])
			}
		}
		if links < least {
			t.Errorf("%s links %d files, want at least %d", document, links, least)
		}
	}
}

// Every claim of the README links the test that proves it: the files and the tests must be there.
func TestTheLinksOfTheReadmeLead(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	proofs := 0
	for _, match := range link.FindAllStringSubmatch(string(text), -1) {
		label, target := match[1], match[2]
		if strings.Contains(target, "://") {
			continue
		}
		path := filepath.Join("..", target)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("[%s] leads to %s, which is not there", label, target)
			continue
		}
		if name := testName.FindStringSubmatch(label); name != nil {
			proofs++
			source, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(source), "\nfunc "+name[1]+"(") {
				t.Errorf("%s has no test %s", target, name[1])
			}
		}
	}
	if proofs < 20 {
		t.Errorf("only %d proofs are linked", proofs)
	}
}

// The targets that the README names are there.
func TestTheTargetsOfTheReadmeAreThere(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile("(?m)(?:^|`|PAY_WITHIN=2s )make ([a-z]+)").FindAllStringSubmatch(string(readme), -1) {
		if !strings.Contains(string(makefile), "\n"+match[1]+":") {
			t.Errorf("the README says make %s, and the Makefile has no such target", match[1])
		}
	}
}
