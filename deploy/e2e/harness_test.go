package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"

	api "runrun/api/server"
	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
	"runrun/domain/temporal"
	"runrun/workflows"
)

var record = flag.Bool("record", false, "write the histories of the scenarios to workflows/testdata/histories")

// harness is a running system and an outsider who speaks HTTP with it.
type harness struct {
	t testing.TB
	*system.System
	temporal client.Client
	logTo    io.Writer // what processes write goes there; nil is the test's own
}

// The system that most tests share; it is started by the first and stopped by TestMain.
var (
	sharedOnce   sync.Once
	sharedSystem *system.System
	errShared    error
	stopShared   = func() {}
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	stopShared()
	removePrograms()
	os.Exit(code)
}

// shared returns the system that most tests share.
func shared(t *testing.T) harness {
	t.Helper()
	sharedOnce.Do(func() {
		keeper := &keeper{TB: t}
		sharedSystem, errShared = system.Start(context.Background(), testConfig(keeper, nil))
		stopShared = func() {
			if sharedSystem != nil {
				if err := sharedSystem.Stop(); err != nil {
					fmt.Fprintln(os.Stderr, "stop:", err)
				}
			}
			keeper.cleanUp()
		}
	})
	if errShared != nil {
		t.Fatal(errShared)
	}
	return newHarness(t, sharedSystem)
}

// keeper keeps the clean-up of a test for later: the shared system outlives the test that starts it.
type keeper struct {
	testing.TB
	later []func()
}

func (k *keeper) Cleanup(f func()) { k.later = append(k.later, f) }

func (k *keeper) cleanUp() {
	for i := len(k.later) - 1; i >= 0; i-- {
		k.later[i]()
	}
}

// own starts a system for one test.
func own(t testing.TB, change func(*system.Config), adjust func(*system.Settings)) harness {
	t.Helper()
	cfg := testConfig(t, adjust)
	if change != nil {
		change(&cfg)
	}
	s, err := system.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error("stop:", err)
		}
	})
	return newHarness(t, s)
}

// testConfig is an ephemeral system on free ports; on MySQL, with a fresh database, where MYSQL_DSN names a server.
func testConfig(t testing.TB, adjust func(*system.Settings)) system.Config {
	const anyPort = "127.0.0.1:0"
	dsn := ""
	if os.Getenv("MYSQL_DSN") != "" {
		dsn = storetest.MySQL(t).DSN
	}
	return system.Config{
		Ephemeral: true, Workers: true, API: anyPort, APIOps: anyPort, Worker: anyPort, PGMock: anyPort,
		Adjust: func(s *system.Settings) {
			s.API.Ops.Environment, s.Worker.Ops.Environment = "development", "development" // the public keys, also behind a made-up proxy
			// Tests order much as few people; what one person may do has tests of its own.
			s.API.Limits.OrderRate, s.API.Limits.OrderBurst, s.API.Limits.OpenOrders, s.API.Limits.OpenUnits = 10_000, 10_000, 10_000, 1_000_000
			if dsn != "" {
				s.SetDSN(dsn)
			}
			if adjust != nil {
				adjust(s)
			}
		},
	}
}

func newHarness(t testing.TB, s *system.System) harness {
	t.Helper()
	c, closeClient, err := temporal.Connect(s.Settings.API.Temporal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeClient)
	return harness{t: t, System: s, temporal: c}
}

// reply is what the API answered.
type reply struct {
	Status  int
	Header  http.Header
	Body    map[string]any
	rawBody []byte
}

func (r reply) str(name string) string {
	text, _ := r.Body[name].(string)
	return text
}

// send sends a request as it is. A body that is a string is sent raw, anything else as JSON.
func (r harness) send(method, path string, body any, headers ...string) reply {
	r.t.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		text = string(encoded)
	}
	if path[0] == '/' {
		path = r.API.URL() + path
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.t.Context()), method, path, bytes.NewReader([]byte(text)))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	got := reply{Status: resp.StatusCode, Header: resp.Header, rawBody: raw}
	_ = json.Unmarshal(raw, &got.Body)
	if described, err := readDescription(); err != nil {
		r.t.Fatal(err)
	} else if strings.HasPrefix(path, r.API.URL()+"/v1/") {
		if err := described.check(req, text, resp, raw); err != nil {
			r.t.Errorf("the answer is not as described: %v", err)
		}
	}
	return got
}

