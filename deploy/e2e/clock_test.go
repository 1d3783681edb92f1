package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"runrun/deploy/dev/system"
)

// skew is what a clock is off, in Go's package time.
const skew = `
var skewSeconds, skewKnown = int64(0), false

func skew() int64 {
	if skewKnown {
		return skewSeconds
	}
	text, _ := syscall.Getenv("TEST_CLOCK_SKEW")
	for _, digit := range text {
		if digit >= '0' && digit <= '9' {
			skewSeconds = skewSeconds*10 + int64(digit-'0')
		}
	}
	if text != "" && text[0] == '-' {
		skewSeconds = -skewSeconds
	}
	skewKnown = true
	return skewSeconds
}
`

// skewedProgram builds a program of ours whose clock is TEST_CLOCK_SKEW seconds off, by a time.Now of its own: clocks of machines differ,
// and a test must not change the machine's.
func skewedProgram(t *testing.T, name string) string {
	t.Helper()
	//nolint:staticcheck // the toolchain of this test builds the program, too
	original := filepath.Join(runtime.GOROOT(), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if strings.Count(string(text), now) != 1 {
		t.Fatal("this Go has another time.Now")
	}
	changed := strings.Replace(string(text), now, now+"\tsec += skew()\n", 1) + skew
	changed = strings.Replace(changed, "import (\n", "import (\n\t\"syscall\"\n", 1)
	folder := t.TempDir()
	keep(t, filepath.Join(folder, "time.go"), []byte(changed))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: filepath.Join(folder, "time.go")}})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, filepath.Join(folder, "overlay.json"), overlay)
	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, name)
	compile := exec.Command("go", "build", "-overlay", filepath.Join(folder, "overlay.json"), "-o", path, "./"+name)
	compile.Dir, compile.Stderr = top, os.Stderr
	if err := compile.Run(); err != nil {
		t.Fatal(err)
	}
	return path
}

func keep(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
