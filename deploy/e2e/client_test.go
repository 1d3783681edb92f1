package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"runrun/api/rest"
	"runrun/deploy/dev/system"
)

// A TypeScript client that is generated from the description compiles, and buys.
func TestAGeneratedClientBuys(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("npm is not installed, and in CI the generated client is tried")
		}
		t.Skip("npm is not installed")
	}
	r := shared(t)
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "client"))); err != nil {
		t.Fatal(err)
	}
	description, err := rest.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "openapi.json"), description, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "API_URL="+r.API.URL(), "PG_URL="+r.PGMock.URL(), "EMAIL="+system.ShopperEmail,
			"PASSWORD="+system.DemoPassword, "PRODUCT="+string(r.product(1)))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return out
	}
	run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	run("npx", "openapi-typescript", "openapi.json", "-o", "api.ts")
	run("npx", "tsc")
	var bought struct{ ID, Status string }
	if err := json.Unmarshal(run("node", "out/buy.js"), &bought); err != nil || bought.Status != "PLACED" || r.approvals(bought.ID) != 1 {
		t.Errorf("it bought %+v, %v; %d approvals", bought, err, r.approvals(bought.ID))
	}
}
