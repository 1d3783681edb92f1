package deploy

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"runrun/api/server"
	"runrun/worker/pool"
	"runrun/worker/replay"
)

var update = flag.Bool("update", false, "write the document instead of comparing it")

// settingsFile is the table of settings.
const settingsFile = "playbooks/settings.md"

const settingsHead = `# Settings

Written by ` + "`go test ./deploy -run TestTheSettings -update`" + ` from the programs themselves. Each is an environment variable, a flag (` + "`--help`" + ` names it), and with ` + "`_FILE`" + ` the name of a file that holds the value, as secrets are handed to containers. Durations are written as Go does: 300ms, 20s, 24h. What to set, and why, stands in [operating.md](operating.md); which settings API and workers share has to be set alike for both.

| setting | read by | default | what it says |
|---|---|---|---|
`

// setting is one row.
type setting struct {
	programs       []string
	standard, help string
}

// Every setting of API and workers is in the table, with its default and its help.
func TestTheSettingsAreDocumented(t *testing.T) {
	all := map[string]*setting{}
	for _, p := range []struct {
		program string
		config  any
	}{{"api", &server.Config{}}, {"worker", &pool.Config{}}, {"worker replay", &replay.Config{}}} {
		parser, err := kong.New(p.config)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range parser.Model.Flags {
			for _, name := range of.Envs {
				if all[name] == nil {
					all[name] = &setting{standard: of.Default, help: of.Help}
				}
				if s := all[name]; p.program != "worker replay" || len(s.programs) == 0 { // the rest it shares with workers
					s.programs = append(s.programs, p.program)
				}
			}
		}
	}
	var text strings.Builder
	text.WriteString(settingsHead)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		standard := ""
		if s.standard != "" {
			standard = "`" + s.standard + "`"
		}
		help := strings.NewReplacer("|", "\\|", "<", "&lt;").Replace(strings.TrimSuffix(s.help, "."))
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", name, strings.Join(s.programs, ", "), standard, help)
	}
	if len(all) < 90 {
		t.Errorf("only %d settings", len(all))
	}
	if *update {
		if err := os.WriteFile(settingsFile, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(settingsFile); err != nil || string(got) != text.String() {
		t.Errorf("%s is not current (%v): go test ./deploy -run TestTheSettings -update", settingsFile, err)
	}
}
