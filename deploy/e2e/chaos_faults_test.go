package e2e

import (
	"net/http"
	"strings"

	"runrun/domain/redis"
	"runrun/domain/store/storetest"
)

// faults are what happens to shops.
var faults = []fault{
	{name: "worker killed", what: "SIGKILL of the only worker; another is started when the fault ends",
		alert: "NobodyPolls", times: 2, // a worker may be silent for 90 s
		inject: func(r *rig, wait func()) {
			r.worker.kill()
			wait()
			r.startWorker()
		}},
	{name: "api killed", what: "SIGKILL of the only API; another is started when the fault ends", alert: "ApiGone",
		inject: func(r *rig, wait func()) {
			r.api.kill()
			wait()
			r.startAPI()
		}},
	{name: "rolling restart", what: "API and worker are replaced one after another (SIGTERM), as a deploy does",
		inject: func(r *rig, _ func()) { r.replaceAPI(); r.replaceWorker(); r.replaceWorker(); r.replaceAPI() }},
	{name: "database gone", what: "every connection is cut, and new ones are refused", alert: "DatabaseGone",
		inject: func(r *rig, wait func()) {
			r.database.cut(true)
			wait()
			r.database.cut(false)
		}},
	{name: "database hangs", what: "connections stay open, and nothing is answered", alert: "DatabaseGone",
		inject: func(r *rig, wait func()) {
			resume := r.database.hang()
			wait()
			resume()
		}},
	{name: "database refuses writes", what: "new and changed orders fail with the server's error 1114, as on a full disk", alert: "OrdersFail",
		inject: func(r *rig, wait func()) {
			free := r.fillDisk()
			wait()
			free()
		}},
	{name: "redis gone", what: "every connection is cut, and new ones are refused", alert: "RedisGone", noTickets: true,
		inject: func(r *rig, wait func()) {
			r.redis.cut(true)
			wait()
			r.redis.cut(false)
		}},
	{name: "redis empty", what: "it has lost everything, tickets and locks among it",
		inject: func(r *rig, wait func()) {
			client, err := redis.Connect(r.Settings.Worker.Redis)
			if err == nil {
				err = client.FlushDB(r.t.Context()).Err()
				_ = client.Close()
			}
			if err != nil {
				r.t.Error(err)
			}
			wait()
		}},
	{name: "temporal gone", what: "every connection is cut, and new ones are refused", alert: "TemporalGone",
		inject: func(r *rig, wait func()) {
			r.temporal.cut(true)
			wait()
			r.temporal.cut(false)
		}},
	{name: "gateway gone", what: "every connection is cut, and new ones are refused", alert: "GatewayBreakerOpen",
		inject: func(r *rig, wait func()) {
			r.gateway.cut(true)
			wait()
			r.gateway.cut(false)
		}},
	{name: "gateway loses answers", what: "half of its answers are lost after it has acted", alert: "GatewayUncertain",
		inject: func(r *rig, wait func()) {
			r.gatewayScript(`{"call": "confirm", "loseAnswer": true, "share": 0.5}`)
			wait()
			r.gatewayScript(`{"call": "confirm", "loseAnswer": true, "share": 0}`)
		}},
	{name: "clocks differ", what: "the API's clock is 2 s ahead, the worker's 2 s behind, from the start on",
		inject: func(_ *rig, wait func()) { wait() }, skewed: true},
}

// replaceAPI starts a second API, sends new connections there, and stops the first.
func (r *rig) replaceAPI() {
	r.t.Helper()
	before := r.api
	r.apiAt = freeAddress(r.t)
	r.startAPI()
	if err := before.stop(r.t); err != nil {
		r.t.Errorf("the API ended with %v", err)
	}
}

// replaceWorker starts a second worker, and stops the first as soon as the second is ready.
func (r *rig) replaceWorker() {
	r.t.Helper()
	before := r.worker
	r.startWorker()
	r.until("the next worker is ready", func() (reply, bool) {
		resp, err := http.Get("http://" + r.workerMetrics.listener.Addr().String() + "/readyz")
		if err != nil {
			return reply{}, false
		}
		_ = resp.Body.Close()
		return reply{}, resp.StatusCode == http.StatusOK
	})
	if err := before.stop(r.t); err != nil {
		r.t.Errorf("the worker ended with %v", err)
	}
}

// fillDisk makes the server refuse what a full disk makes it refuse, with its own error.
func (r *rig) fillDisk() (free func()) {
	r.t.Helper()
	for _, on := range []string{"INSERT", "UPDATE"} {
		storetest.Exec(r.t, r.Store, "CREATE TRIGGER full_"+on+" BEFORE "+on+" ON orders FOR EACH ROW "+
			"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'")
	}
	return func() {
		for _, on := range []string{"INSERT", "UPDATE"} {
			storetest.Exec(r.t, r.Store, "DROP TRIGGER full_"+on)
		}
	}
}

func (r *rig) gatewayScript(text string) {
	r.t.Helper()
	resp, err := http.Post(r.PGMock.URL()+"/mock/script", "application/json", strings.NewReader(text))
	if err != nil || resp.StatusCode != http.StatusNoContent {
		r.t.Errorf("script: %v %v", resp, err)
		return
	}
	_ = resp.Body.Close()
}
