package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asCommand makes a child process of the tests the command itself.
const asCommand = "LOADTEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The exit status is what scripts look at: 0 only if everything balances.
func TestTheExitStatusIsOneUnlessEverythingBalances(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		damage func(*fakeShop)
		args   []string
		status int
		want   string
	}{
		"it balances":         {func(*fakeShop) {}, nil, 0, "Everything balances"},
		"a charge is missing": {func(s *fakeShop) { s.rules[ledgerRoute] = says(200, map[string]any{}) }, nil, 1, "money: order ord_1 is PLACED"},
		"no brand of one's own": {
			func(s *fakeShop) { s.rules[sellRoute] = refuses(403, "FORBIDDEN", "") }, nil, 1, "put a product on sale: 403",
		},
		"no shop": {func(*fakeShop) {}, []string{"--url", "http://127.0.0.1:1"}, 1, "prepare: POST http://127.0.0.1:1/v1/products"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFakeShop()
			c.damage(s)
			url, report := s.start(t), filepath.Join(t.TempDir(), "report.html")
			args := append([]string{
				"drop", "--shoppers=2", "--units=2", "--rate=1000", "--url", url, "--gateway", url, "--temporal=", "--report", report,
				"--jwt-key", testConfig("", "drop").JWTKey,
			}, c.args...)
			cmd := exec.CommandContext(t.Context(), self, args...)
			cmd.Env = append(os.Environ(), asCommand+"=1")
			out, _ := cmd.CombinedOutput()
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != c.status || !strings.Contains(string(out), c.want) {
				t.Errorf("%v, want exit status %d and %q:\n%s", cmd.ProcessState, c.status, c.want, out)
			}
			if _, err := os.Stat(report); (err == nil) != strings.Contains(string(out), "report: ") {
				t.Errorf("the report: %v\n%s", err, out)
			}
		})
	}
}
