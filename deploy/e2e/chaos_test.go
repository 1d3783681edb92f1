package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

var (
	chaosFaults  = flag.String("chaos", "^rolling restart$", "faults of TestChaos to try, a regular expression")
	chaosFor     = flag.Duration("fault", 5*time.Second, "how long a fault of TestChaos lasts")
	chaosResults = flag.String("chaos-results", "", "file into which TestChaos writes its table")
)

// fault is something that happens to a shop in the middle of a rush.
type fault struct {
	name, what string
	// inject begins it, waits, and ends it.
	inject func(r *rig, wait func())
	// alert has to fire, where the fault lasts long enough.
	alert string
	// times makes it last longer than others.
	times int
	// noTickets says that orders are taken without, which is no fault then.
	noTickets bool
	// skewed builds the processes with clocks that differ.
	skewed bool
}

// rig is a shop of separate processes, with a way to break each part: shoppers, API, worker, database, Redis, Temporal and gateway reach
// each other through proxies.
type rig struct {
	harness
	front, database, redis, temporal, gateway *proxy
	apiMetrics, workerMetrics                 *proxy
	api, worker                               *process
	apiAt, apiPath, workerPath                string
	env                                       []string
	prometheus                                prometheus
}

// Whatever fails in the middle of a rush: no accepted order is lost, no unit is off, nobody is charged twice, everything balances, and the
// shop sells again by itself.
func TestChaos(t *testing.T) {
	wanted := regexp.MustCompile(*chaosFaults)
	var rows []outcomeOfFault
	for _, f := range faults {
		if !wanted.MatchString(f.name) {
			continue
		}
		t.Run(f.name, func(t *testing.T) { rows = append(rows, chaos(t, f)) })
	}
	if len(rows) == 0 {
		t.Fatalf("there is no fault %q", *chaosFaults)
	}
	if *chaosResults != "" && !t.Failed() {
		if err := os.WriteFile(*chaosResults, table(rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// chaos lets people buy, breaks something, and looks at what became of them.
func chaos(t *testing.T, f fault) outcomeOfFault {
	r := newRig(t, f)
	lasts := *chaosFor * time.Duration(max(1, f.times))
	args := []string{"mixed", "--for", (lasts + 15*time.Second).String(), "--rate", "6", "--units", "40", "--patience", "5m"}
	if f.noTickets {
		args = append(args, "--without-redis")
	}
	wait := r.load("http://"+r.front.listener.Addr().String(), args...)
	r.untilOrders(10, "status <> 'RECEIVED'")
	f.inject(r, func() { time.Sleep(lasts) })
	ended := time.Now()
	recovered := r.untilSomebodyBuys(ended)
	out := wait()
	row := outcomeOfFault{
		fault: f, lasts: lasts, recovered: recovered, alerts: r.fired(), counted: out,
	}
	if f.alert != "" && lasts >= alertsFireAfter && !slices.Contains(row.alerts, f.alert) {
		t.Errorf("%s did not fire, only %v", f.alert, row.alerts)
	}
	t.Logf("%s: sells again after %s; alerts %v", f.name, recovered.Round(100*time.Millisecond), row.alerts)
	return row
}

// alertsFireAfter is how long a fault has to last here for its alert.
const alertsFireAfter = 30 * time.Second

func newRig(t *testing.T, f fault) *rig {
	t.Helper()
	r := &rig{}
	r.harness = own(t, func(c *system.Config) { c.Workers, c.API = false, "" }, nil)
	var dsn string
	r.database, dsn = newProxy(t, r.Settings.Worker.Store.DSN)
	r.redis = newProxyTo(t, r.Settings.Worker.Redis.Addr)
	r.temporal = newProxyTo(t, r.Settings.Worker.Temporal.Address)
	r.gateway = newProxyTo(t, strings.TrimPrefix(r.Settings.Worker.Gateway.URL, "http://"))
	r.env = []string{
		"MYSQL_DSN=" + dsn, "REDIS_ADDR=" + r.redis.listener.Addr().String(), "TEMPORAL_ADDRESS=" + r.temporal.listener.Addr().String(),
		"PG_URL=http://" + r.gateway.listener.Addr().String(), "PAY_WITHIN=15s", "WATCH_EVERY=1s",
		"RECONCILE_EVERY=50s", "BLOB_URL=" + t.TempDir(), // five minutes, as the alerts here take them
		"SHIP_AFTER=5s", "DELIVER_AFTER=1s", "COMPLETE_AFTER=1h", "RETURN_WITHIN=1h", "RETURN_AFTER=1s",
	}
	r.apiAt = freeAddress(t)
	r.front, r.apiMetrics, r.workerMetrics = newProxyTo(t, r.apiAt), newProxyTo(t, ""), newProxyTo(t, "")
	if f.skewed {
		r.workerPath, r.apiPath = skewedProgram(t, "worker"), skewedProgram(t, "api")
	} else {
		r.workerPath, r.apiPath = program(t, "worker"), program(t, "api")
	}
	r.startWorker()
	r.startAPI()
	r.prometheus = r.startPrometheusWith(quickAlerts(t), map[string]string{
		"api": r.apiMetrics.listener.Addr().String(), "worker": r.workerMetrics.listener.Addr().String(),
	})
	return r
}

// startWorker starts a worker, whose metrics take the place of those of the one before.
func (r *rig) startWorker() {
	r.t.Helper()
	metrics := freeAddress(r.t)
	r.worker = r.startWorkerProgram(r.workerPath, append(slices.Clone(r.env), "WORKER_LISTEN="+metrics, "TEST_CLOCK_SKEW=-2")...)
	r.workerMetrics.lead(metrics)
}

// startAPI starts an API where shoppers look for it.
func (r *rig) startAPI() {
	r.t.Helper()
	r.api = r.startAPIProgram(r.apiPath, r.apiAt, append(slices.Clone(r.env), "TEST_CLOCK_SKEW=2")...)
	r.apiMetrics.lead(r.api.operators)
	r.front.lead(r.apiAt)
}

var (
	alertFor    = regexp.MustCompile(`for: (\d+)m`)
	alertWindow = regexp.MustCompile(`\[(\d+)m\]`)
)

// quickAlerts are the alerts with ten seconds for each minute, so that a fault of a minute is a long one.
func quickAlerts(t *testing.T) string {
	t.Helper()
	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, "deploy/monitoring/prometheus/alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	quick := alertFor.ReplaceAllString(string(text), "for: ${1}0s")
	quick = alertWindow.ReplaceAllString(quick, "[${1}0s]")
	path := filepath.Join(t.TempDir(), "alerts.yml")
	if err := os.WriteFile(path, []byte(quick), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// fired lists the alerts that fired.
func (r *rig) fired() []string {
	r.t.Helper()
	names, err := r.prometheus.labels(`count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[30m]))`, "alertname")
	if err != nil {
		r.t.Error(err)
	}
	slices.Sort(names)
	return names
}

// untilSomebodyBuys tries a purchase until one has gone through, from order to payment, and returns how long after a moment that was.
func (r *rig) untilSomebodyBuys(since time.Time) time.Duration {
	r.t.Helper()
	product := r.product(1000)
	for n := 0; time.Since(since) < 3*time.Minute; n++ {
		ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
		err := r.buy(ctx, r.mint(domain.UserID(fmt.Sprint("usr_prober", n))), product)
		cancel()
		if err == nil {
			return time.Since(since)
		}
		time.Sleep(100 * time.Millisecond)
	}
	r.t.Error("nobody could buy for three minutes after the fault")
	return time.Since(since)
}

var errNotYet = errors.New("not yet")

// buy orders one unit and pays for it, as a client that speaks with the front.
func (r *rig) buy(ctx context.Context, a as, product domain.ProductID) error {
	order, err := r.call(ctx, a, "POST", "/v1/orders", orderOf(product, 1),
		"Idempotency-Key", "probe-"+a.token[len(a.token)-20:], "Prefer", "wait=8")
	if err != nil || order.str("status") != "HELD" {
		return errors.Join(err, errNotYet)
	}
	authorized, err := r.call(ctx, a, "POST", r.PGMock.URL()+"/mock/authorizations",
		map[string]any{"orderId": order.str("id"), "amount": order.Body["paymentAmount"], "orderName": order.str("name")})
	if err != nil || authorized.Status != http.StatusCreated {
		return errors.Join(err, errNotYet)
	}
	paid, err := r.call(ctx, a, "POST", "/v1/payments/confirm",
		map[string]any{"orderId": order.str("id"), "paymentKey": authorized.str("paymentKey"), "amount": order.Body["paymentAmount"]})
	if err != nil || paid.Status != http.StatusOK {
		return errors.Join(err, errNotYet)
	}
	return nil
}

// call sends one request to the front, or to a whole address.
func (r *rig) call(ctx context.Context, a as, method, path string, body any, headers ...string) (reply, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	if path[0] == '/' {
		path = "http://" + r.front.listener.Addr().String() + path
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(encoded))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+a.token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	got := reply{Status: resp.StatusCode}
	err = json.NewDecoder(resp.Body).Decode(&got.Body)
	return got, err
}
