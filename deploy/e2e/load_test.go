package e2e

import (
	"bytes"
	"flag"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
)

// dropShoppersFlag makes the killed drop as large as the real one: make load-kill.
var dropShoppersFlag = flag.Int("drop", 600, "shoppers of TestADropWithKills, who come at 300/s for a tenth as many units")

// payWithinInLoad is short, so that those who walk away are seen to the end.
const payWithinInLoad = 8 * time.Second

// load starts the load test against an API; the returned function waits for it, and fails the test unless everything balances.
func (r harness) load(api string, args ...string) (wait func() string) {
	r.t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(r.t.Context(), program(r.t, "loadtest"), append(args, "--url", api, "--gateway", r.PGMock.URL(),
		"--temporal", r.Settings.API.Temporal.Address, "--report", filepath.Join(r.t.TempDir(), "report.html"))...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	return func() string {
		r.t.Helper()
		if err := cmd.Wait(); err != nil {
			r.t.Errorf("%v: %v\n%s", args, err, out.String())
		}
		r.t.Log(out.String())
		return out.String()
	}
}

// quickLife delivers a paid order within seconds, so that a load test can return it.
var quickLife = domain.Fulfilment{
	ShipAfter: 5 * time.Second, DeliverAfter: time.Second, CompleteAfter: time.Hour, ReturnWithin: time.Hour, ReturnAfter: time.Second,
}

// Cancels before and after the payment, returns, lost webhooks, declines, double clicks, lost answers of the gateway, shoppers who walk
// away, several products: everything balances.
func TestALoadOfEverything(t *testing.T) {
	r := own(t, nil, func(s *system.Settings) {
		s.API.PayWithin, s.PGMock.LoseWebhookShare = payWithinInLoad, 0.3
		s.SetFulfilment(quickLife)
	})
	out := r.load(r.API.URL(), "mixed", "--shoppers", "120", "--rate", "60", "--units", "12")()
	for _, want := range []string{"Everything balances", "pay 402 PAYMENT_DECLINED", "cancel 200 CANCELED",
		"return 202 RETURNING", "pay 200 PLACED", "409 SOLD_OUT"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("the load test did not see %q", want)
		}
	}
}

// Worker and API are killed (SIGKILL) in the middle of a drop. Shoppers lose connections and ask again; no accepted order is
// lost, and everything balances.
func TestADropWithKills(t *testing.T) {
	r := own(t, func(c *system.Config) { c.Workers, c.API = false, "" }, func(s *system.Settings) { s.API.PayWithin = payWithinInLoad })
	worker := r.startWorkerProcess()
	address := freeAddress(t)
	api := r.startAPIProcess(address)
	units := *dropShoppersFlag / 10
	wait := r.load("http://"+address, "drop", "--shoppers", strconv.Itoa(*dropShoppersFlag), "--units", strconv.Itoa(units))
	r.untilOrders(units/4, "status <> 'RECEIVED'")
	worker.kill()
	r.startWorkerProcess()
	r.untilOrders(units/2, "status <> 'RECEIVED'")
	api.kill()
	r.startAPIProcess(address)
	wait()
}

// untilOrders waits until that many orders are as wanted.
func (r harness) untilOrders(count int, where string) {
	r.t.Helper()
	r.until("orders "+where, func() (reply, bool) {
		return reply{}, storetest.Count(r.t, r.Store, "SELECT COUNT(*) FROM orders WHERE "+where) >= count
	})
}

// freeAddress finds an address at which a killed process can be started again.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