// as is a shopper with a token.
type as struct {
	harness
	token string
}

func (r harness) logIn(email string) as {
	r.t.Helper()
	got := r.send("POST", "/v1/users/login", map[string]string{"email": email, "password": system.DemoPassword})
	if got.Status != http.StatusOK || got.Body["expiresIn"] != 900.0 {
		r.t.Fatalf("log in: %d %s", got.Status, got.rawBody)
	}
	return as{r, got.str("accessToken")}
}

// mint returns somebody with a token who has no account: orders need none.
func (r harness) mint(user domain.UserID) as {
	r.t.Helper()
	key, err := base64.StdEncoding.DecodeString(api.DevelopmentJWTKey)
	if err != nil {
		r.t.Fatal(err)
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss":  "runrun",
		"aud":  "runrun-api",
		"sub":  string(user),
		"role": "CUSTOMER",
		"jti":  uuid.NewString(),
		"iat":  now.Unix(),
		"exp":  now.Add(time.Hour).Unix(),
	})
	token.Header["typ"] = "at+jwt"
	text, err := token.SignedString(key)
	if err != nil {
		r.t.Fatal(err)
	}
	return as{r, text}
}

func (a as) do(method, path string, body any, headers ...string) reply {
	a.t.Helper()
	return a.send(method, path, body, append([]string{"Authorization", "Bearer " + a.token}, headers...)...)
}

// want does a request and demands a status.
func (a as) want(status int, method, path string, body any, headers ...string) reply {
	a.t.Helper()
	got := a.do(method, path, body, headers...)
	if got.Status != status {
		a.t.Fatalf("%s %s: %d %s, want %d", method, path, got.Status, got.rawBody, status)
	}
	return got
}

var receiver = map[string]string{"name": "Kim Minji", "phone": "010-1234-5678", "zipCode": "04524", "address": "110 Sejong-daero, Seoul"}

func orderOf(product domain.ProductID, quantity any) map[string]any {
	return map[string]any{"items": []any{map[string]any{"productId": product, "quantity": quantity}}, "receiver": receiver}
}

// order asks for one unit of a product, with a new key.
func (a as) order(product domain.ProductID) reply {
	a.t.Helper()
	return a.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", uuid.NewString(), "Prefer", "wait=20")
}

// held orders one unit and demands that it is held.
func (a as) held(product domain.ProductID) reply {
	a.t.Helper()
	got := a.order(product)
	if got.Status != http.StatusCreated || got.str("status") != "HELD" {
		a.t.Fatalf("order: %d %s, want 201 HELD", got.Status, got.rawBody)
	}
	return got
}

// authorize does what the payment window does, and returns the body of a confirm.
func (a as) authorize(order reply) map[string]any {
	a.t.Helper()
	amount := order.Body["paymentAmount"]
	got := a.send("POST", a.PGMock.URL()+"/mock/authorizations",
		map[string]any{"orderId": order.str("id"), "amount": amount, "orderName": order.str("name")})
	if got.Status != http.StatusCreated {
		a.t.Fatalf("authorize: %d %s", got.Status, got.rawBody)
	}
	return map[string]any{"orderId": order.str("id"), "paymentKey": got.str("paymentKey"), "amount": amount}
}

// script tells the gateway how its next answers behave.
func (r harness) script(script map[string]any) {
	r.t.Helper()
	if got := r.send("POST", r.PGMock.URL()+"/mock/script", script); got.Status != http.StatusNoContent {
		r.t.Fatalf("script: %d %s", got.Status, got.rawBody)
	}
}

// approvals counts the gateway's approvals for an order.
func (r harness) approvals(order string) int {
	n := 0
	for _, entry := range r.PGMock.Ledger().Approvals {
		if entry.OrderID == order {
			n++
		}
	}
	return n
}

// product puts a product of its own on sale.
func (r harness) product(units int64, change ...func(*domain.Product)) domain.ProductID {
	r.t.Helper()
	change = append([]func(*domain.Product){func(p *domain.Product) {
		p.ID = domain.ProductID(domain.ProductPrefix + uuid.NewString())
		p.BrandID = system.DemoBrand
	}}, change...)
	return storetest.Product(r.t, r.Store, units, change...).ID
}

