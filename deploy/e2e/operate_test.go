package e2e

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"runrun/deploy/dev/system"
)

// A process that is told to stop says so first, and serves on until nobody sends requests here any more.
func TestDraining(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) { s.API.DrainDelay, s.Worker.DrainDelay = 2*time.Second, 2*time.Second })
	product := r.product(50)
	shopper := r.mint("usr_drain")
	var stopping sync.WaitGroup
	stopping.Go(func() {
		if err := r.API.Stop(); err != nil {
			t.Error(err)
		}
	})
	stopping.Go(func() {
		if err := r.Worker.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, base := range []string{r.API.OpsURL(), "http://" + r.Worker.Addr()} {
		got := r.until("not ready", func() (reply, bool) {
			got := r.send("GET", base+"/readyz", nil)
			return got, got.Status == http.StatusServiceUnavailable
		})
		if !strings.Contains(got.str("drain"), "shutting down") {
			t.Errorf("it does not say why: %s", got.rawBody)
		}
	}
	order := shopper.held(product)
	shopper.want(http.StatusOK, "POST", "/v1/payments/confirm", shopper.authorize(order))
	stopping.Wait()
	if resp, err := http.Get(r.API.URL() + "/v1/products"); err == nil {
		_ = resp.Body.Close()
		t.Error("it still answers")
	}
}

// A build that is not the current one of its deployment gets no work, and says so with the command that changes it.
func TestABuildThatIsNotCurrentSaysSo(t *testing.T) {
	r := own(t, func(c *system.Config) { c.Workers = false }, nil)
	w := r.Settings.Worker
	cmd := exec.Command(program(t, "worker"))
	cmd.Env = append(os.Environ(), "WORKER_LISTEN=127.0.0.1:0", "MYSQL_DSN="+w.Store.DSN, "REDIS_ADDR="+w.Redis.Addr,
		"TEMPORAL_ADDRESS="+w.Temporal.Address, "PG_URL="+w.Gateway.URL, "TEMPORAL_DEPLOYMENT_NAME=shop",
		"TEMPORAL_WORKER_BUILD_ID=b7", "LOG_LEVEL=WARN")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	said := false
	for lines := bufio.NewScanner(stderr); !said && lines.Scan(); {
		said = strings.Contains(lines.Text(), "temporal worker deployment set-current-version") &&
			strings.Contains(lines.Text(), "--deployment-name shop --build-id b7")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if !said {
		t.Error("it did not say so within half a minute")
	}
}
