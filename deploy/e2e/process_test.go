package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

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

// build is a program of ours at a commit, with a version of its own: the old or the new one of a rollout.
func build(t testing.TB, name, version, commit string) string {
	t.Helper()
	source, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	if commit != "" {
		top := source
		source = filepath.Join(t.TempDir(), "source")
		git := exec.Command("git", "worktree", "add", "--detach", source, commit)
		git.Dir = top
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", git.Args, err, out)
		}
		t.Cleanup(func() {
			git := exec.Command("git", "worktree", "remove", "--force", source)
			git.Dir = top
			_ = git.Run()
		})
	}
	path := filepath.Join(t.TempDir(), name+"-"+version)
	compile := exec.Command("go", "build", "-ldflags", "-X runrun/domain/ops.build="+version, "-o", path, "./"+name)
	compile.Dir, compile.Stderr = source, os.Stderr
	if err := compile.Run(); err != nil {
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

// process is a command of ours that runs.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // of its end

	operators string // where an API shows its metrics
}

// kill ends it as a machine that dies does: SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop asks it to end, as a deploy does, and returns how it ended: nil is exit 0.
func (p *process) stop(t testing.TB) error {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-time.After(time.Minute):
		t.Fatalf("%s does not end", p.cmd.Path)
		return nil
	}
}

// startProgram runs a program of ours, at most until the test ends.
func (r harness) startProgram(path string, env ...string) *process {
	r.t.Helper()
	cmd := exec.Command(path)
	cmd.Stderr = os.Stderr
	if r.logTo != nil {
		cmd.Stderr = r.logTo
	}
	cmd.Env = append(append(os.Environ(), "LOG_LEVEL=ERROR"), env...)
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	r.t.Cleanup(p.kill)
	return p
}

// startWorkerProcess runs a worker as a process of its own.
func (r harness) startWorkerProcess(env ...string) *process {
	return r.startWorkerProgram(program(r.t, "worker"), env...)
}

func (r harness) startWorkerProgram(path string, env ...string) *process {
	r.t.Helper()
	w := r.Settings.Worker
	return r.startProgram(path, append([]string{
		"WORKER_LISTEN=127.0.0.1:0", "MYSQL_DSN=" + w.Store.DSN, "REDIS_ADDR=" + w.Redis.Addr,
		"TEMPORAL_ADDRESS=" + w.Temporal.Address, "PG_URL=" + w.Gateway.URL, "PG_SECRET_KEY=" + w.Gateway.SecretKey,
	}, env...)...)
}

// startAPIProcess runs an API as a process of its own, and returns when it is ready.
func (r harness) startAPIProcess(listen string, env ...string) *process {
	r.t.Helper()
	return r.startAPIProgram(program(r.t, "api"), listen, env...)
}

func (r harness) startAPIProgram(path, listen string, env ...string) *process {
	r.t.Helper()
	a := r.Settings.API
	operators := freeAddress(r.t)
	p := r.startProgram(path, append([]string{
		"API_LISTEN=" + listen, "API_OPS_LISTEN=" + operators, "MYSQL_DSN=" + a.Store.DSN,
		"REDIS_ADDR=" + a.Redis.Addr, "TEMPORAL_ADDRESS=" + a.Temporal.Address, "PAY_WITHIN=" + a.PayWithin.String(),
		"SWEEP_EVERY=" + a.SweepEvery.String(),
	}, env...)...)
	p.operators = operators
	r.until("API", func() (reply, bool) {
		resp, err := http.Get("http://" + operators + "/readyz")
		if err != nil {
			return reply{}, false
		}
		_ = resp.Body.Close()
		return reply{Status: resp.StatusCode}, resp.StatusCode == http.StatusOK
	})
	return p
}
