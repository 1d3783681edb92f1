package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// event is one server-sent event.
type event struct {
	id, name string
	data     map[string]any
}

// stream reads server-sent events.
type stream struct {
	t     testing.TB
	close func()
	read  chan event // closed at the end
}

// open opens a stream, and returns the status if there is none.
func (s *shop) open(path string, header http.Header) (*stream, int) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	s.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, resp.StatusCode
	}
	st := &stream{t: s.t, close: cancel, read: make(chan event, 100)}
	go func() {
		defer close(st.read)
		defer func() { _ = resp.Body.Close() }()
		var e event
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				_ = json.Unmarshal([]byte(value), &e.data)
			case "":
				if e.data != nil {
					st.read <- e
				}
				e = event{}
			}
		}
	}()
	return st, http.StatusOK
}

// follow opens a stream that has to open.
func (s *shop) follow(path string, header http.Header) *stream {
	s.t.Helper()
	st, status := s.open(path, header)
	if st == nil {
		s.t.Fatalf("%s: %d", path, status)
	}
	return st
}

// next returns the next event of the name.
func (st *stream) next(name string) event {
	st.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case e, open := <-st.read:
			if !open {
				st.t.Fatalf("the stream ended before %q", name)
			}
			if e.name == name {
				return e
			}
		case <-limit:
			st.t.Fatalf("no %q came", name)
		}
	}
}

// rest returns the names of the events until the stream ends.
func (st *stream) rest() (names []string) {
	st.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case e, open := <-st.read:
			if !open {
				return names
			}
			names = append(names, e.name)
		case <-limit:
			st.t.Fatalf("the stream does not end after %v", names)
		}
	}
}

// eventually waits for what another goroutine of the server does after its answer.
func (s *shop) eventually(done func() bool) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			s.t.Fatal("it never happened")
		}
	}
}

func TestAnOrderIsFollowedToItsEnd(t *testing.T) {
	s := newShop(t)
	product, user := storetest.Product(t, s.store, 3), domain.UserID(storetest.ID(domain.UserPrefix))
	s.undecided, s.position = true, 3
	minji := s.as(user, domain.RoleCustomer)
	placed := minji("POST", "/v1/orders", order(product.ID, "1"), "Idempotency-Key", "k", "Prefer", "wait=0").want(t, http.StatusAccepted, nil)
	id := placed.body["id"].(string)
	token, _, err := s.tokens.Issue(user, domain.RoleCustomer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	events := s.follow("/v1/orders/"+id+"/events", http.Header{"Authorization": {"Bearer " + token}})
	if got := events.next("position"); got.data["position"] != 3.0 || got.id != "" {
		t.Errorf("the place in the queue comes as %v", got)
	}
	if got := events.next("RECEIVED"); got.id != "1" {
		t.Errorf("the first event is %v", got)
	}
	found, err := s.store.OrdersByID(t.Context(), []domain.OrderID{domain.OrderID(id)})
	if err != nil {
		t.Fatal(err)
	}
	s.decide(found[domain.OrderID(id)])
	held := events.next("HELD")
	if again := events.next(""); again.id != held.id || again.data["status"] != "HELD" {
		t.Errorf("for onmessage it comes as %v", again)
	}
	minji("POST", "/v1/orders/"+id+"/cancel", "").want(t, http.StatusOK, nil)
	if err := s.events.Announce(t.Context(), domain.OrderID(id)); err != nil {
		t.Fatal(err)
	}
	if got := events.rest(); strings.Join(got, " ") != "CANCELED " {
		t.Errorf("at the end come %q", got)
	}
}

// A reader that reconnects gets what it has not seen, and is told not to come again when nothing will follow.
func TestAStreamGoesOnAfterTheLastEventThatTheReaderHas(t *testing.T) {
	s := newShop(t)
	product, user := storetest.Product(t, s.store, 3), domain.UserID(storetest.ID(domain.UserPrefix))
	id := storetest.Held(t, s.store, user, storetest.Item(product, 1))
	token, _, err := s.tokens.Issue(user, domain.RoleCustomer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	at := func(last string) http.Header {
		return http.Header{"Authorization": {"Bearer " + token}, "Last-Event-Id": {last}}
	}
	path := "/v1/orders/" + string(id) + "/events"
	first := s.follow(path, at("1"))
	if got := first.next("HELD"); got.id != "2" {
		t.Errorf("after the first comes %v", got)
	}
	first.close()
	all := s.follow(path, at("2"))
	if got := all.next("state"); got.id != "" || got.data["status"] != "HELD" {
		t.Errorf("who has everything gets %v", got)
	}
	all.close()
	end := domain.Release{OrderID: id, End: domain.StatusCanceled, Reason: domain.ReasonCanceled}
	if _, err := s.store.Release(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	s.eventually(func() bool { _, status := s.open(path, at("3")); return status == http.StatusNoContent })
	for _, bad := range []string{"-1", "x", "1.5", "9999999999999999999999"} {
		if _, status := s.open(path, at(bad)); status != http.StatusUnprocessableEntity {
			t.Errorf("Last-Event-ID %s: %d", bad, status)
		}
	}
}

// The ticket of a browser's stream opens this order's stream, and nothing else.
func TestATicketOpensOneStream(t *testing.T) {
	s := newShop(t)
	product, user := storetest.Product(t, s.store, 3), domain.UserID(storetest.ID(domain.UserPrefix))
	id, other := storetest.Held(t, s.store, user, storetest.Item(product, 1)), storetest.Held(t, s.store, user, storetest.Item(product, 1))
	issued := s.as(user, domain.RoleCustomer)("POST", "/v1/orders/"+string(id)+"/events/ticket", "").want(t, http.StatusCreated, nil)
	ticket, _ := issued.body["ticket"].(string)
	s.follow("/v1/orders/"+string(id)+"/events?ticket="+ticket, nil).next("HELD")
	for _, path := range []string{
		"/v1/orders/" + string(other) + "/events?ticket=" + ticket, "/v1/orders/" + string(id) + "?ticket=" + ticket,
		"/v1/orders/" + string(id) + "/events?ticket=" + ticket + "x", "/v1/orders/" + string(id) + "/events",
	} {
		if _, status := s.open(path, nil); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", strings.ReplaceAll(path, ticket, "…"), status)
		}
	}
	s.shopper()("POST", "/v1/orders/"+string(id)+"/events/ticket", "").problem(t, http.StatusNotFound, domain.CodeNotFound)
}
