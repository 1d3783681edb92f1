package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
)

// API and worker are started before anything that they need, which then comes one after another: whatever the order, they say what they
// wait for, and sell as soon as it is there.
func TestAnyOrderOfStarts(t *testing.T) {
	t.Parallel() // it waits for processes most of the time
	r := &rig{apiPath: program(t, "api"), workerPath: program(t, "worker")}
	r.harness = own(t, func(c *system.Config) { c.Workers, c.API = false, "" }, nil)
	var dsn string
	r.database, dsn = newProxy(t, r.Settings.Worker.Store.DSN)
	r.redis, r.temporal = newProxyTo(t, r.Settings.Worker.Redis.Addr), newProxyTo(t, r.Settings.Worker.Temporal.Address)
	for _, part := range []*proxy{r.database, r.redis, r.temporal} {
		part.cut(true)
	}
	r.apiAt = freeAddress(t)
	r.front = newProxyTo(t, r.apiAt)
	operators, metrics := freeAddress(t), freeAddress(t)
	env := []string{
		"MYSQL_DSN=" + dsn, "REDIS_ADDR=" + r.redis.listener.Addr().String(), "TEMPORAL_ADDRESS=" + r.temporal.listener.Addr().String(),
		"PG_URL=" + r.Settings.Worker.Gateway.URL, "BLOB_URL=" + t.TempDir(),
		"API_LISTEN=" + r.apiAt, "API_OPS_LISTEN=" + operators, "WORKER_LISTEN=" + metrics,
	}
	r.startProgram(r.apiPath, env...)
	r.startProgram(r.workerPath, env...)

	for _, at := range []string{operators, metrics} {
		r.says(at, "/readyz", http.StatusServiceUnavailable, `"database":"UNAVAILABLE`)
		r.says(at, "/livez", http.StatusOK, "ok")
	}
	r.temporal.cut(false)
	r.database.cut(false)
	r.says(operators, "/readyz", http.StatusOK, `"redis":"degraded`)
	r.redis.cut(false)
	r.says(metrics, "/readyz", http.StatusOK, `"temporal":"ok"`)
	r.says(operators, "/readyz", http.StatusOK, `"redis":"ok"`)
	if took := r.untilSomebodyBuys(time.Now()); took > time.Minute {
		t.Errorf("it sells after %s", took)
	}
}

// says waits until a process answers so.
func (r *rig) says(at, path string, status int, text string) {
	r.t.Helper()
	r.until(path+" says "+text, func() (reply, bool) {
		resp, err := http.Get("http://" + at + path)
		if err != nil {
			return reply{}, false
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		return reply{rawBody: body}, err == nil && resp.StatusCode == status && strings.Contains(string(body), text)
	})
}
