package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"runrun/deploy/dev/system"
)

// programs are those of ours that tests run as processes, each built once.
var programs sync.Map

// program builds a command of ours, and returns its path.
func program(t testing.TB, name string) string {
	t.Helper()
	once, _ := programs.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		top, err := system.Root()
		if err != nil {
			return "", err
		}
		path := filepath.Join(os.TempDir(), "runrun-test-"+name+"-"+strconv.Itoa(os.Getpid()))
		build := exec.Command("go", "build", "-o", path, "./"+name)
		build.Dir, build.Stderr = top, os.Stderr
		return path, build.Run()
	}))
	path, err := once.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// removePrograms removes what program has built.
func removePrograms() {
	programs.Range(func(_, once any) bool {
		if path, err := once.(func() (string, error))(); err == nil {
			_ = os.Remove(path)
		}
		return true
	})
}

// startProcess runs a command of ours until it is killed: SIGKILL, as a machine that dies.
func (r harness) startProcess(name string, env ...string) (kill func()) {
	r.t.Helper()
	cmd := exec.Command(program(r.t, name))
	cmd.Stderr = os.Stderr
	if r.logTo != nil {
		cmd.Stderr = r.logTo
	}
	cmd.Env = append(append(os.Environ(), "LOG_LEVEL=ERROR"), env...)
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r.t.Cleanup(kill)
	return kill
}

// startWorkerProcess runs a worker as a process of its own.
func (r harness) startWorkerProcess(env ...string) (kill func()) {
	w := r.Settings.Worker
	return r.startProcess("worker", append([]string{
		"WORKER_LISTEN=127.0.0.1:0", "MYSQL_DSN=" + w.Store.DSN, "REDIS_ADDR=" + w.Redis.Addr,
		"TEMPORAL_ADDRESS=" + w.Temporal.Address, "PG_URL=" + w.Gateway.URL, "PG_SECRET_KEY=" + w.Gateway.SecretKey,
	}, env...)...)
}

// startAPIProcess runs an API as a process of its own, and returns when it is ready.
func (r harness) startAPIProcess(listen string, env ...string) (kill func()) {
	a := r.Settings.API
	operators := freeAddress(r.t)
	kill = r.startProcess("api", append([]string{
		"API_LISTEN=" + listen, "API_OPS_LISTEN=" + operators, "MYSQL_DSN=" + a.Store.DSN,
		"REDIS_ADDR=" + a.Redis.Addr, "TEMPORAL_ADDRESS=" + a.Temporal.Address, "PAY_WITHIN=" + a.PayWithin.String(),
		"SWEEP_EVERY=" + a.SweepEvery.String(),
	}, env...)...)
	r.until("API", func() (reply, bool) {
		resp, err := http.Get("http://" + operators + "/readyz")
		if err != nil {
			return reply{}, false
		}
		_ = resp.Body.Close()
		return reply{Status: resp.StatusCode}, resp.StatusCode == http.StatusOK
	})
	return kill
}
