package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"
	"github.com/google/uuid"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/store/storetest"
)

// ownRedis makes the system of a test use the embedded Redis, which it breaks.
func ownRedis(t *testing.T) {
	t.Helper()
	t.Setenv("REDIS_ADDR", "") // so that it is restored afterwards
	if err := os.Unsetenv("REDIS_ADDR"); err != nil {
		t.Fatal(err)
	}
}

// gateOf is the gate as the shop has it.
func (r harness) gateOf() *redis.Gate {
	r.t.Helper()
	client, err := redis.ConnectGate(r.Settings.API.Redis)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = client.Close() })
	return redis.NewGate(client)
}

// Redis is there and does not keep up: nobody enters without a ticket. Whoever gave up waiting is told so, has ordered nothing,
// and leaves no ticket behind.
func TestASlowRedisLetsNobodyInWithoutATicket(t *testing.T) {
	ownRedis(t)
	r := own(t, nil, nil)
	product := r.product(40)
	r.mint("usr_first").held(product)
	slow := make(chan struct{})
	release := sync.OnceFunc(func() { close(slow) })
	defer release()
	r.Redis.Server().SetPreHook(func(_ *server.Peer, command string, args ...string) bool {
		if strings.HasPrefix(strings.ToUpper(command), "EVAL") && strings.Contains(strings.Join(args, " "), string(product)) {
			<-slow
		}
		return false
	})
	before := ordersIn(t, r)
	var shoppers sync.WaitGroup
	for n := range 30 {
		shopper := r.mint(domain.UserID(fmt.Sprintf("usr_slow%d", n)))
		shoppers.Go(func() {
			got := shopper.order(product)
			wantCode(t, got, http.StatusServiceUnavailable, domain.CodeOverloaded)
			if got.Header.Get("Retry-After") == "" || got.Body["retryable"] != true {
				t.Errorf("it does not say when to come again: %v %s", got.Header, got.rawBody)
			}
		})
	}
	shoppers.Wait()
	if n := ordersIn(t, r) - before; n != 0 {
		t.Errorf("%d orders were written without a ticket", n)
	}
	release()
	gate := r.gateOf()
	r.until("the tickets to come back", func() (reply, bool) {
		seen, there, err := gate.Snapshot(t.Context(), product, time.Hour)
		return reply{rawBody: []byte(fmt.Sprint(seen, err))}, there && seen.Left == 39 && len(seen.Pending) == 0
	})
	r.mint("usr_later").held(product)
	if n := storetest.Count(t, r.Store, "SELECT COUNT(*) FROM orders WHERE ticket = 0"); n != 0 {
		t.Errorf("%d orders have no ticket", n)
	}
}

// One give-back that the gate never heard of does not use up a shopper's limit: the database refuses finally, nobody else.
func TestALimitIsRefusedByTheDatabase(t *testing.T) {
	r := shared(t)
	product := r.product(5, storetest.Limit(1))
	shopper, other := r.mint("usr_limited"), r.mint("usr_seed")
	other.held(product)
	client, err := redis.Connect(r.Settings.API.Redis)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.HSet(t.Context(), "runrun:gate:{"+string(product)+"}:owned", "usr_limited", 1).Err(); err != nil {
		t.Fatal(err)
	}
	shopper.held(product)
	wantCode(t, shopper.order(product), http.StatusConflict, domain.CodeLimitExceeded)
	wantCode(t, other.order(product), http.StatusConflict, domain.CodeLimitExceeded)
}

// The database dies right after it has committed an order, before it says so: the order stands, so its ticket is not given to
// anybody else, and the shopper who asks again finds it.
func TestACommitWhoseAnswerIsLost(t *testing.T) {
	dsn := storetest.MySQL(t).DSN
	way, through := newProxy(t, dsn)
	r := own(t, nil, func(s *system.Settings) { s.SetDSN(dsn); s.API.Store.DSN = through })
	product := r.product(1)
	shopper, next := r.mint("usr_lost"), r.mint("usr_next")
	wantCode(t, shopper.do("POST", "/v1/orders", orderOf(product, 2), "Idempotency-Key", uuid.NewString()),
		http.StatusConflict, domain.CodeSoldOut) // opens the gate
	ask := func() reply {
		return shopper.do("POST", "/v1/orders", orderOf(product, 1), "Idempotency-Key", "the-lost-one", "Prefer", "wait=0")
	}
	way.loseAnswerTo("INSERT INTO orders", "COMMIT")
	if got := ask(); got.Status != http.StatusServiceUnavailable {
		t.Fatalf("the database is gone: %d %s", got.Status, got.rawBody)
	}
	<-way.lost
	way.cut(false)
	if n := storetest.Count(t, r.Store, "SELECT COUNT(*) FROM orders WHERE idempotency_key = 'the-lost-one'"); n != 1 {
		t.Fatalf("%d orders are written, want the one whose commit was not answered", n)
	}
	r.until("the database to be back", func() (reply, bool) {
		got := next.order(product)
		return got, got.Status != http.StatusServiceUnavailable
	})
	wantCode(t, next.order(product), http.StatusConflict, domain.CodeSoldOut)
	if again := ask(); again.Status >= 300 || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("asked again: %d %s", again.Status, again.rawBody)
	}
	storetest.Exec(t, r.Store, "UPDATE orders SET dispatch_after = 1 WHERE idempotency_key = 'the-lost-one'") // or wait 15 s
	shopper.until("the order", func() (reply, bool) {
		got := ask()
		return got, got.str("status") == "HELD"
	})
	storetest.WantStock(t, r.Store, product, 0, 1, 0)
}

// The database hangs: shoppers do not wait half a minute each, the breaker hears of it, and opens.
func TestADatabaseThatHangs(t *testing.T) {
	dsn := storetest.MySQL(t).DSN
	way, through := newProxy(t, dsn)
	r := own(t, nil, func(s *system.Settings) { s.SetDSN(dsn); s.API.Store.DSN = through; s.API.BreakerFor = time.Second })
	product := r.product(1000)
	r.mint("usr_before").held(product)
	resume := sync.OnceFunc(way.hang())
	defer resume()
	var shoppers sync.WaitGroup
	for n := range 100 {
		shopper := r.mint(domain.UserID(fmt.Sprintf("usr_hang%d", n)))
		shoppers.Go(func() {
			got := shopper.order(product)
			if got.Status != http.StatusServiceUnavailable {
				t.Errorf("while the database hangs: %d %s", got.Status, got.rawBody)
			}
		})
	}
	shoppers.Wait()
	wantCode(t, r.mint("usr_then").order(product), http.StatusServiceUnavailable, domain.CodeBreakerOpen)
	resume()
	r.until("the breaker to close", func() (reply, bool) {
		got := r.mint("usr_after").order(product)
		return got, got.Status == http.StatusCreated
	})
}