// await follows an order until it has the status.
func (a as) await(order reply, status string) reply {
	a.t.Helper()
	return a.until("status "+status, func() (reply, bool) {
		got := a.want(http.StatusOK, "GET", "/v1/orders/"+order.str("id"), nil)
		return got, got.str("status") == status
	})
}

// until asks again and again, for at most half a minute.
func (r harness) until(what string, ask func() (reply, bool)) reply {
	r.t.Helper()
	var got reply
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if got, ok = ask(); ok {
			return got
		}
	}
	r.t.Fatalf("%s: not within half a minute; last was %s", what, got.rawBody)
	return got
}

// wantCode demands a problem with a code.
func wantCode(t *testing.T, got reply, status int, code domain.Code) {
	t.Helper()
	if got.Status != status || got.str("code") != string(code) {
		t.Errorf("got %d %s, want %d %s", got.Status, got.rawBody, status, code)
	}
	if kind := got.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("the content type of the problem is %q", kind)
	}
}

// finished waits for an order's workflow to end, or to be PLACED and wait for what follows, and keeps its history under the name where
// histories are recorded.
func (r harness) finished(order, name string) workflows.OrderView {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	id := workflows.OrderWorkflowID(domain.OrderID(order))
	var view workflows.OrderView
	ended := make(chan error, 1)
	go func() { ended <- r.temporal.GetWorkflow(ctx, id, "").Get(ctx, &view) }()
	for waiting := true; waiting; {
		select {
		case err := <-ended:
			if err != nil {
				r.t.Fatalf("workflow %s: %v", id, err)
			}
			waiting = false
		case <-time.After(20 * time.Millisecond):
			if seen := r.view(ctx, id); seen.Status == domain.StatusPlaced && r.idle(ctx, id) {
				view, waiting = seen, false
			}
		}
	}
	if *record && name != "" {
		r.keepHistory(ctx, id, name)
	}
	return view
}

// view asks an order's workflow where it stands.
func (r harness) view(ctx context.Context, id string) (view workflows.OrderView) {
	r.t.Helper()
	value, err := r.temporal.QueryWorkflow(ctx, id, "", workflows.OrderQuery)
	if err == nil {
		err = value.Get(&view)
	}
	if err != nil && ctx.Err() != nil {
		r.t.Fatalf("workflow %s: %v", id, err)
	}
	return view
}

// idle reports whether no workflow task is due or running: the workflow waits.
func (r harness) idle(ctx context.Context, id string) (idle bool) {
	for _, event := range r.events(ctx, id) {
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			idle = false
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			idle = true
		}
	}
	return idle
}

// events reads the history of a workflow's latest run.
func (r harness) events(ctx context.Context, id string) (all []*history.HistoryEvent) {
	r.t.Helper()
	for events := r.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, event)
	}
	return all
}

func (r harness) keepHistory(ctx context.Context, id, name string) {
	r.t.Helper()
	text, err := protojson.MarshalOptions{Multiline: true}.Marshal(&history.History{Events: r.events(ctx, id)})
	if err != nil {
		r.t.Fatal(err)
	}
	top, err := system.Root()
	if err != nil {
		r.t.Fatal(err)
	}
	folder := filepath.Join(top, "workflows", "testdata", "histories")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".json"), text, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// breakStep makes the database refuse one exact step: taking an order to the given status. It returns the repair.
func breakStep(t *testing.T, s *store.Store, order, status string) (repair func()) {
	t.Helper()
	trigger := `CREATE TRIGGER broken BEFORE UPDATE ON orders FOR EACH ROW IF NEW.id = '%s' AND NEW.status = '%s' THEN SIGNAL SQLSTATE '45000'; END IF`
	if s.Dialect() == "sqlite" {
		trigger = `CREATE TRIGGER broken BEFORE UPDATE ON orders WHEN NEW.id = '%s' AND NEW.status = '%s' BEGIN SELECT RAISE(ABORT, 'broken'); END`
	}
	storetest.Exec(t, s, fmt.Sprintf(trigger, order, status))
	return func() { storetest.Exec(t, s, "DROP TRIGGER broken") }
}
