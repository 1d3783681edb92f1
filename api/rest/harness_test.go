package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"runrun/api/auth"
	"runrun/api/batch"
	"runrun/api/cache"
	"runrun/api/checkout"
	"runrun/api/picture"
	"runrun/api/rest"
	"runrun/domain"
	"runrun/domain/blob"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// shop is the whole API over a real store and an embedded Redis. The workflows are scripted: accepted orders are decided at once
// unless undecided is set, and pay and cancel do what the fields say.
type shop struct {
	t      testing.TB
	store  *store.Store
	events *redis.Events
	tokens *auth.Tokens
	api    http.Handler
	url    string

	mu        sync.Mutex
	undecided bool
	acts      []domain.StaffAction
	notices   chan string
	mails     []domain.Mail
	position  int // of every order that is not decided; 0 is none
	pay       func(ctx context.Context, o domain.Order, key string) (domain.Order, domain.PaymentResult, error)
}

// settings are what a test changes of the shop before it starts.
type settings struct {
	cfg    rest.Config
	limits checkout.LimitConfig
}

func newShop(t testing.TB, change ...func(*settings)) *shop {
	t.Helper()
	with := settings{
		cfg: rest.Config{
			DefaultLimit: 5, WebhookRate: 1, WebUI: "https://temporal.test/namespaces/shop",
			Orders: rest.StreamLimits{Most: 10, Each: 2}, Products: rest.StreamLimits{Most: 10, Each: 2},
		},
		limits: checkout.LimitConfig{Rate: 100, Burst: 100, OpenOrders: 50, OpenUnits: 500},
	}
	for _, set := range change {
		set(&with)
	}
	s := &shop{t: t, notices: make(chan string, 10), store: storetest.Open(t, storetest.SQLite(t))}
	parts := s.parts(with.limits)
	api := rest.New(t.Context(), with.cfg, parts)
	s.api = must(api.Handler())(t)
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// parts builds what the API is made of, as the server does.
func (s *shop) parts(limits checkout.LimitConfig) rest.Parts {
	t := s.t
	client, _ := redistest.Embedded(t)
	gate, reads := redis.NewGate(client), batch.Config{Writers: 2, Size: 16, Queue: 64, Timeout: 5 * time.Second}
	s.events = redis.NewEvents(client)
	listening, stopListening := context.WithCancel(context.WithoutCancel(t.Context()))
	var listener sync.WaitGroup
	listener.Go(func() { s.events.Listen(listening) })
	t.Cleanup(func() { stopListening(); listener.Wait() })
	limiter := must(redis.NewLimiter(client, func() bool { return false }))(t)
	caches := rest.Caches{
		Offers: cache.NewOffers(redis.NewProducts(client), s.store), Stocks: cache.NewStocks(s.store.Stock),
		SoldOut: &cache.SoldOut{}, Clock: cache.NewClock(s.store.Now), Categories: cache.NewCategories(s.store.Categories),
	}
	breakers := must(checkout.NewBreakers(time.Second, 10))(t)
	requests := checkout.NewRequestQueue(16)
	orders := must(checkout.NewOrders(t.Context(), s.store, s.events, func() bool { return true }, breakers.Observe, reads))(t)
	idempotency := must(checkout.NewIdempotency(s.store, reads))(t)
	held := must(checkout.NewLimits(s.store, limiter, caches.SoldOut, limits, reads))(t)
	intake := must(checkout.NewIntake(s.store, gate, s, reads))(t)
	admission := must(checkout.NewAdmission(gate, present{}, s.store, caches.Offers, caches.Stocks, caches.SoldOut))(t)
	for _, stop := range []func(){orders.Stop, idempotency.Stop, held.Stop, intake.Stop, admission.Stop} {
		t.Cleanup(stop)
	}
	s.tokens = must(auth.NewTokens(auth.Key{ID: "test", Secret: []byte("a key of the test, of at least 32 bytes")}))(t)
	notices := must(checkout.NewNotices(orders, s.store, s))(t)
	t.Cleanup(notices.Stop)
	logins := must(auth.NewLogins(s.store, limiter, &checkout.KeyedMutex{}, auth.LoginLimits{Account: 2, Address: 1000}))(t)
	demand := checkout.NewDemand(redis.NewDemand(client))
	t.Cleanup(demand.Stop)
	return rest.Parts{
		Checkout: checkout.New(checkout.Parts{
			Orders: orders, Rows: s.store, Requests: requests, Idempotency: idempotency, Limits: held, Breakers: breakers, Admission: admission,
			Pricing: checkout.NewPricing(caches.Offers, caches.Clock), Intake: intake, Workflows: s, Demand: demand,
		}),
		Requests: requests, Breakers: breakers, Rows: s.store, Queue: s,
		Accounts: rest.Accounts{
			Tokens: s.tokens, Logins: logins, Sessions: auth.NewSessions(s.store), Rows: s.store,
			Emails: auth.NewEmails(s.store, s, limiter, logins, auth.EmailLimits{Email: 3, Address: 1000}),
		},
		Changes: s.events, Caches: caches,
		Support: struct {
			*store.Store
			staff
		}{s.store, staff{s}},
		Webhooks: rest.Webhooks{Notices: notices, Limiter: limiter},
		Seller: rest.Seller{
			Catalog: s.store, Gate: gate, Edits: redis.NewProducts(client), Images: s.openImages(), Studio: picture.NewStudio(),
			Demand: redis.NewDemand(client),
		},
	}
}

// openImages keeps images in a folder of the test.
func (s *shop) openImages() *blob.Images {
	kept := must(blob.Open(s.t.Context(), blob.Config{URL: s.t.TempDir()}))(s.t)
	s.t.Cleanup(func() { _ = kept.Close() })
	return kept
}

// must returns a function that unpacks a value, or fails the test.
func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// present is a Redis that is always there.
type present struct{}

func (present) Absent() bool               { return false }
func (present) Check(context.Context) bool { return false }

// Add decides accepted orders, as their workflows would.
func (s *shop) Add(orders ...domain.Order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.undecided {
		return
	}
	for _, o := range orders {
		s.decide(o)
	}
}

// decide reserves an order's units.
func (s *shop) decide(o domain.Order) {
	batch := domain.ReserveBatch{Orders: []domain.OrderID{o.ID}, PayWithin: time.Minute}
	for _, item := range o.Items {
		batch.Products = append(batch.Products, item.ProductID)
	}
	if _, err := s.store.Reserve(context.Background(), batch); err != nil {
		s.t.Error(err)
	}
	_ = s.events.Announce(context.Background(), o.ID)
}

// Room is without end.
func (s *shop) Room() int { return 100 }

// Position is the scripted one, for orders that are not decided.
func (s *shop) Position(*domain.Order) (position int, wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.position, time.Duration(s.position) * time.Second, s.position > 0
}

func (s *shop) Trace(context.Context, domain.OrderID) {}

// Pay does what the test has scripted.
func (s *shop) Pay(ctx context.Context, o domain.Order, key string) (domain.Order, domain.PaymentResult, error) {
	return s.pay(ctx, o, key)
}

// Cancel releases the order, as its workflow would.
func (s *shop) Cancel(ctx context.Context, o domain.Order) error {
	_, err := s.store.Release(ctx, domain.Release{OrderID: o.ID, End: domain.StatusCanceled, Reason: domain.ReasonCanceled})
	return err
}

// Return takes the order back, as its workflow would.
func (s *shop) Return(ctx context.Context, o domain.Order) error {
	_, err := s.store.Move(ctx, domain.Move{OrderID: o.ID, To: domain.StatusReturning, Reason: domain.ReasonReturned, NextAfter: time.Hour})
	return err
}

// Extend gives more time to pay, as the order's workflow would.
func (s *shop) Extend(ctx context.Context, o domain.Order) error {
	_, err := s.store.Extend(ctx, o.ID)
	return err
}

// staff records what support staff ask for.
type staff struct{ shop *shop }

// Act takes a paid order back, and refuses everything else.
func (s staff) Act(ctx context.Context, o domain.Order, in domain.StaffAction) error {
	s.shop.mu.Lock()
	s.shop.acts = append(s.shop.acts, in)
	s.shop.mu.Unlock()
	if in.Name != domain.StaffRefund || !o.Status.Paid() {
		return domain.Errorf(domain.CodeOrderState, "nothing is failing")
	}
	_, err := s.shop.store.Move(ctx, domain.Move{OrderID: o.ID, To: domain.StatusCanceling, Actor: in.By, Note: in.Note})
	return err
}

// Notify and CheckPayment record which orders a webhook led to.
func (s *shop) Notify(_ context.Context, id domain.OrderID) error {
	return s.noticed("notify " + string(id))
}

// CheckPayment records the payment.
func (s *shop) CheckPayment(_ context.Context, _ domain.Order, key string) error {
	return s.noticed("check " + key)
}

// SendMail keeps what the mail says, in the place of a mail server.
func (s *shop) SendMail(ctx context.Context, id domain.MailID) error {
	mail, err := s.store.QueuedMail(ctx, id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail)
	return s.store.FinishMail(ctx, id, domain.MailSent)
}

func (s *shop) noticed(what string) error {
	s.notices <- what
	return nil
}

// answer is what the API answered.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// as is a caller of the API.
func (s *shop) as(user domain.UserID, role domain.Role) func(method, path, body string, headers ...string) answer {
	token := ""
	if user != "" {
		var err error
		if token, _, err = s.tokens.Issue(user, role, time.Now()); err != nil {
			s.t.Fatal(err)
		}
	}
	return func(method, path, body string, headers ...string) answer {
		s.t.Helper()
		r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		for n := 0; n+1 < len(headers); n += 2 {
			r.Header.Set(headers[n], headers[n+1])
		}
		return s.send(r)
	}
}

func (s *shop) send(r *http.Request) answer {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(text)}
	if len(text) > 0 && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &a.body); err != nil {
			s.t.Fatalf("%s: %v", text, err)
		}
	}
	return a
}

// shopper is a customer whom no other test knows.
func (s *shop) shopper() func(method, path, body string, headers ...string) answer {
	return s.as(domain.UserID(storetest.ID(domain.UserPrefix)), domain.RoleCustomer)
}

// want demands a status and the fields of the body, or the code of a problem.
func (a answer) want(t testing.TB, status int, fields map[string]any) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d %s, want %d", a.status, a.text, status)
	}
	for name, value := range fields {
		if a.body[name] != value {
			t.Errorf("%s is %v, want %v, in %s", name, a.body[name], value, a.text)
		}
	}
	return a
}

// problem demands a problem document with the code.
func (a answer) problem(t testing.TB, status int, code domain.Code) answer {
	t.Helper()
	a.want(t, status, map[string]any{"code": string(code), "status": float64(status)})
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s is sent as %s", code, got)
	}
	return a
}

// order is the body of an order for units of a product.
func order(product domain.ProductID, units string) string {
	return `{"items":[{"productId":"` + string(product) + `","quantity":` + units + `}],"receiver":{"name":"Kim Minji",` +
		`"phone":"010-1234-5678","zipCode":"04524","address":"110 Sejong-daero, Seoul"}}`
}
