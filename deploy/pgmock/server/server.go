package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config says how the mock behaves.
type Config struct {
	Listen           string        `env:"PGMOCK_LISTEN" default:"127.0.0.1:8090" help:"Address to listen on; port 0 picks a free one."`
	SecretKey        string        `env:"PG_SECRET_KEY" default:"test_sk_runrun" help:"The merchant's secret key."`
	DataFile         string        `help:"File that keeps the state over a clean stop; empty keeps none." type:"path"`
	ConfirmWithin    time.Duration `default:"10m" help:"How long after the authorization a payment can be confirmed."`
	WebhookURL       string        `help:"Where status changes are sent; empty sends none."`
	Merchant         string        `env:"PGMOCK_MERCHANT" default:"RUNRUN" help:"Whom the payment window says is paid."`
	ReturnOrigins    []string      `env:"PGMOCK_RETURN_ORIGINS" default:"http://127.0.0.1:8080,http://localhost:8080" help:"Origins of shops to which the payment window sends shoppers back, with commas."`
	WebhookRetry     time.Duration `default:"1m" help:"Pause before the first repetition of a webhook; each further one is four times as long."`
	WebhookDelay     time.Duration `help:"How late webhooks are."`
	DuplicateShare   float64       `help:"Share of webhooks that are sent twice (0–1)."`
	LoseWebhookShare float64       `env:"PGMOCK_LOSE_WEBHOOKS" help:"Share of webhooks that are never sent (0–1)."`
	LatencyMin       time.Duration `help:"Shortest time an answer takes."`
	LatencyMax       time.Duration `help:"Longest time an answer takes; times are spread evenly."`
	DeclineShare     float64       `help:"Share of confirms that are declined (0–1)."`
	ErrorShare       float64       `help:"Share of confirms that fail with a 500 before anything happened (0–1)."`
	LoseShare        float64       `help:"Share of confirms that are approved and whose answer is lost (0–1)."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	for name, share := range map[string]float64{
		"duplicate-share": c.DuplicateShare, "decline-share": c.DeclineShare, "error-share": c.ErrorShare, "lose-share": c.LoseShare,
		"lose-webhook-share": c.LoseWebhookShare,
	} {
		if share < 0 || share > 1 {
			errs = append(errs, fmt.Errorf("%s: 0 to 1, not %g", name, share))
		}
	}
	if c.LatencyMax < c.LatencyMin {
		errs = append(errs, fmt.Errorf("latency-max: %s is shorter than latency-min", c.LatencyMax))
	}
	if c.ConfirmWithin <= 0 {
		errs = append(errs, errors.New("confirm-within: must be positive"))
	}
	return errors.Join(append(errs, validOrigins(c.ReturnOrigins))...)
}

// Server is the mock. Use New, then Start or Handler.
type Server struct {
	cfg      Config
	state    *state
	scripts  scripts
	webhooks *webhooks
	stopping context.Context // ends when the mock stops
	stop     context.CancelFunc
	http     *http.Server
	listener net.Listener

	mu      sync.Mutex
	origins []string // to which shoppers may be sent back, beside the configured ones
}

// New makes a mock with the configured behaviour.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s, err := load(cfg.DataFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", cfg.DataFile, err)
	}
	server := &Server{cfg: cfg, state: s, webhooks: newWebhooks(cfg)}
	server.stopping, server.stop = context.WithCancel(context.Background())
	s.expired = server.webhooks.send
	return server, nil
}

// Run serves until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	s, err := New(cfg)
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return s.Stop()
}

// Start listens; when it returns the mock answers at URL.
func (s *Server) Start(ctx context.Context) error {
	var err error
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen); err != nil {
		return err
	}
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.http.Serve(s.listener) }()
	return nil
}

// URL is where the mock answers.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// SendWebhooks sends status changes to url from now on.
func (s *Server) SendWebhooks(url string) { s.webhooks.url.Store(&url) }

// Stop ends open connections, stops the webhooks and saves the state.
func (s *Server) Stop() error {
	s.stop()
	var err error
	if s.http != nil {
		err = s.http.Close()
	}
	s.webhooks.stop()
	return errors.Join(err, s.state.save(s.cfg.DataFile))
}

// Handler routes the gateway's calls, the payment window and the control API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /v1/payments/confirm", s.call("confirm", confirmErrors, s.confirm))
	mux.Handle("GET /v1/payments/{paymentKey}", s.call("lookup", lookupErrors, s.lookup))
	mux.Handle("GET /v1/payments/orders/{orderId}", s.call("lookup", lookupErrors, s.lookupByOrder))
	mux.Handle("POST /v1/payments/{paymentKey}/cancel", s.call("cancel", cancelErrors, s.cancel))
	mux.Handle("GET /v1/transactions", s.call("transactions", commonErrors, s.listTransactions))
	mux.HandleFunc("POST /mock/authorizations", s.authorize)
	mux.HandleFunc("POST /mock/script", s.addScript)
	mux.HandleFunc("DELETE /mock/script", s.dropScripts)
	mux.HandleFunc("GET /mock/ledger", s.showLedger)
	mux.HandleFunc("GET /window", s.showWindow)
	mux.HandleFunc("POST /window", s.useWindow)
	mux.HandleFunc("GET /window.css", showWindowStyle)
	mux.HandleFunc("GET "+SDKPath, showSDK)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return http.MaxBytesHandler(mux, 1<<20)
}

// Ledger returns a copy of the money that moved.
func (s *Server) Ledger() Ledger {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return Ledger{
		Approvals: append([]Entry{}, s.state.Ledger.Approvals...),
		Cancels:   append([]Entry{}, s.state.Ledger.Cancels...),
	}
}

func (s *Server) showLedger(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Ledger())
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func writeFailure(w http.ResponseWriter, f *failure) {
	writeJSON(w, f.status, map[string]string{"code": f.Code, "message": f.Message})
}
