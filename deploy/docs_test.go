package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link     = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	testName = regexp.MustCompile("^`(Test\\w+)`$")

	notInAnchors = regexp.MustCompile(`[^\w\- ]`)
)

// documents are for people; each has to link at least so many files and proofs.
var documents = map[string]struct{ files, proofs int }{
	"README.md":                     {20, 25},
	"ARCHITECTURE.md":               {100, 60},
	"CONTRIBUTING.md":               {10, 0},
	"SECURITY.md":                   {8, 0},
	"api/FEATURES.md":               {60, 60},
	"deploy/playbooks/support.md":   {2, 0},
	"deploy/playbooks/operating.md": {1, 0},
	"deploy/playbooks/capacity.md":  {4, 1},
	"deploy/playbooks/metrics.md":   {1, 0},
	"deploy/playbooks/backup.md":    {2, 0},
	"deploy/playbooks/settings.md":  {1, 0},
	"deploy/playbooks/RESULTS.md":   {12, 0},
	"deploy/k8s/README.md":          {6, 0},
}

// Whatever a document links is there: the files, and the tests by which a claim is proved.
func TestTheLinksOfTheDocumentsLead(t *testing.T) {
	alerts, err := filepath.Glob("playbooks/alerts/*.md")
	if err != nil || len(alerts) < 20 {
		t.Fatalf("%d playbooks of alerts, %v", len(alerts), err)
	}
	all := maps.Clone(documents)
	for _, alert := range alerts {
		all["deploy/"+alert] = struct{ files, proofs int }{}
	}
	for document, want := range all {
		t.Run(document, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", document))
			if err != nil {
				t.Fatal(err)
			}
			files, proofs := 0, 0
			for _, match := range link.FindAllStringSubmatch(string(text), -1) {
				label, target := match[1], match[2]
				if strings.Contains(target, "://") {
					continue
				}
				files++
				file, anchor, _ := strings.Cut(target, "#")
				path := filepath.Join("..", filepath.Dir(document), file)
				source, err := os.ReadFile(path)
				if info, statErr := os.Stat(path); statErr != nil || err != nil && !info.IsDir() {
					t.Errorf("[%s] leads to %s, which is not there", label, target)
					continue
				}
				if anchor != "" && !hasHeading(string(source), anchor) {
					t.Errorf("[%s] leads to %s, and there is no such heading", label, target)
				}
				if name := testName.FindStringSubmatch(label); name != nil {
					proofs++
					if !strings.Contains(string(source), "\nfunc "+name[1]+"(") {
						t.Errorf("%s has no test %s", target, name[1])
					}
				}
			}
			if files < want.files || proofs < want.proofs {
				t.Errorf("it links %d files and %d proofs, want at least %d and %d", files, proofs, want.files, want.proofs)
			}
		})
	}
}

// hasHeading reports whether a document has a heading with the anchor that GitHub gives it.
func hasHeading(text, anchor string) bool {
	for line := range strings.Lines(text) {
		if title, is := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); is && strings.HasPrefix(line, "#") &&
			strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-") == anchor {
			return true
		}
	}
	return false
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
